//! What the text of a reply says where its numbers say too little.
//!
//! Texts are for people and differ between servers, so they are asked last, and only for questions that no number
//! answers: is a mailbox named, is it about relaying, about the content, about a full mailbox.

/// Whether some word of the text is an address, `<a@b.example>`.
pub(super) fn has_an_address(text: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '"' | '\'' | ',' | ';')).any(|word| {
        let word = word.trim_matches(|c: char| matches!(c, ':' | '.' | '[' | ']'));
        word.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && domain.contains('.') && !domain.contains('@') && !domain.starts_with('.')
        })
    })
}

/// Whether it says that the relay does not relay for us, or wants a log-in first.
pub(super) fn speaks_of_relaying(text: &str) -> bool {
    says_one_of(
        text,
        &[
            "relay access denied",
            "relaying denied",
            "relay denied",
            "relay not permitted",
            "relaying not permitted",
            "relaying not allowed",
            "not allowed to relay",
            "not permitted to relay",
            "unable to relay",
            "cannot relay",
            "do not relay",
            "don't relay",
            "no relaying",
            "relaying prohibited",
            "relaying is prohibited",
            "relay prohibited",
            "authentication required",
            "authentication is required",
            "must authenticate",
            "not authenticated",
        ],
    )
}

/// Whether it says that the message's content is the reason.
pub(super) fn speaks_of_content(text: &str) -> bool {
    says_one_of(text, &["spam", "virus", "malware", "content", "attachment", "phish"])
}

/// Whether it says that the reason is who we are, and not what we wrote: authentication of our domain, block lists.
pub(super) fn speaks_of_our_standing(text: &str) -> bool {
    let phrases = [
        "dmarc",
        "dkim",
        "spf",
        "sender policy",
        "block list",
        "blocklist",
        "blacklist",
        "black list",
        "denylist",
        "dnsbl",
        "blocked using",
        "is listed",
        "listed by",
        "reputation",
        "client host",
        "your ip",
        "reverse dns",
        "ptr record",
        "not authorized",
        "not authorised",
        "unauthorized",
        "unauthenticated",
        "not accepting mail from",
        "sending limit",
    ];
    speaks_of_relaying(text) || speaks_of_our_rate(text) || says_one_of(text, &phrases)
}

/// Whether it says that we send too fast for the relay.
pub(super) fn speaks_of_our_rate(text: &str) -> bool {
    says_one_of(
        text,
        &["rate limit", "rate exceeded", "too many messages", "too much mail", "throttl", "slow down", "sending limit"],
    )
}

/// Whether it says that the mailbox has no room, rather than that the message is too large.
pub(super) fn speaks_of_a_full_mailbox(text: &str) -> bool {
    says_one_of(text, &["quota", "mailbox"])
}

fn says_one_of(text: &str, phrases: &[&str]) -> bool {
    let text = text.to_ascii_lowercase();
    phrases.iter().any(|phrase| text.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_wherever_servers_put_it() {
        for text in [
            "5.7.1 <a@b.example>: no",
            "user a@b.example unknown",
            "(a@b.example) no",
            "a@b.example: no",
            "'a@b.example'",
        ] {
            assert!(has_an_address(text), "{text}");
        }
        for text in ["no such user", "@", "a@", "@b.example", "see https://b.example/x", "a@localhost", ""] {
            assert!(!has_an_address(text), "{text}");
        }
    }
}
