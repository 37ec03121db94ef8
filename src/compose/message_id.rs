//! Message-IDs that nobody has to remember: computed from the delivery, so that every attempt bears the same one.

use ring::hmac;

/// Octets of the MAC that are kept: 80 bits are sixteen characters, and far more than anyone could try out.
const KEPT: usize = 10;

/// `<circular.delivery.mac@domain>` with the brackets (RFC 5322 §3.6.4). The MAC is HMAC-SHA-256 (RFC 2104) over circular
/// and delivery, in base32 (RFC 4648 §6, lower case), so that a report with an invented Message-ID is not believed.
pub fn message_id(key: &[u8; 32], circular: &str, delivery: i64, domain: &str) -> String {
    with_mac(&mac(key, circular, delivery), circular, delivery, domain)
}

/// The same from a MAC that is known.
pub(super) fn with_mac(mac: &str, circular: &str, delivery: i64, domain: &str) -> String {
    format!("<{}.{delivery}.{mac}@{domain}>", atom(circular))
}

/// The sixteen characters that also make a message's boundary.
pub(super) fn mac(key: &[u8; 32], circular: &str, delivery: i64) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    context.update(circular.as_bytes());
    // No circular's name holds a NUL, so no two pairs give the same octets.
    context.update(&[0]);
    context.update(&delivery.to_be_bytes());
    base32(&context.sign().as_ref()[..KEPT])
}

/// What of a circular's name can stand in an atom (RFC 5322 §3.2.3), in lower case, at most 40 characters.
fn atom(circular: &str) -> String {
    let kept: String = circular
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .take(40)
        .collect();
    match kept.trim_matches('-') {
        "" => "c".to_owned(),
        kept => kept.to_owned(),
    }
}

fn base32(octets: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut out = String::with_capacity(octets.len() * 8 / 5);
    for five in octets.chunks(5) {
        let bits = five.iter().fold(0_u64, |bits, octet| (bits << 8) | u64::from(*octet));
        for place in (0..8).rev() {
            let index = usize::try_from((bits >> (place * 5)) & 31).unwrap_or_default();
            out.push(char::from(ALPHABET[index]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_that_of_rfc_4648() {
        assert_eq!(base32(b"fooba"), "mzxw6ytb");
        assert_eq!(base32(b"foobafooba"), "mzxw6ytbmzxw6ytb");
    }

    #[test]
    fn a_delivery_has_one_message_id_and_no_other_delivery_has_it() {
        let key = [7; 32];
        let id = message_id(&key, "BDT/DNS/DGS/112", 41, "itu.example");
        assert_eq!(id, message_id(&key, "BDT/DNS/DGS/112", 41, "itu.example"));
        assert!(id.starts_with("<bdt-dns-dgs-112.41.") && id.ends_with("@itu.example>"), "{id}");
        for other in [
            message_id(&key, "BDT/DNS/DGS/112", 42, "itu.example"),
            message_id(&key, "BDT/DNS/DGS/113", 41, "itu.example"),
            message_id(&[8; 32], "BDT/DNS/DGS/112", 41, "itu.example"),
        ] {
            assert_ne!(id, other);
        }
        assert!(message_id(&key, "通函", 1, "x.example").starts_with("<c.1."));
        assert!(message_id(&key, &"long/".repeat(90), 1, "x.example").len() < 100);
    }
}
