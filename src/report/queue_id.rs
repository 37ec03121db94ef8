//! The name under which a relay keeps a message, read from its answer to the final dot.
//!
//! RFC 5321 leaves the text after 250 to the server, but most say there what their own logs call the message. With it the
//! relay's administrator finds the message in one search. Only known forms are read: a word that merely looks like an
//! identifier (a duration, a host) is none.

/// The queue identifier in a relay's words, with or without the enhanced status code at their head.
pub fn queue_id(reply: &str) -> Option<&str> {
    let words = without_status(reply.trim());
    after(words, "queued as ")
        .or_else(|| after(words, "id="))
        .or_else(|| after(words, "[InternalId="))
        .or_else(|| before(words, " Message accepted for delivery"))
        .or_else(|| before(words, " - gsmtp"))
        .or_else(|| after(words, " qp "))
        .or_else(|| in_brackets(words, "queued ("))
        .or_else(|| alone_after_ok(words))
}

/// `2.0.0 Ok: …` without its first word.
fn without_status(text: &str) -> &str {
    match text.split_once(' ') {
        Some((first, rest)) if first.split('.').count() == 3 && first.starts_with("2.") => rest.trim_start(),
        _ => text,
    }
}

/// Where `mark` stands at the head of a word, whatever its case.
fn find(text: &str, mark: &str) -> Option<usize> {
    let (text, mark) = (text.to_ascii_lowercase(), mark.to_ascii_lowercase());
    let inside = mark.starts_with(|c: char| !c.is_ascii_alphanumeric());
    text.match_indices(&mark).map(|(at, _)| at).find(|at| {
        inside || *at == 0 || text[..*at].ends_with(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
    })
}

fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    identifier(text[find(text, mark)? + mark.len()..].split_whitespace().next()?)
}

fn before<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    identifier(text[..find(text, mark)?].split_whitespace().next_back()?)
}

fn in_brackets<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let inner = text[find(text, mark)? + mark.len()..].split(')').next()?;
    // `Queued (0.125 seconds)` is how long it took
    if inner.contains(' ') { None } else { identifier(inner) }
}

/// `Ok 0102018f-…-000000`: one long word and nothing else.
fn alone_after_ok(text: &str) -> Option<&str> {
    const SHORTEST: usize = 16;
    let (ok, rest) = text.split_once(' ')?;
    let word = rest.trim();
    let lone = ok.eq_ignore_ascii_case("ok") && !word.contains(' ') && word.len() >= SHORTEST;
    if lone { identifier(word) } else { None }
}

/// Without the punctuation around it; `None` where it says nothing.
fn identifier(word: &str) -> Option<&str> {
    let word =
        word.trim_matches(|c: char| matches!(c, '.' | ',' | ';' | ':' | '<' | '>' | '(' | ')' | '[' | ']' | '"'));
    let plausible =
        word.len() >= 4 && word.chars().any(|c| c.is_ascii_digit()) && word.chars().all(|c| c.is_ascii_graphic());
    plausible.then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_that_relays_use_are_read_and_nothing_else_is_taken_for_one() {
        for (reply, found) in [
            // Postfix, short and long identifiers, behind LMTP too
            ("2.0.0 Ok: queued as 4F2B3C1D5E", Some("4F2B3C1D5E")),
            ("2.0.0 Ok: queued as 4XyZ1b2Q3Rz1Wj", Some("4XyZ1b2Q3Rz1Wj")),
            ("Ok: queued as 9C1A2B", Some("9C1A2B")),
            ("2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as AB12CD", Some("AB12CD")),
            // Exchange
            (
                "2.6.0 <20261207@itu.example> [InternalId=36455889862830, Hostname=MX1.house.example] Queued mail for delivery",
                Some("36455889862830"),
            ),
            ("2.6.0 <a@b.example> Queued mail for delivery", None),
            // sendmail and those that speak like it
            ("2.0.0 5B7Fq3Xl012345 Message accepted for delivery", Some("5B7Fq3Xl012345")),
            ("2.0.0 1a2b3c4d Message accepted for delivery", Some("1a2b3c4d")),
            ("2.0.0 Message accepted for delivery", None),
            // Exim
            ("OK id=1rTnQx-000AbC-1k", Some("1rTnQx-000AbC-1k")),
            ("OK id=1vFaQ2-00000001abc-0dE1", Some("1vFaQ2-00000001abc-0dE1")),
            ("2.0.0 Ok valid=2026", None),
            // qmail
            ("ok 1796000000 qp 12345", Some("12345")),
            // large providers
            ("2.0.0 OK  1796000000 ffacd0b85a97d-42b8f7-20si123.4 - gsmtp", Some("ffacd0b85a97d-42b8f7-20si123.4")),
            ("Ok 0102018f3a4b5c6d-1e2f3a4b-000000", Some("0102018f3a4b5c6d-1e2f3a4b-000000")),
            // others that name a queue in brackets; a duration is no name
            ("Message Queued (3D1F6E2A-77B1.1)", Some("3D1F6E2A-77B1.1")),
            ("Queued (0.125 seconds)", None),
            // no name at all
            ("2.0.0 Ok", None),
            ("Ok", None),
            ("", None),
            ("2.0.0 Rehearsed, kept as 000001-a@b.example.eml", None),
            ("queued as ", None),
            ("settled by a person: it arrived", None),
            ("2.0.0 Ok: queued as \u{202e}123456", None),
            ("Принято 12345", None),
        ] {
            assert_eq!(queue_id(reply), found, "{reply}");
        }
    }
}
