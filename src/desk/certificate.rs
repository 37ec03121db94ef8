//! The certificate of dispatch: reads one moment of the ledger twice, first to count and hash, then to write.
//!
//! The first reading makes the totals from the very addressees that are listed, and the hash that every sheet carries; the
//! second writes them. Both see the same moment, so a circular that is going out gives an interim certificate that adds up.

use std::{collections::BTreeMap, io::Write};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use ring::digest::{Context, SHA256};

use super::{Desk, DeskError};
use crate::{
    delivery::State,
    ledger::{Addressees, CircularRecord, IssueProof, LedgerError, ProvenDelivery, Snapshot},
    report::{
        certificate::{
            Approval, Counted, FORM, Facts, HashedFile, HtmlCertificate, Issue, JsonCertificate, Line, PastEvent, Seal,
            Section, Supplement, Voided,
        },
        queue_id, rfc3339,
    },
};

/// Addressees read at once: bounds the memory.
const PAGE: u32 = 2_000;

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateForm {
    /// One page to print, sign and file.
    Html,
    /// For programs.
    Json,
    /// The page as PDF/A, to sign electronically; needs the cargo feature `pdf`.
    Pdf,
}

/// What was certified, for the line that tells of it.
#[derive(Debug, Clone)]
pub struct Certified {
    /// Facts, with the totals.
    pub facts: Facts,
    /// Hash and time.
    pub seal: Seal,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// Nothing was frozen.
    #[error("{0} has not been frozen yet, so there is nothing to certify; `circulard show` says what it waits for")]
    NothingFrozen(String),
    /// Its page cannot be written.
    #[error("certificate: {0}")]
    Io(#[from] std::io::Error),
    /// There is no PDF, and what to do instead.
    #[error("{0}")]
    NoPdf(String),
    /// The ledger.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl From<LedgerError> for CertificateError {
    fn from(error: LedgerError) -> Self {
        Self::Desk(error.into())
    }
}

/// Writes the certificate of a circular.
pub async fn certificate<W: Write + Send>(
    desk: &Desk,
    record: &CircularRecord,
    form: CertificateForm,
    out: W,
) -> Result<Certified, CertificateError> {
    #[cfg(not(feature = "pdf"))]
    if form == CertificateForm::Pdf {
        return Err(CertificateError::NoPdf(
            "this circulard was built without PDF: build it with `cargo build --release --features pdf`, or print the page that \
             `--format html` gives"
                .to_owned(),
        ));
    }
    let mut snapshot = desk.ledger.snapshot().await?;
    let name = || record.reference.clone().unwrap_or_else(|| record.stem.clone());
    let record = snapshot.circular(record.id).await?.ok_or_else(|| CertificateError::NothingFrozen(name()))?;
    let issues = snapshot.issues(record.id).await?;
    if issues.is_empty() {
        return Err(CertificateError::NothingFrozen(name()));
    }
    let read = read_through(desk, &mut snapshot, &issues).await?;
    let certified = state_facts(desk, &mut snapshot, &record, &issues, read).await?;
    match form {
        CertificateForm::Html => write_html(desk, &mut snapshot, &issues, &certified, out).await?,
        CertificateForm::Json => write_json(desk, &mut snapshot, &issues, &certified, out).await?,
        #[cfg(feature = "pdf")]
        CertificateForm::Pdf => write_pdf(desk, &mut snapshot, &issues, &certified, out).await?,
        #[cfg(not(feature = "pdf"))]
        CertificateForm::Pdf => {}
    }
    Ok(certified)
}

/// From the first attempt to the last acceptance.
type Window = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// What the first reading finds.
struct FirstReading {
    counted: Counted,
    hash: Context,
    /// By issue: the first attempt still on record, and the last acceptance.
    window: BTreeMap<i64, Window>,
}

async fn read_through(
    desk: &Desk,
    snapshot: &mut Snapshot,
    issues: &[IssueProof],
) -> Result<FirstReading, CertificateError> {
    let mut read =
        FirstReading { counted: Counted::default(), hash: Context::new(&SHA256), window: BTreeMap::default() };
    for issue in issues {
        let mut after = 0;
        let window = read.window.entry(issue.issue.number).or_default();
        window.0 = snapshot.first_attempt(&issue.issue).await?;
        loop {
            let page = snapshot.addressees(&issue.issue, Addressees::All, after, PAGE, desk.rules.zone).await?;
            let Some(last) = page.last() else { break };
            after = last.entry.delivery;
            for proven in &page {
                let line = line(proven, desk.rules.zone)?;
                window.1 = window.1.max(proven.entry.accepted_at.map(|at| at.to_utc()));
                read.counted.add(&line);
                hash_line(&mut read.hash, &line)?;
            }
        }
    }
    Ok(read)
}

fn hash_line(hash: &mut Context, line: &impl serde::Serialize) -> Result<(), std::io::Error> {
    hash.update(&serde_json::to_vec(line)?);
    hash.update(b"\n");
    Ok(())
}

async fn state_facts(
    desk: &Desk,
    snapshot: &mut Snapshot,
    record: &CircularRecord,
    issues: &[IssueProof],
    read: FirstReading,
) -> Result<Certified, CertificateError> {
    let zone = desk.rules.zone;
    let ledger = snapshot.ledger().await?;
    let FirstReading { counted, mut hash, window } = read;
    let deliveries = counted.totals.frozen();
    let newest = &issues[issues.len() - 1].issue;
    let references = references(record, issues);
    let approvals = snapshot.approvals(record.id).await?.into_iter().map(|approval| Approval {
        by: approval.by,
        at: rfc3339(approval.at, zone),
        content: hex(&approval.digest),
        addressees: approval.addressees.as_deref().map(hex),
        went_out: approval.voided.is_none()
            && issues
                .iter()
                .any(|frozen| frozen.issue.digest == approval.digest && frozen.addressees == approval.addressees),
        voided: approval.voided.map(|(at, because)| Voided { at: rfc3339(at, zone), because }),
    });
    let events = snapshot.events(&references).await?.into_iter().map(|event| PastEvent {
        event: event.id,
        at: rfc3339(event.at, zone),
        kind: event.kind,
        by: event.by,
        reason: event.reason,
        hash: hex(&event.hash),
    });
    let countries = counted.countries();
    let facts = Facts {
        form: FORM,
        ledger: ledger.id,
        rehearsal: ledger.rehearsal || desk.ledger.path() == desk.workspace.rehearsal_ledger(),
        interim: counted.totals.finished() < counted.totals.frozen(),
        reference: newest.reference.clone(),
        subject: newest.subject.clone(),
        state: record.state.as_str().to_owned(),
        reason: record.reason.clone(),
        time_zone: zone.name().to_owned(),
        supplement: supplement(snapshot, record).await?,
        issues: issues.iter().map(|issue| issue_facts(issue, issues, window.get(&issue.issue.number), zone)).collect(),
        approvals: approvals.collect(),
        events: events.collect(),
        totals: counted.totals,
        groups: counted.groups,
        countries,
        languages: counted.languages,
        possible_duplicates: counted.possible_duplicates,
        settled: counted.settled,
    };
    hash_line(&mut hash, &facts)?;
    let seal = Seal {
        facts_sha256: hex(hash.finish().as_ref()),
        deliveries,
        made_at: rfc3339(desk.now(), zone),
        made_by: concat!("circulard ", env!("CARGO_PKG_VERSION")).to_owned(),
        ledger_events: ledger.events,
        chain_head: hex(&ledger.head),
    };
    Ok(Certified { facts, seal })
}

async fn supplement(snapshot: &mut Snapshot, record: &CircularRecord) -> Result<Option<Supplement>, LedgerError> {
    let parent = snapshot.parent_of(record).await?;
    Ok(record.supplement.clone().zip(parent).map(|(what, to)| Supplement { what, to }))
}

/// A circular may have been printed with its reference in several spellings.
fn references(record: &CircularRecord, issues: &[IssueProof]) -> Vec<String> {
    super::distinct(record.reference.iter().chain(issues.iter().map(|issue| &issue.issue.reference)).cloned())
}

fn issue_facts(proof: &IssueProof, all: &[IssueProof], window: Option<&Window>, zone: Tz) -> Issue {
    let (issue, message) = (&proof.issue, &proof.issue.head.message);
    let file = |name: &str, kind: &str, sha256: &[u8], octets| HashedFile {
        name: name.to_owned(),
        kind: kind.to_owned(),
        sha256: hex(sha256),
        octets,
    };
    let (first, last) = window.copied().unwrap_or_default();
    Issue {
        number: issue.number,
        reference: issue.reference.clone(),
        subject: issue.subject.clone(),
        from: match &message.from_name {
            Some(name) => format!("{name} <{}>", message.from_address),
            None => message.from_address.clone(),
        },
        return_path: issue.head.return_path.clone(),
        repeats: issue
            .source
            .and_then(|source| all.iter().find(|other| other.issue.id == source))
            .map(|other| other.issue.number),
        frozen_at: rfc3339(issue.frozen_at, zone),
        first_attempt_at: first.map(|at| rfc3339(at, zone)),
        last_accepted_at: last.map(|at| rfc3339(at, zone)),
        completed_at: proof.completed_at.map(|at| rfc3339(at, zone)),
        frozen: issue.total,
        versions: proof.versions.iter().map(|(language, name, hash)| file(name, language, hash, None)).collect(),
        annexes: proof.annexes.iter().map(|(name, kind, hash, size)| file(name, kind, hash, Some(*size))).collect(),
    }
}

fn line(proven: &ProvenDelivery, zone: Tz) -> Result<Line, LedgerError> {
    let entry = proven.entry.clone();
    let at = |at: Option<DateTime<chrono::FixedOffset>>| at.map(|at| rfc3339(at.to_utc(), zone));
    let state: State = entry
        .state
        .parse()
        .map_err(|_| LedgerError::Unreadable { what: "delivery.state", found: entry.state.clone() })?;
    let accepted_with = entry.reply.as_deref().filter(|_| state == State::Accepted);
    Ok(Line {
        queue_id: accepted_with.and_then(queue_id).map(str::to_owned),
        delivery: entry.delivery,
        issue: entry.issue,
        role: entry.role,
        groups: entry.groups,
        copy_of: entry.copy_of,
        address: entry.address,
        name: entry.name,
        organization: entry.organization,
        country: entry.country,
        language: entry.language,
        in_reply_to: entry.in_reply_to,
        state,
        attempts: entry.attempts,
        doubts: proven.doubts,
        possible_duplicate: entry.possible_duplicate,
        relay: entry.relay,
        stage: entry.stage,
        code: entry.code,
        status: entry.status,
        reply: entry.reply,
        message_id: entry.message_id,
        sha256: entry.sha256,
        last_attempt_at: at(entry.last_attempt_at),
        accepted_at: at(entry.accepted_at),
        next_attempt_at: at(entry.next_attempt_at),
    })
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

async fn write_html<W: Write + Send>(
    desk: &Desk,
    snapshot: &mut Snapshot,
    issues: &[IssueProof],
    certified: &Certified,
    out: W,
) -> Result<(), CertificateError> {
    let mut page = HtmlCertificate::begin(out, &certified.facts, &certified.seal)?;
    page.section(Section::Exceptions)?;
    for_each(desk, snapshot, issues, Addressees::ToLookAt, |line| page.push(line)).await?;
    page.breakdowns(&certified.facts)?;
    page.section(Section::Everyone)?;
    for_each(desk, snapshot, issues, Addressees::All, |line| page.push(line)).await?;
    Ok(page.finish(&certified.facts, &certified.seal)?)
}

async fn write_json<W: Write + Send>(
    desk: &Desk,
    snapshot: &mut Snapshot,
    issues: &[IssueProof],
    certified: &Certified,
    out: W,
) -> Result<(), CertificateError> {
    let mut json = JsonCertificate::begin(out, &certified.facts)?;
    for_each(desk, snapshot, issues, Addressees::All, |line| json.push(line)).await?;
    Ok(json.finish(&certified.seal)?)
}

#[cfg(feature = "pdf")]
async fn write_pdf<W: Write + Send>(
    desk: &Desk,
    snapshot: &mut Snapshot,
    issues: &[IssueProof],
    certified: &Certified,
    mut out: W,
) -> Result<(), CertificateError> {
    let Certified { facts, seal } = certified;
    let no_pdf = |error: crate::report::certificate::NoPdf| CertificateError::NoPdf(error.to_string());
    let mut pdf = crate::report::certificate::PdfCertificate::begin(seal).map_err(no_pdf)?;
    for_each(desk, snapshot, issues, Addressees::All, |line| {
        pdf.push(line, &facts.reference);
        Ok(())
    })
    .await?;
    let octets = pdf.finish(facts, seal, super::fonts::installed()).map_err(|error| {
        CertificateError::NoPdf(format!(
            "{error} (fonts are taken from /usr/share/fonts: Debian's fonts-noto-core and fonts-noto-cjk have all scripts)"
        ))
    })?;
    Ok(out.write_all(&octets).and_then(|()| out.flush())?)
}

async fn for_each(
    desk: &Desk,
    snapshot: &mut Snapshot,
    issues: &[IssueProof],
    which: Addressees,
    mut push: impl FnMut(&Line) -> std::io::Result<()>,
) -> Result<(), CertificateError> {
    for issue in issues {
        let mut after = 0;
        loop {
            let page = snapshot.addressees(&issue.issue, which, after, PAGE, desk.rules.zone).await?;
            let Some(last) = page.last() else { break };
            after = last.entry.delivery;
            for proven in &page {
                push(&line(proven, desk.rules.zone)?)?;
            }
        }
    }
    Ok(())
}
