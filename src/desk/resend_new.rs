//! `resend REF --new`: a supplementary issue to mailboxes that have joined a circular's groups since it was frozen.

use std::collections::BTreeSet;

use chrono::Utc;

use super::{
    Desk, DeskError,
    freeze::stage_everybody,
    listed,
    parent::{Parent, parent_of},
    reach::Groups,
};
use crate::{
    circular::Language,
    compose::Rendered,
    ledger::{Act, CircularRecord, CircularState, IssueDraft, IssueRecord, LedgerError, Order, Reach, Staging},
};

/// Carries an order out: the ledger alone, but for a supplementary issue, which is staged from the lists first. `Err` inside:
/// why it cannot be done.
pub async fn carry_out(desk: &Desk, order: &Order) -> Result<Result<String, String>, DeskError> {
    if order.act != Act::ResendNew {
        return Ok(desk.ledger.carry_out(order, desk.rules.approvals, desk.now()).await?);
    }
    let record = desk.ledger.circulars().await?.into_iter().find(|record| record.id == order.circular);
    let Some(record) = record else {
        return Ok(desk.ledger.refuse(None, order, "the circular is gone", desk.now()).await?);
    };
    let again = match Again::of(desk, &record).await? {
        Ok(again) => again,
        Err(why) => return Ok(desk.ledger.refuse(Some(&record), order, &why, desk.now()).await?),
    };
    let now = desk.now();
    let date = now.with_timezone(&desk.rules.zone).fixed_offset();
    let draft = desk.ledger.stage_supplementary(&again.source, date, now).await?;
    again.stage(desk, draft, now).await?;
    if let Some(why) = again.objection(desk, draft).await? {
        desk.ledger.drop_draft(draft).await?;
        return Ok(desk.ledger.refuse(Some(&record), order, &why, desk.now()).await?);
    }
    Ok(desk.ledger.publish_supplementary(draft, &record, order, desk.rules.approvals, desk.now()).await?)
}

/// How many mailboxes a supplementary issue would go to now, or why there can be none.
pub async fn count_new(desk: &Desk, record: &CircularRecord) -> Result<Result<i64, String>, DeskError> {
    let again = match Again::of(desk, record).await? {
        Ok(again) => again,
        Err(why) => return Ok(Err(why)),
    };
    let (reach, today) = (&again.reach, desk.today());
    let mut mailboxes: BTreeSet<String> = desk.lists.mailboxes(reach, today).await?.into_iter().collect();
    mailboxes.extend(desk.lists.office_copies(reach, today).await?.into_keys());
    if let Some(parent) = reach.parent {
        let excluded = desk.lists.excluded(reach, today).await?;
        mailboxes.extend(desk.ledger.addressees_of(parent, &excluded).await?);
    }
    let mailboxes: Vec<String> = mailboxes.into_iter().collect();
    Ok(Ok(desk.ledger.count_unfrozen(record, &mailboxes).await?))
}

/// What goes out again, and to whom it reaches now.
struct Again {
    source: IssueRecord,
    reach: Reach,
    parent: Option<Parent>,
    languages: Vec<Language>,
    parts: Vec<(Language, String)>,
}

impl Again {
    /// The last issue stands for all: of a letter that does not repeat they have one text.
    async fn of(desk: &Desk, record: &CircularRecord) -> Result<Result<Self, String>, DeskError> {
        if record.state == CircularState::Cancelled {
            return Ok(
                Err("it is cancelled; a cancelled circular is not sent: give the letter a new reference".into()),
            );
        }
        let Some(source) = desk.ledger.issues(record.id).await?.pop() else {
            let state = record.state.as_str().replace('_', " ");
            return Ok(Err(format!("it is {state}; nothing was sent that could be sent to others")));
        };
        let groups = Groups::of(desk).await?;
        let reach = match groups.reach_by_names(&source.reach) {
            Ok(reach) => reach,
            Err(why) => return Ok(Err(why)),
        };
        let parts = desk.ledger.parts(source.id).await?;
        let mut languages = vec![source.original];
        languages.extend(parts.iter().map(|(language, _)| *language).filter(|language| *language != source.original));
        let parent = match &record.parent_key {
            Some(key) => {
                let all = desk.ledger.circulars().await?;
                let found = all.into_iter().find(|other| {
                    other.issues > 0
                        && other.reference_key.as_ref() == Some(key)
                        && other.state != CircularState::Parked
                });
                match found {
                    Some(found) => Some(parent_of(desk, &found, &groups).await?),
                    None => None,
                }
            }
            None => None,
        };
        Ok(Ok(Self { source, reach, parent, languages, parts }))
    }

    async fn stage(&self, desk: &Desk, draft: IssueDraft, now: chrono::DateTime<Utc>) -> Result<(), DeskError> {
        let staging = Staging {
            reach: &self.reach,
            languages: &self.languages,
            now,
            today: desk.today(),
            not_frozen_for: Some(self.source.circular),
        };
        stage_everybody(desk, draft, &staging, self.parent.as_ref()).await
    }

    /// A field that the frozen text needs and somebody new has not.
    async fn objection(&self, desk: &Desk, draft: IssueDraft) -> Result<Option<String>, DeskError> {
        const NAMED: i64 = 5;
        for (_, json) in &self.parts {
            let rendered: Rendered = serde_json::from_str(json)
                .map_err(|error| LedgerError::Unreadable { what: "part.rendered", found: error.to_string() })?;
            for field in super::reached::required_fields(&rendered) {
                let lacking = desk.ledger.staged_without_field(draft, &field, NAMED).await?;
                if !lacking.is_empty() {
                    return Ok(Some(format!(
                        "the letter needs {{{{ addressee.{field} }}}}, and it is empty for {}: fill it in in the list",
                        listed(&lacking)
                    )));
                }
            }
        }
        Ok(None)
    }
}
