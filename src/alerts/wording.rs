//! What operators read: what happened, since when, what it means for the letters, what to do.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Kind, LONGEST_WORDS, Line, Message, clean, subject};
use crate::report::format_moment;

/// What one alert has to say to one reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Say {
    /// It has opened.
    Opened,
    /// It has ended; that it had opened was told before.
    Resolved,
    /// It opened and ended before anything could be told.
    Both,
}

/// An alert, as far as a reader is concerned.
#[derive(Debug, Clone)]
pub struct Told {
    /// What it is about.
    pub kind: Kind,
    /// Which relay, group, file or circular.
    pub key: String,
    /// Why, in words of ours or of the relay.
    pub what: String,
    /// When it opened.
    pub opened_at: DateTime<Utc>,
    /// When it ended.
    pub resolved_at: Option<DateTime<Utc>>,
    /// How often it has opened since.
    pub times: i64,
    /// What is new.
    pub say: Say,
    /// Addresses of the copies in doubt, for that kind.
    pub names: Vec<String>,
    /// How many of them are held for a person.
    pub held: usize,
    /// How many of them go on by themselves.
    pub going: usize,
}

/// More than this are counted, not listed.
const MOST_ALERTS: usize = 50;
const MOST_NAMES: usize = 40;

/// One message about all that is new to one reader; `dashboard` is where people find one.
pub fn notice(all: &[Told], zone: Tz, dashboard: Option<&str>) -> Message {
    let mut lines = Vec::new();
    let (open, over): (Vec<&Told>, Vec<&Told>) = all.iter().partition(|told| told.say == Say::Opened);
    for told in open.iter().chain(&over).take(MOST_ALERTS) {
        lines.extend(paragraph(told, zone));
    }
    if all.len() > MOST_ALERTS {
        lines.push(Line(0, format!("And {} more.", all.len() - MOST_ALERTS)));
        lines.push(Line(0, String::new()));
    }
    let place = dashboard.map(|url| format!(", and so does the dashboard: {url}/alerts"));
    let place = place.as_deref().unwrap_or(".");
    lines.push(Line(0, format!("`circulard alerts` lists what is open and what was{place}")));
    let headline = match (open.len(), over.len()) {
        (1, 0) => title(open[0]),
        (0, 1) => format!("resolved: {}", title(over[0])),
        (0, _) => format!("resolved: {} alerts", over.len()),
        (_, 0) => format!("{} alerts: {}, …", open.len(), title(open[0])),
        _ => format!("{} open ({}, …), {} resolved", open.len(), title(open[0]), over.len()),
    };
    Message { subject: subject(&format!("[circulard] {headline}")), lines }
}

fn paragraph(told: &Told, zone: Tz) -> Vec<Line> {
    let at = |at: DateTime<Utc>| format_moment(at, zone);
    let since = match (told.say, told.resolved_at) {
        (Say::Opened, _) | (_, None) => format!("since {}", at(told.opened_at)),
        (_, Some(end)) => format!("from {} to {}", at(told.opened_at), at(end)),
    };
    let often = if told.times > 1 { format!("; {} times since then", told.times) } else { String::new() };
    let mark = match told.say {
        Say::Opened => "OPEN",
        Say::Resolved | Say::Both => "RESOLVED",
    };
    let mut lines = vec![Line(0, format!("{mark}: {}", title(told))), Line(2, format!("{since}{often}"))];
    let what = clean(&told.what, LONGEST_WORDS);
    if !what.is_empty() {
        lines.push(Line(2, what));
    }
    let shown = told.names.iter().take(MOST_NAMES);
    lines.extend(shown.map(|name| Line(4, clean(name, LONGEST_WORDS))));
    if told.names.len() > MOST_NAMES {
        lines.push(Line(4, format!("and {} more", told.names.len() - MOST_NAMES)));
    }
    lines.push(Line(2, if told.say == Say::Opened { remedy(told) } else { aftermath(told) }));
    lines.push(Line(0, String::new()));
    lines
}

/// What is the matter, or was, in a line that fits a subject.
fn title(told: &Told) -> String {
    let key = clean(&told.key, 100);
    let (is, has, does) = match told.say {
        Say::Opened => ("is", "has", "does"),
        Say::Resolved | Say::Both => ("was", "had", "did"),
    };
    match told.kind {
        Kind::RelayDown => format!("relay \"{key}\" {is} down"),
        Kind::AuthenticationRefused => format!("relay \"{key}\" {does} not take our mail"),
        Kind::Paused => format!("{key} {is} paused"),
        Kind::GroupFrozen => format!("the list \"{key}\" {is} frozen"),
        Kind::InDoubt => format!("{key} {has} copies in doubt"),
        Kind::Parked => format!("the letter \"{key}\" {is} parked"),
        Kind::Late => format!("{key} {is} late and held for a person"),
        Kind::Completed => format!("{key} {is} completed"),
    }
}

/// What it means, and what to do.
fn remedy(told: &Told) -> String {
    let key = clean(&told.key, 100);
    match told.kind {
        Kind::RelayDown => "Nothing is lost: the letters wait, nobody has been charged an attempt, and sending goes on by \
             itself once the relay answers. Ask its administrator if it lasts."
            .to_owned(),
        Kind::AuthenticationRefused => "Nothing is lost: the letters wait. Ask the relay's administrator why it refuses us; \
             if it is the password, put the new one into the relay's password file, it is read for every session. It is \
             tried again every half hour."
            .to_owned(),
        Kind::Paused => format!(
            "The relay refuses this circular in a way that is not its addressees' doing; they are queued again. \
             `circulard show \"{key}\"` has the relay's words. Mend the cause, then `circulard release \"{key}\"`. What is \
             refused once more for the same reason, while others have got it, is then refused for good."
        ),
        Kind::GroupFrozen => format!(
            "The list as it lies is not used, the version before it stays in force. `circulard groups {key}` shows why; \
             mend the file, or `circulard groups accept {key}`, if it is meant so."
        ),
        Kind::InDoubt => format!(
            "The relay gave no answer after the end of these copies, so they may have arrived. {}. If the relay's log or the \
             office tells more: `circulard settle \"{key}\" ADDRESS accepted` or `lost`.",
            what_follows(told)
        ),
        Kind::Parked => format!(
            "It is not sent as it lies. `circulard check` and the note templates/{key}.problems.txt say line by line what to \
             mend; once it is saved it goes its way."
        ),
        Kind::Late => format!("If it should still go out: `circulard release \"{key}\"`. If not: `circulard cancel \"{key}\"`."),
        Kind::Completed => String::new(),
    }
}

/// Whether copies in doubt go on by themselves.
fn what_follows(told: &Told) -> &'static str {
    match (told.held, told.going) {
        (0, _) => "They are tried once more with the same Message-ID, and held if that ends so too",
        (_, 0) => "They are held, and nothing more is sent to them before a person decides",
        _ => {
            "Those that are held wait until a person decides; the others are tried once more with the same Message-ID, and \
             held if that ends so too"
        }
    }
}

/// Nothing to do any more.
fn aftermath(told: &Told) -> String {
    match told.kind {
        Kind::RelayDown | Kind::AuthenticationRefused => "It takes mail again; what waited goes out.".to_owned(),
        Kind::InDoubt => {
            "None of them is in doubt any more; those tried twice are marked as possible duplicates.".to_owned()
        }
        _ => "Nothing is left to do about it.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: Kind, say: Say) -> Told {
        let opened_at = DateTime::from_timestamp(1_796_000_000, 0).expect("a time");
        let resolved_at = (say != Say::Opened).then(|| opened_at + chrono::TimeDelta::minutes(3));
        Told {
            kind,
            key: "main".to_owned(),
            what: "connect: refused".to_owned(),
            opened_at,
            resolved_at,
            times: 1,
            say,
            names: Vec::new(),
            held: 0,
            going: 0,
        }
    }

    fn text(message: &Message) -> String {
        message.lines.iter().map(|line| format!("{}{}\n", " ".repeat(line.0.into()), line.1)).collect()
    }

    #[test]
    fn one_alert_says_what_since_when_and_what_to_do() {
        let message = notice(&[told(Kind::RelayDown, Say::Opened)], Tz::Europe__Zurich, Some("http://127.0.0.1:8112"));
        assert_eq!(message.subject, "[circulard] relay \"main\" is down");
        let text = text(&message);
        assert!(text.starts_with("OPEN: relay \"main\" is down\n  since 2026-11-30 "), "{text}");
        assert!(text.contains(" CET (+01:00)\n  connect: refused\n  Nothing is lost"), "{text}");
        assert!(text.ends_with(" and so does the dashboard: http://127.0.0.1:8112/alerts\n"), "{text}");
    }

    #[test]
    fn what_opened_and_ended_untold_is_told_with_both_times() {
        let message = notice(&[told(Kind::RelayDown, Say::Both)], Tz::UTC, None);
        assert_eq!(message.subject, "[circulard] resolved: relay \"main\" was down");
        let text = text(&message);
        assert!(text.contains("from 2026-11-30 ") && text.contains(" to 2026-11-30 "), "{text}");
    }

    #[test]
    fn a_thousand_are_one_message_with_an_end() {
        let mut all = vec![told(Kind::Parked, Say::Opened); 1000];
        all.push(told(Kind::Paused, Say::Resolved));
        let message = notice(&all, Tz::UTC, None);
        assert_eq!(message.subject, "[circulard] 1000 open (the letter \"main\" is parked, …), 1 resolved");
        assert!(text(&message).contains("And 951 more."));
        assert!(message.lines.len() < 400);
    }

    #[test]
    fn of_copies_that_are_held_nobody_hears_that_they_are_tried_again() {
        let names = vec!["a@x.example (held)".to_owned(), "b@x.example".to_owned()];
        for (held, going, says, never) in [
            (0, 2, "They are tried once more", "are held,"),
            (1, 1, "Those that are held wait", "They are"),
            (2, 0, "nothing more is sent to them before a person decides", "tried once more"),
        ] {
            let told = Told { names: names.clone(), held, going, ..told(Kind::InDoubt, Say::Opened) };
            let text = text(&notice(&[told], Tz::UTC, None));
            assert!(text.contains(says) && !text.contains(never), "{held}: {text}");
        }
    }

    #[test]
    fn a_hostile_key_stays_in_its_line() {
        let hostile = Told { key: "x\r\nBcc: a@b.example\u{202E}".repeat(40), ..told(Kind::Parked, Say::Opened) };
        let message = notice(&[hostile], Tz::UTC, None);
        assert!(!message.subject.contains(['\r', '\n', '\u{202E}']), "{}", message.subject);
        assert!(message.lines.iter().all(|line| !line.1.contains(['\r', '\n', '\u{202E}'])));
    }

    #[test]
    fn every_kind_has_words_for_both_ends() {
        for kind in Kind::ALERTS {
            for say in [Say::Opened, Say::Resolved, Say::Both] {
                let text = text(&notice(&[told(kind, say)], Tz::UTC, None));
                assert!(text.contains("main") && text.len() > 100, "{kind} {say:?}: {text}");
            }
        }
    }
}
