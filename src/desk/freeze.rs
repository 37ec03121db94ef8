//! Freezes a circular that is due: from here on its files may change as they like.

use chrono::{DateTime, Utc};

use super::{Desk, DeskError, Understood, Version, annexes::Annex, parent::Parent, understand};
use crate::{
    circular::{FileName, largest_file},
    compose::{COMPOSER, MessageHead, Role, content_type},
    folders::{read_regular, scan},
    ledger::{CircularRecord, FrozenAnnex, FrozenPart, IssueDraft, IssueHead, NewIssue, Published, Staging},
    schedule::Cron,
};

/// The files of one stem as they lie now.
pub(crate) fn read_stem(desk: &Desk, stem: &str) -> Result<Vec<(String, Vec<u8>)>, DeskError> {
    let mut files = Vec::new();
    for seen in scan(&desk.workspace.templates())?.files {
        if let FileName::Letter { stem: of, .. } = FileName::parse(&seen.name)
            && of == stem
            && let Ok(octets) = read_regular(&seen.path, largest_file(&seen.name))
        {
            files.push((seen.name, octets));
        }
    }
    Ok(files)
}

/// Freezes `record`, which is due. The text is read anew and must be the one that was seen.
pub async fn freeze(desk: &Desk, record: &CircularRecord) -> Result<Published, DeskError> {
    let files = read_stem(desk, &record.stem)?;
    let understood = understand(desk, &record.stem, &files).await?;
    let same = understood.digest().as_slice() == record.digest
        && understood.addressees.as_ref().map(|hash| hash.as_slice()) == record.addressees.as_deref();
    let Some(original) = understood.original() else { return Ok(Published::Changed) };
    if understood.first_error().is_some() || !same {
        return Ok(Published::Changed);
    }
    let Some(new) = new_issue(desk, record, &understood, original) else { return Ok(Published::Changed) };
    let now = desk.now();
    let Some(draft) = desk.ledger.stage_issue(&new, now).await? else { return Ok(Published::Changed) };
    let mut languages = vec![new.original];
    languages.extend(understood.versions.iter().skip(1).map(|version| version.letter.language));
    let staging =
        Staging { reach: &understood.reach, languages: &languages, now, today: desk.today(), not_frozen_for: None };
    stage_everybody(desk, draft, &staging, understood.parent.as_ref()).await?;
    let next = record.repeat.as_deref().and_then(|repeat| next_tick(desk, repeat, now));
    Ok(desk.ledger.publish_issue(draft, next, desk.rules.approvals, now).await?)
}

/// Writes the rows of an issue: the parent's addressees, To, Copy, the offices' copies, in this order, since who is there keeps
/// the role. `parent` is the circular whose messages these answer to.
pub(super) async fn stage_everybody(
    desk: &Desk,
    draft: IssueDraft,
    staging: &Staging<'_>,
    parent: Option<&Parent>,
) -> Result<(), DeskError> {
    let reach = staging.reach;
    if let Some(parent) = reach.parent {
        desk.ledger.stage_addressees_of(draft, parent, staging).await?;
    }
    if let Some(parent) = parent.filter(|parent| reach.parent == Some(parent.id)) {
        desk.ledger.mark_left(draft, &parent.groups, staging.today).await?;
    }
    let to = reach.to.iter().map(|selection| (Role::To, selection));
    let copy = reach.copy.iter().map(|selection| (Role::Copy, selection));
    for (role, selection) in to.chain(copy) {
        desk.ledger.stage_addressees(draft, role, selection, staging).await?;
    }
    for selection in reach.to.iter().chain(&reach.copy) {
        desk.ledger.stage_office_copies(draft, selection, staging).await?;
    }
    if let Some(parent) = parent {
        desk.ledger.thread_with(draft, parent.id).await?;
    }
    Ok(())
}

/// Ticks missed while the daemon was down have become this one issue.
fn next_tick(desk: &Desk, repeat: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let cron = Cron::parse(repeat).ok()?;
    cron.next_after(now, desk.rules.zone).map(|run| run.utc())
}

/// From, Reply-To, Date and List-Id of all messages of the circular, were it frozen now.
pub(super) fn message_head(desk: &Desk, understood: &Understood) -> MessageHead {
    let sender = &desk.rules.senders[understood.sender];
    let reply_to = if understood.reply_to.is_empty() { &sender.reply_to } else { &understood.reply_to };
    MessageHead {
        from_name: sender.from_name.clone(),
        from_address: sender.from.as_str().to_owned(),
        reply_to: reply_to.iter().map(|address| address.as_str().to_owned()).collect(),
        domain: sender.return_path.domain().to_owned(),
        list_id: sender.list_id(),
        date: desk.now().with_timezone(&desk.rules.zone).fixed_offset(),
    }
}

fn frozen_annex(annex: &Annex) -> FrozenAnnex {
    FrozenAnnex {
        name: annex.name.clone(),
        content_type: content_type(&annex.name, &annex.octets),
        sha256: annex.sha256,
        octets: annex.octets.clone(),
    }
}

fn new_issue(desk: &Desk, record: &CircularRecord, understood: &Understood, original: &Version) -> Option<NewIssue> {
    let sender = &desk.rules.senders[understood.sender];
    let parts = understood.versions.iter().map(|version| {
        let rendered = serde_json::to_string(version.rendered.as_ref()?).ok()?;
        Some(FrozenPart {
            language: version.letter.language,
            file: version.file.clone(),
            sha256: version.sha256,
            rendered,
        })
    });
    Some(NewIssue {
        circular: record.id,
        reference: original.letter.reference.as_ref()?.value.to_string(),
        subject: original.letter.subject.as_ref()?.value.clone(),
        head: IssueHead {
            sender: sender.name.clone(),
            return_path: sender.return_path.as_str().to_owned(),
            composer: COMPOSER,
            message: message_head(desk, understood),
        },
        original: original.letter.language,
        parts: parts.collect::<Option<_>>()?,
        digest: record.digest.clone(),
        addressees: understood.addressees,
        reach: understood.reach.named(),
        annexes: understood.annexes.iter().map(frozen_annex).collect(),
    })
}
