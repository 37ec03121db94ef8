//! Addresses as logs show them: enough to recognise, too little to write to.

/// `a***@domain.example`; `***` where there is no `@`.
pub fn mask(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => {
            let first: String = local.chars().take(1).collect();
            format!("{first}***@{domain}")
        }
        None => "***".to_owned(),
    }
}

/// Masks every address in a text, such as a server's reply.
pub fn mask_within(text: &str) -> String {
    let in_address = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '@' | '\'' | '=');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(in_address) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c| !in_address(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        out.push_str(before);
        match word.trim_matches('.').split_once('@') {
            Some((local, domain)) if !local.is_empty() && domain.contains('.') => out.push_str(&mask(word)),
            _ => out.push_str(word),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_letter_and_the_domain_are_left() {
        for (address, masked) in [
            ("anna.muster@ministry.example", "a***@ministry.example"),
            ("é@b.example", "é***@b.example"),
            ("\"a@b\"@c.example", "\"***@c.example"),
            ("@b.example", "***@b.example"),
            ("no address", "***"),
            ("", "***"),
        ] {
            assert_eq!(mask(address), masked);
        }
    }

    #[test]
    fn addresses_in_a_servers_words_are_masked_and_the_words_stay() {
        assert_eq!(
            mask_within("550 5.1.1 <office@regulator.example>: no such user, ask postmaster@regulator.example."),
            "550 5.1.1 <o***@regulator.example>: no such user, ask p***@regulator.example."
        );
        assert_eq!(mask_within("250 2.0.0 Ok: queued @ once"), "250 2.0.0 Ok: queued @ once");
    }
}
