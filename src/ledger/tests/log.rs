//! Every filter against a plain reading of all rows.

use super::{super::*, *};
use crate::{
    addressees::{Address, is_same_country},
    compose::Role,
};

fn holds(filter: &LogFilter, entry: &LogEntry) -> bool {
    let changed = entry.last_attempt_at.unwrap_or(entry.queued_at);
    let domain = entry.address.rsplit('@').next().unwrap_or_default().to_lowercase();
    filter.circular.is_none_or(|circular| entry.reference == format!("X/{}", circular.0))
        && (filter.states.is_empty() || filter.states.iter().any(|state| state.as_str() == entry.state))
        && filter.group.as_ref().is_none_or(|group| entry.groups.contains(group))
        && filter.mailbox.as_ref().is_none_or(|mailbox| entry.address.to_lowercase() == mailbox.as_str())
        && filter.domain.as_ref().is_none_or(|wanted| *wanted == domain)
        && filter
            .country
            .as_ref()
            .is_none_or(|country| entry.country.as_deref().is_some_and(|found| is_same_country(found, country)))
        && filter.language.as_ref().is_none_or(|language| *language == entry.language)
        && filter.role.is_none_or(|role| entry.role == if role == Role::Copy { "copy" } else { "to" })
        && filter.relay.as_ref().is_none_or(|relay| entry.relay.as_ref() == Some(relay))
        && filter.since.is_none_or(|since| changed >= since)
        && filter.until.is_none_or(|until| changed < until)
}

/// Each filter alone, each pair, and some that nothing matches.
fn filters() -> Vec<LogFilter> {
    type Set = Box<dyn Fn(&mut LogFilter)>;
    let states = |states: &'static [State]| -> Set { Box::new(move |filter| filter.states = states.to_vec()) };
    let sets: Vec<Set> = vec![
        Box::new(|_| {}),
        Box::new(|filter| filter.circular = Some(CircularId(1))),
        Box::new(|filter| filter.circular = Some(CircularId(2))),
        states(&[State::Refused]),
        states(&[State::Refused, State::Held]),
        states(&[State::Accepted]),
        states(&[State::Queued]),
        states(&[State::Queued, State::Held]),
        states(&[State::Withdrawn, State::Accepted]),
        states(&[State::Expired]),
        Box::new(|filter| filter.group = Some("a".into())),
        Box::new(|filter| filter.group = Some("nobody".into())),
        Box::new(|filter| filter.country = Some("LAND 7".into())),
        Box::new(|filter| filter.language = Some("ar".into())),
        Box::new(|filter| filter.language = Some("zh".into())),
        Box::new(|filter| filter.role = Some(Role::Copy)),
        Box::new(|filter| filter.role = Some(Role::To)),
        Box::new(|filter| filter.relay = Some("spare".into())),
        Box::new(|filter| filter.relay = Some("main".into())),
        Box::new(|filter| filter.domain = Some("m3.example".into())),
        Box::new(|filter| filter.mailbox = Some(Address::parse("office7-0@m0.example").expect("one").mailbox())),
        Box::new(|filter| filter.since = Some(at(700))),
        Box::new(|filter| filter.since = Some(at(5_200))),
        Box::new(|filter| filter.until = Some(at(300))),
        Box::new(|filter| (filter.since, filter.until) = (Some(at(100)), Some(at(5_001)))),
        Box::new(|filter| filter.since = Some(at(99_000))),
    ];
    let mut filters = Vec::new();
    for (index, first) in sets.iter().enumerate() {
        for second in &sets[index..] {
            let mut filter = LogFilter::default();
            first(&mut filter);
            second(&mut filter);
            filters.push(filter);
        }
    }
    filters
}

#[tokio::test]
async fn every_filter_gives_what_a_plain_reading_gives_whatever_the_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path()).await;
    let all = ledger.log(&LogFilter::default(), chrono_tz::UTC).await.expect("a log");
    assert_eq!(all.len(), 600, "what is still being staged does not count");
    assert!(all.is_sorted_by_key(|entry| entry.delivery));
    for (index, filter) in filters().into_iter().enumerate() {
        let expected: Vec<i64> = all.iter().filter(|entry| holds(&filter, entry)).map(|entry| entry.delivery).collect();
        // an index of few rows is read whole; where all have many, issues, stretches and other indexes rule rows out
        let (limit, few) = [(7, 4_096), (100, 20), (1_000, 2), (100, 2), (7, 2)][index % 5];
        let (mut found, mut asked) = (Vec::new(), filter.clone());
        loop {
            let page = ledger.page(&asked, limit, few, chrono_tz::UTC).await.expect("a page");
            assert!(page.entries.len() <= limit as usize);
            found.extend(page.entries.iter().map(|entry| entry.delivery));
            match page.next {
                Some(next) => asked.after = Some(next),
                None => break,
            }
        }
        assert_eq!(found, expected, "few {few}: {filter:?}");
    }
    ledger.close().await;
}

#[tokio::test]
async fn a_country_is_found_and_counted_however_it_is_spelled() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path()).await;
    for asked in ["Land 7", "länd 7", "LÄND 7", "land 7"] {
        let filter = LogFilter { country: Some(asked.into()), ..LogFilter::default() };
        let found = ledger.log(&filter, chrono_tz::UTC).await.expect("a log");
        let spelled: std::collections::BTreeSet<_> = found.into_iter().filter_map(|entry| entry.country).collect();
        assert_eq!(spelled.into_iter().collect::<Vec<_>>(), ["Land 7", "LÄND 7"], "{asked}");
    }
    let totals = ledger.totals_by(CircularId(1), Breakdown::Country).await.expect("totals");
    assert_eq!(totals.keys().filter(|country| country.ends_with(" 7")).count(), 1, "{totals:?}");
    let whole: u64 = totals.values().map(crate::report::Totals::frozen).sum();
    assert_eq!(whole, ledger.totals(CircularId(1)).await.expect("totals").frozen());
    ledger.close().await;
}

#[tokio::test]
async fn a_page_is_as_long_as_asked_for_and_the_list_as_its_limit() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path()).await;
    let filter = LogFilter { limit: Some(5), ..LogFilter::default() };
    assert_eq!(ledger.log(&filter, chrono_tz::UTC).await.expect("a log").len(), 5);
    let filter = LogFilter { limit: Some(0), ..LogFilter::default() };
    assert!(ledger.log(&filter, chrono_tz::UTC).await.expect("a log").is_empty());
    ledger.close().await;
}

#[tokio::test]
async fn attempts_are_followed_in_their_order_each_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path()).await;
    let zone = chrono_tz::UTC;
    let last = ledger.last_attempt().await.expect("a number");
    let all = ledger.attempts_after(0, &LogFilter::default(), zone).await.expect("attempts");
    assert_eq!(all.last().map(|(number, _)| *number), Some(last));
    assert!(all.is_sorted_by_key(|(number, _)| *number));
    let refused = LogFilter { states: vec![State::Refused], ..LogFilter::default() };
    let refused = ledger.attempts_after(0, &refused, zone).await.expect("attempts");
    assert!(
        !refused.is_empty() && refused.iter().all(|(_, entry)| entry.state == "refused" && entry.code == Some(550))
    );
    let spare = LogFilter { relay: Some("spare".into()), ..LogFilter::default() };
    let spare = ledger.attempts_after(0, &spare, zone).await.expect("attempts");
    assert!(!spare.is_empty() && spare.iter().all(|(_, entry)| entry.relay.as_deref() == Some("spare")));
    assert!(ledger.attempts_after(last, &LogFilter::default(), zone).await.expect("attempts").is_empty());
    ledger.close().await;
}
