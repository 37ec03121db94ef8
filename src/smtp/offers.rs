//! What a relay offers in its answer to EHLO, read by ourselves: keywords in any case (RFC 5321 §2.4), unknown ones
//! passed over, LIMITS (RFC 9422) included.

/// The extensions that matter to us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offers {
    /// Commands may go in one write (RFC 2920).
    pub pipelining: bool,
    /// SIZE is offered (RFC 1870).
    pub size: bool,
    /// The largest message in octets; `None`: no limit announced.
    pub size_limit: Option<u64>,
    /// Octets above 127 in bodies (RFC 6152).
    pub eight_bit: bool,
    /// UTF-8 in addresses and headers (RFC 6531).
    pub smtputf8: bool,
    /// Delivery reports can be ordered (RFC 3461).
    pub dsn: bool,
    /// Replies carry enhanced status codes (RFC 2034).
    pub enhanced_status: bool,
    /// STARTTLS (RFC 3207).
    pub starttls: bool,
    /// SASL mechanisms in capitals, in the relay's order (RFC 4954).
    pub mechanisms: Vec<String>,
    /// MAILMAX: transactions per session.
    pub mail_max: Option<u32>,
    /// RCPTMAX: recipients per transaction.
    pub rcpt_max: Option<u32>,
    /// RCPTDOMAINMAX: recipient domains per session.
    pub rcpt_domain_max: Option<u32>,
}

impl Offers {
    /// Reads the lines of the 250; the first is the relay's name.
    pub fn read(lines: &[String]) -> Self {
        let mut offers = Self::default();
        for line in lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            // "AUTH=LOGIN" is how servers offered it before the standard had the blank.
            let mut words = line.split([' ', '=', '\t']).filter(|word| !word.is_empty());
            match words.next() {
                Some("PIPELINING") => offers.pipelining = true,
                Some("SIZE") => {
                    offers.size = true;
                    // 0 is "no fixed limit" (RFC 1870 §4).
                    offers.size_limit = words.next().and_then(|limit| limit.parse().ok()).filter(|limit| *limit > 0);
                }
                Some("8BITMIME") => offers.eight_bit = true,
                Some("SMTPUTF8") => offers.smtputf8 = true,
                Some("DSN") => offers.dsn = true,
                Some("ENHANCEDSTATUSCODES") => offers.enhanced_status = true,
                Some("STARTTLS") => offers.starttls = true,
                Some("AUTH") => offers.add_mechanisms(words),
                Some("LIMITS") => offers.read_limits(line.split_whitespace().skip(1)),
                _ => {}
            }
        }
        offers
    }

    fn add_mechanisms<'a>(&mut self, words: impl Iterator<Item = &'a str>) {
        for word in words {
            if !self.mechanisms.iter().any(|known| known == word) {
                self.mechanisms.push(word.to_owned());
            }
        }
    }

    /// `MAILMAX=100 RCPTMAX=1`; a limit of 0 or a broken one is none.
    fn read_limits<'a>(&mut self, words: impl Iterator<Item = &'a str>) {
        for (name, value) in words.filter_map(|word| word.split_once('=')) {
            let limit = value.parse().ok().filter(|limit| *limit > 0);
            match name {
                "MAILMAX" => self.mail_max = limit,
                "RCPTMAX" => self.rcpt_max = limit,
                "RCPTDOMAINMAX" => self.rcpt_domain_max = limit,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Offers {
        let mut all = vec!["relay.example".to_owned()];
        all.extend(lines.iter().map(ToString::to_string));
        Offers::read(&all)
    }

    #[test]
    fn keywords_are_read_in_any_case_and_unknown_ones_passed_over() {
        let offers =
            read(&["pipelining", "Size 1000", "8bitmime", "smtputf8", "Dsn", "EnhancedStatusCodes", "XCLIENT A B", ""]);
        assert!(offers.pipelining && offers.size && offers.eight_bit && offers.smtputf8 && offers.dsn);
        assert!(offers.enhanced_status && !offers.starttls);
        assert_eq!(offers.size_limit, Some(1000));
    }

    #[test]
    fn a_size_of_nothing_or_nought_is_no_limit() {
        for line in ["SIZE", "SIZE 0", "SIZE many"] {
            let offers = read(&[line]);
            assert!(offers.size, "{line}");
            assert_eq!(offers.size_limit, None, "{line}");
        }
    }

    #[test]
    fn mechanisms_come_from_both_spellings_of_auth() {
        assert_eq!(read(&["AUTH plain LOGIN", "AUTH=LOGIN CRAM-MD5"]).mechanisms, ["PLAIN", "LOGIN", "CRAM-MD5"]);
    }

    #[test]
    fn limits_are_read() {
        let offers = read(&["LIMITS mailmax=50 RCPTMAX=0 RCPTDOMAINMAX=2 OTHER=1 X"]);
        assert_eq!((offers.mail_max, offers.rcpt_max, offers.rcpt_domain_max), (Some(50), None, Some(2)));
    }

    #[test]
    fn the_name_line_is_never_an_offer() {
        assert_eq!(Offers::read(&["PIPELINING".to_owned()]), Offers::default());
    }
}
