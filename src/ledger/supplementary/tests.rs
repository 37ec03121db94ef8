//! A supplementary issue that is cut off, and two of one circular at once.

use std::{collections::BTreeMap, ops::ControlFlow, path::Path};

use chrono::{DateTime, Utc};

use super::*;
use crate::{
    addressees::{GroupBook, GroupName, Limits, Selection, Term, read_labelled_group},
    circular::{Language, Reference},
    compose::{MessageHead, Role},
    ledger::{Act, IssueHead, NamedReach, NewIssue, NewOrder, Origin, Published, Reach, Sighting, Staging},
};

const FIRST: &str = "email,copy_to\na@one.example,mission@one.example\nb@two.example,\n";
const SECOND: &str =
    "email,copy_to\na@one.example,mission@one.example\nb@two.example,\nc@three.example,m@three.example\n";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
}

fn offices() -> Selection {
    let group = GroupName::new("offices").expect("a name");
    let term = Term { source: group.clone(), conditions: BTreeMap::new() };
    Selection { group, terms: vec![term], except: Vec::new() }
}

async fn accept(ledger: &Ledger, list: &str) {
    let name = GroupName::new("offices").expect("a name");
    let mut members = Vec::new();
    let summary = read_labelled_group(
        std::io::Cursor::new(list.as_bytes()),
        &Limits::default(),
        &GroupBook::default(),
        |member| {
            members.push(member);
            ControlFlow::Continue(())
        },
    );
    let staged = ledger.stage_group(&name, "offices.csv", &[1; 32], now()).await.expect("staged");
    ledger.stage_members(&staged, &members).await.expect("staged");
    ledger.accept_group(staged, &summary.expect("a list"), "ada", now()).await.expect("accepted");
}

async fn stage_rows(ledger: &Ledger, draft: IssueDraft) {
    let reach = Reach { to: vec![offices()], ..Reach::default() };
    let today = now().date_naive();
    let staging = Staging { reach: &reach, languages: &[Language::EN], now: now(), today, not_frozen_for: None };
    ledger.stage_addressees(draft, Role::To, &offices(), &staging).await.expect("staged");
    ledger.stage_office_copies(draft, &offices(), &staging).await.expect("staged");
}

/// A circular that was frozen for the first list, and then the second list.
async fn frozen(folder: &Path) -> (Ledger, CircularRecord, IssueRecord) {
    let ledger = Ledger::open_or_create(&folder.join("ledger.db"), Origin::Init, now()).await.expect("a ledger");
    accept(&ledger, FIRST).await;
    let sighting = Sighting {
        stem: "x".into(),
        letters: Vec::new(),
        reference: Reference::new("Circular X/1"),
        subject: Some("S".into()),
        state: CircularState::Ready,
        reason: None,
        due_at: Some(now()),
        repeat: None,
        digest: [1; 32],
        addressees: None,
        confidential: false,
        supplement: None,
        parent: None,
        dated: None,
        lay_there: None,
    };
    let circular = ledger.see(&sighting, now()).await.expect("seen").expect("new").id;
    let message = MessageHead {
        from_name: None,
        from_address: "a@b.example".into(),
        reply_to: Vec::new(),
        domain: "b.example".into(),
        list_id: "b.example".into(),
        date: now().fixed_offset(),
    };
    let new = NewIssue {
        circular,
        reference: "Circular X/1".into(),
        subject: "S".into(),
        head: IssueHead { sender: "s".into(), return_path: "a@b.example".into(), composer: 1, message },
        original: Language::EN,
        parts: Vec::new(),
        digest: vec![1; 32],
        addressees: None,
        annexes: Vec::new(),
        reach: NamedReach::default(),
    };
    let draft = ledger.stage_issue(&new, now()).await.expect("staged").expect("due");
    stage_rows(&ledger, draft).await;
    let Published::Issue(issue) = ledger.publish_issue(draft, None, 0, now()).await.expect("published") else {
        panic!("not frozen");
    };
    assert_eq!(issue.total, 3);
    accept(&ledger, SECOND).await;
    let record = ledger.circulars().await.expect("read").remove(0);
    (ledger, record, *issue)
}

async fn ordered(ledger: &Ledger, record: &CircularRecord) -> Order {
    ledger.order(&NewOrder::Circular(record.id, Act::ResendNew), "ada", "they joined", now()).await.expect("ordered");
    ledger.open_orders().await.expect("read").pop().expect("open")
}

async fn staged(ledger: &Ledger, source: &IssueRecord) -> IssueDraft {
    let draft = ledger.stage_supplementary(source, now().fixed_offset(), now()).await.expect("staged");
    stage_rows(ledger, draft).await;
    draft
}

#[tokio::test]
async fn cut_off_before_it_counts_it_leaves_no_trace_and_its_order_is_begun_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ledger, record, source) = frozen(folder.path()).await;
    let order = ordered(&ledger, &record).await;
    staged(&ledger, &source).await;
    // the next start
    ledger.discard_staging().await.expect("discarded");
    assert_eq!(ledger.issues(record.id).await.expect("read").len(), 1);
    assert_eq!(ledger.totals(record.id).await.expect("read").frozen(), 3);
    assert_eq!(ledger.open_orders().await.expect("read").len(), 1, "the order stands");

    let draft = staged(&ledger, &source).await;
    let said = ledger.publish_supplementary(draft, &record, &order, 0, now()).await.expect("published");
    assert_eq!(said, Ok("issue 2 is frozen for 2 new mailboxes".to_owned()));
    assert!(ledger.open_orders().await.expect("read").is_empty());
    let issues = ledger.issues(record.id).await.expect("read");
    assert_eq!((issues[1].number, issues[1].source, issues[1].total), (2, Some(source.id), 2));
    assert!(issues[1].rows.0 > issues[0].rows.1 && issues[1].rows.1 > issues[1].rows.0, "{:?}", issues[1].rows);
    assert_eq!(ledger.circulars().await.expect("read")[0].state, CircularState::Sending);
    assert!(ledger.verify_totals().await.expect("read").is_empty());
    ledger.close().await;
}

#[tokio::test]
async fn two_at_once_send_nobody_two_copies() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ledger, record, source) = frozen(folder.path()).await;
    let order = ordered(&ledger, &record).await;
    let (one, other) = (staged(&ledger, &source).await, staged(&ledger, &source).await);
    ledger.publish_supplementary(one, &record, &order, 0, now()).await.expect("published").expect("two are new");
    let said = ledger.publish_supplementary(other, &record, &order, 0, now()).await.expect("asked");
    assert_eq!(said, Err(NOBODY_NEW.to_owned()));
    assert_eq!(ledger.totals(record.id).await.expect("read").frozen(), 5);
    assert!(ledger.verify_totals().await.expect("read").is_empty(), "the tally is that of the rows");
    ledger.close().await;
}

#[tokio::test]
async fn a_list_that_changes_while_it_is_staged_stops_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ledger, record, source) = frozen(folder.path()).await;
    let order = ordered(&ledger, &record).await;
    let draft = staged(&ledger, &source).await;
    accept(&ledger, FIRST).await;
    let said = ledger.publish_supplementary(draft, &record, &order, 0, now()).await.expect("asked");
    assert!(said.as_ref().is_err_and(|why| why.contains("order it again")), "{said:?}");
    assert_eq!(ledger.issues(record.id).await.expect("read").len(), 1);
    ledger.close().await;
}
