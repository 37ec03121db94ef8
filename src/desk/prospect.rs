//! What would happen to a letter that is ready: who gets it, how many, in which language, when, with which files, and what
//! differs from the last time. Nothing is decided here; the freeze counts by the same rules.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    Desk, DeskError, Understood,
    surroundings::{Outlook, Surroundings},
};
use crate::{
    addressees::by_country,
    circular::{Language, Send},
    ledger::{Compared, IssueNames, IssueRecord, Sighting},
    report::rfc3339,
    schedule::{Release, is_late},
};

/// What would happen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Prospect {
    /// Messages, one for each mailbox.
    pub messages: i64,
    /// Those among them that are copies, for information.
    pub copies: i64,
    /// Those among the copies that an office asks for (`copy_to`), and nothing else puts there.
    pub office_copies: i64,
    /// Mailboxes in several of the letter's groups.
    pub several: i64,
    /// Language → messages.
    pub languages: BTreeMap<String, i64>,
    /// Messages in the original for want of a language of theirs.
    pub fallback: i64,
    /// Country → messages.
    pub countries: BTreeMap<String, i64>,
    /// Messages to mailboxes without a country.
    pub without_country: i64,
    /// Region → messages.
    pub regions: BTreeMap<String, i64>,
    /// Countries of the lists with no mailbox that is reached.
    pub not_reached: Vec<String>,
    /// Mailboxes of its groups that would get nothing, by why.
    pub left_out: BTreeMap<&'static str, i64>,
    /// RFC 3339.
    pub due_at: Option<String>,
    /// `window`, `head`, `now` or `repeat`
    pub due_by: &'static str,
    /// The runs after it, of a repeated circular.
    pub then: Vec<String>,
    /// Later than allowed: it would wait for a person.
    pub late: bool,
    /// "ITU BDT <bdtmail@itu.example>"
    pub from: String,
    /// Reply-To.
    pub reply_to: Vec<String>,
    /// Files that go with it.
    pub attachments: Vec<Attachment>,
    /// How many people must approve it, and how many have.
    pub approvals: Approvals,
    /// The last issue of the same circular, or else of its series.
    pub before: Option<Before>,
    /// `due_at` and the times after it, for people.
    #[serde(skip)]
    pub times: Vec<DateTime<Utc>>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// As addressees see it.
    pub name: String,
    /// Its size.
    pub octets: usize,
}

/// How many people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Approvals {
    /// By the configuration, and one more for a letter marked confidential.
    pub needed: u32,
    /// For this very content and these addressees.
    pub given: i64,
    /// How many are wanting.
    pub missing: i64,
    /// Who had approved it before it was changed and has not since, and what was changed.
    pub voided: Vec<Voided>,
}

/// One approval that counts no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Voided {
    /// Whose.
    pub by: String,
    /// What was changed.
    pub because: String,
}

/// What differs from an earlier issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Before {
    /// As it was printed.
    pub reference: String,
    /// Which issue of it.
    pub issue: i64,
    /// RFC 3339.
    pub frozen_at: String,
    /// How many it went to.
    pub addressees: i64,
    /// Mailboxes it did not go to.
    pub new: i64,
    /// The first of them, by name.
    pub new_names: Vec<String>,
    /// Mailboxes that would get nothing now.
    pub gone: i64,
    /// The first of them, by name.
    pub gone_names: Vec<String>,
    /// `groups`, `sender`, `languages`, `annexes` that are not the same: before and now.
    pub changes: BTreeMap<&'static str, (String, String)>,
    /// `frozen_at`, for people.
    #[serde(skip)]
    pub at: DateTime<Utc>,
}

/// What would happen to a circular in which nothing is wrong.
pub(super) async fn prospect(
    desk: &Desk,
    understood: &Understood,
    sighting: &Sighting,
    surroundings: &Surroundings,
) -> Result<Prospect, DeskError> {
    let languages: Vec<Language> = understood.versions.iter().map(|version| version.letter.language).collect();
    let Outlook { alike, office_copies, left_out } = surroundings.outlook(desk, &understood.reach, &languages).await?;
    let sender = &desk.rules.senders[understood.sender];
    let reply_to = if understood.reply_to.is_empty() { &sender.reply_to } else { &understood.reply_to };
    let mut prospect = Prospect {
        from: match &sender.from_name {
            Some(name) => format!("{name} <{}>", sender.from.as_str()),
            None => sender.from.as_str().to_owned(),
        },
        reply_to: reply_to.iter().map(|address| address.as_str().to_owned()).collect(),
        attachments: understood
            .annexes
            .iter()
            .map(|annex| Attachment { name: annex.name.clone(), octets: annex.octets.len() })
            .collect(),
        not_reached: left_out.countries,
        office_copies,
        ..Prospect::default()
    };
    let original = languages.first().copied().unwrap_or(Language::EN);
    for alike in &alike {
        let count = alike.mailboxes;
        prospect.messages += count;
        prospect.copies += if alike.copy { count } else { 0 };
        prospect.several += if alike.several { count } else { 0 };
        prospect.fallback += if alike.language.is_none() { count } else { 0 };
        let language = alike.language.clone().unwrap_or_else(|| original.to_string());
        *prospect.languages.entry(language).or_default() += count;
        match &alike.country {
            Some(country) => *prospect.countries.entry(country.clone()).or_default() += count,
            None => prospect.without_country += count,
        }
        if let Some(region) = &alike.region {
            *prospect.regions.entry(region.clone()).or_default() += count;
        }
    }
    let weight = |count: &i64| count.unsigned_abs();
    prospect.countries = by_country(std::mem::take(&mut prospect.countries), weight, |sum, more| *sum += more);
    let why = [("not_valid", left_out.not_valid), ("excepted", left_out.excepted), ("excluded", left_out.excluded)];
    prospect.left_out = why.into_iter().filter(|(_, count)| *count > 0).collect();
    tell_when(desk, understood, sighting, &mut prospect);
    prospect.approvals = approvals(desk, understood).await?;
    prospect.before = before(desk, understood, surroundings).await?;
    Ok(prospect)
}

async fn approvals(desk: &Desk, understood: &Understood) -> Result<Approvals, DeskError> {
    let needed = understood.approvals_needed(desk);
    if needed == 0 {
        return Ok(Approvals::default());
    }
    let addressees = understood.addressees.as_ref().map(<[u8; 32]>::as_slice);
    let all = desk.ledger.approvals_of(&understood.stem, &understood.digest(), addressees).await?;
    let given: BTreeSet<&str> = all.iter().filter(|one| one.counts).map(|one| one.by.as_str()).collect();
    let voided = all.iter().filter(|one| !given.contains(one.by.as_str()));
    let voided = voided.filter_map(|one| {
        let (_, because) = one.voided.as_ref()?;
        Some(Voided { by: one.by.clone(), because: because.clone() })
    });
    let count = i64::try_from(given.len()).unwrap_or(i64::MAX);
    Ok(Approvals { needed, given: count, missing: (i64::from(needed) - count).max(0), voided: voided.collect() })
}

fn tell_when(desk: &Desk, understood: &Understood, sighting: &Sighting, prospect: &mut Prospect) {
    /// Runs of a repeated circular that are named.
    const RUNS: usize = 3;
    let send = understood.original().and_then(|original| original.letter.head.send.as_ref()).map(|found| &found.value);
    prospect.due_by = match (&understood.repeat, send, &desk.rules.release) {
        (Some(_), _, _) => "repeat",
        (None, Some(Send::At(_)), _) => "head",
        (None, Some(Send::Now), _) | (None, None, Release::Now) => "now",
        (None, None, Release::Windows(_)) => "window",
    };
    prospect.times = sighting.due_at.into_iter().collect();
    if let (Some(cron), Some(first)) = (&understood.repeat, sighting.due_at) {
        let next = |at: &DateTime<Utc>| cron.next_after(*at, desk.rules.zone).map(|run| run.utc());
        prospect.times = std::iter::successors(Some(first), next).take(RUNS).collect();
    }
    let shown: Vec<String> = prospect.times.iter().map(|at| rfc3339(*at, desk.rules.zone)).collect();
    prospect.due_at = shown.first().cloned();
    prospect.then = shown.into_iter().skip(1).collect();
    prospect.late = sighting.due_at.is_some_and(|due| is_late(due, desk.now(), desk.rules.late_after));
}

/// The last issue of the circular itself, or the last circular of its series, with what is not as it was then.
async fn before(
    desk: &Desk,
    understood: &Understood,
    surroundings: &Surroundings,
) -> Result<Option<Before>, DeskError> {
    if understood.reach.parent.is_some() {
        // it goes to whom its parent went: there is nothing else to compare it with
        return Ok(None);
    }
    let reference = understood.original().and_then(|original| original.letter.reference.as_ref());
    let Some(key) = reference.map(|found| found.value.key().to_string()) else { return Ok(None) };
    let Some(issue) = desk.ledger.issue_before(&key, &understood.stem, series(&key)).await? else { return Ok(None) };
    let Compared { new, new_names, gone, gone_names } = surroundings.compare(desk, &understood.reach, issue.id).await?;
    Ok(Some(Before {
        reference: issue.reference.clone(),
        issue: issue.number,
        frozen_at: rfc3339(issue.frozen_at, desk.rules.zone),
        at: issue.frozen_at,
        addressees: issue.total,
        changes: changes(desk, understood, &issue, &surroundings.issue_names(desk, issue.id).await?),
        new,
        new_names,
        gone,
        gone_names,
    }))
}

/// What the keys of a series begin with, up to their number.
fn series(key: &str) -> Option<&str> {
    let series = key.trim_end_matches(|c: char| c.is_ascii_digit());
    (series.len() < key.len() && series.chars().any(char::is_alphabetic)).then_some(series)
}

fn changes(
    desk: &Desk,
    understood: &Understood,
    issue: &IssueRecord,
    then: &IssueNames,
) -> BTreeMap<&'static str, (String, String)> {
    let reach = &understood.reach;
    let mut groups: Vec<String> =
        reach.to.iter().chain(&reach.copy).map(|selection| selection.group.to_string()).collect();
    groups.sort();
    groups.dedup();
    let mut languages: Vec<String> =
        understood.versions.iter().map(|version| version.letter.language.to_string()).collect();
    languages.sort();
    let now: Vec<(String, Vec<u8>)> =
        understood.annexes.iter().map(|annex| (annex.name.clone(), annex.sha256.to_vec())).collect();
    let names =
        |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let sender = desk.rules.senders[understood.sender].from.as_str().to_owned();
    let all = [
        ("groups", then.groups.join(", "), groups.join(", ")),
        ("sender", issue.head.message.from_address.clone(), sender),
        ("languages", then.languages.join(", "), languages.join(", ")),
    ];
    let mut changes: BTreeMap<_, _> =
        all.into_iter().filter(|(_, then, now)| then != now).map(|(what, then, now)| (what, (then, now))).collect();
    if then.annexes != now {
        changes.insert("annexes", (names(&then.annexes), names(&now)));
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_what_stands_before_the_last_number() {
        let table = [("bdt/dns/dgs/112", Some("bdt/dns/dgs/")), ("circular", None), ("112", None), ("a-7b", None)];
        for (key, expected) in table {
            assert_eq!(series(key), expected, "{key}");
        }
    }
}
