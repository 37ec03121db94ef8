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
}
