//! The certificate of dispatch: what it states, and in which words.
//!
//! Facts come first, then one [`Line`] for every addressee; both are hashed as they stand in the JSON form, line by line, so
//! that a printed page can be compared years later: as long as nothing has changed, the same circular gives the same
//! [`Seal::facts_sha256`]. When, and with which version, the paper was made stands in the seal and is not hashed.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Totals;
use crate::{addressees::by_country, delivery::State};

mod html;
mod json;
#[cfg(feature = "pdf")]
mod pdf;
mod remark;

pub use html::{HtmlCertificate, Section};
pub use json::JsonCertificate;
#[cfg(feature = "pdf")]
pub use pdf::{NoPdf, PdfCertificate};
pub use remark::{Remark, ended_otherwise, remark};

/// Counts the forms of the certificate: a hash is only comparable under the same form.
pub const FORM: u32 = 1;

/// What is certified of a circular, but for its addressees.
#[derive(Debug, Clone, Serialize)]
pub struct Facts {
    /// [`FORM`]
    pub form: u32,
    /// Identity of the ledger.
    pub ledger: String,
    /// Nothing left the machine.
    pub rehearsal: bool,
    /// Some addressee has no final state yet.
    pub interim: bool,
    /// As printed.
    pub reference: String,
    /// As printed.
    pub subject: String,
    /// Where the circular stands.
    pub state: String,
    /// Why it stands there.
    pub reason: Option<String>,
    /// The house's time zone, by name: all times are in it.
    pub time_zone: String,
    /// What it is to another circular, where it corrects, completes or withdraws one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplement: Option<Supplement>,
    /// Each freeze of the circular.
    pub issues: Vec<Issue>,
    /// Who approved which content.
    pub approvals: Vec<Approval>,
    /// Everything the ledger's chain of events says about the circular.
    pub events: Vec<PastEvent>,
    /// Over all issues, counted from the addressees listed.
    pub totals: Totals,
    /// By group; an addressee of several counts in each.
    pub groups: BTreeMap<String, Totals>,
    /// By State (country); "" where the list has none.
    pub countries: BTreeMap<String, Totals>,
    /// By the language it went out in.
    pub languages: BTreeMap<String, Totals>,
    /// How many may have received it twice.
    pub possible_duplicates: u64,
    /// How many count as accepted on a person's word, without a 250 of the relay.
    #[serde(skip_serializing_if = "is_none")]
    pub settled: u64,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

/// What a circular is to the one that it corrects, completes or withdraws.
#[derive(Debug, Clone, Serialize)]
pub struct Supplement {
    /// "corrigendum 1", "addendum 2", …
    pub what: String,
    /// Reference of that one.
    pub to: String,
}

/// One freeze of the circular, and what went out with it.
#[derive(Debug, Clone, Serialize)]
pub struct Issue {
    /// First, second, …
    pub number: i64,
    /// As printed.
    pub reference: String,
    /// As printed.
    pub subject: String,
    /// Display name and address in From.
    pub from: String,
    /// The reverse-path: where reports go.
    pub return_path: String,
    /// The issue whose texts it repeats to those who joined later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeats: Option<i64>,
    /// The window: frozen, first and last attempt, every addressee final. RFC 3339.
    pub frozen_at: String,
    /// When the first attempt of any addressee began.
    pub first_attempt_at: Option<String>,
    /// When the last acceptance came.
    pub last_accepted_at: Option<String>,
    /// When every addressee had a final state.
    pub completed_at: Option<String>,
    /// Addressees frozen.
    pub frozen: i64,
    /// The letter in each of its languages.
    pub versions: Vec<HashedFile>,
    /// The files that went with it.
    pub annexes: Vec<HashedFile>,
}

/// A file by its content.
#[derive(Debug, Clone, Serialize)]
pub struct HashedFile {
    /// Its name.
    pub name: String,
    /// Language of a letter, kind of an annex.
    pub kind: String,
    /// Hexadecimal.
    pub sha256: String,
    /// Its size, where it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub octets: Option<i64>,
}

/// One approval.
#[derive(Debug, Clone, Serialize)]
pub struct Approval {
    /// Who.
    pub by: String,
    /// When, RFC 3339.
    pub at: String,
    /// Hash over the content approved.
    pub content: String,
    /// Hash over the addressees it was given for.
    pub addressees: Option<String>,
    /// Whether an issue of exactly this content to exactly these addressees went out.
    pub went_out: bool,
    /// When it was voided, and what was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voided: Option<Voided>,
}

/// Why an approval counts no more.
#[derive(Debug, Clone, Serialize)]
pub struct Voided {
    /// When, RFC 3339.
    pub at: String,
    /// What was changed.
    pub because: String,
}

/// One link of the chain of events.
#[derive(Debug, Clone, Serialize)]
pub struct PastEvent {
    /// Number in the ledger.
    pub event: i64,
    /// When, RFC 3339.
    pub at: String,
    /// "frozen", "released", …
    pub kind: String,
    /// A person, or circulard.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Its link in the chain, hexadecimal.
    pub hash: String,
}

/// One addressee.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// Number of the delivery in the ledger.
    pub delivery: i64,
    /// Of which issue.
    pub issue: i64,
    /// `to` or `copy`
    pub role: String,
    /// All capacities.
    pub groups: Vec<String>,
    /// The offices whose copy it is.
    pub copy_of: Vec<String>,
    /// As first spelled in the list.
    pub address: String,
    /// From the list.
    pub name: Option<String>,
    /// From the list.
    pub organization: Option<String>,
    /// From the list.
    pub country: Option<String>,
    /// The language it went out in.
    pub language: String,
    /// The message that it answers to, with brackets.
    pub in_reply_to: Option<String>,
    /// Where it stands.
    #[serde(serialize_with = "word")]
    pub state: State,
    /// All attempts, killed ones too.
    pub attempts: i64,
    /// Attempts whose outcome nobody knows.
    pub doubts: i64,
    /// A second copy may have arrived.
    pub possible_duplicate: bool,
    /// Of the last attempt.
    pub relay: Option<String>,
    /// Where the last attempt ended.
    pub stage: Option<String>,
    /// Reply code.
    pub code: Option<i64>,
    /// Enhanced status code.
    pub status: Option<String>,
    /// The relay's own words.
    pub reply: Option<String>,
    /// What the relay calls the message, where its acceptance says so.
    pub queue_id: Option<String>,
    /// Without angle brackets.
    pub message_id: Option<String>,
    /// Of the octets sent, hexadecimal.
    pub sha256: Option<String>,
    /// When the last attempt began, RFC 3339.
    pub last_attempt_at: Option<String>,
    /// When the relay answered 250.
    pub accepted_at: Option<String>,
    /// When it is tried again.
    pub next_attempt_at: Option<String>,
}

fn word<S: serde::Serializer>(state: &State, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(state.as_str())
}

/// What makes one paper comparable with the ledger.
#[derive(Debug, Clone, Serialize)]
pub struct Seal {
    /// SHA-256 over every addressee's line and then the facts' line, each as it stands in the JSON form and ended by LF.
    pub facts_sha256: String,
    /// Addressees listed.
    pub deliveries: u64,
    /// When it was made, RFC 3339; not hashed.
    pub made_at: String,
    /// By which version; not hashed.
    pub made_by: String,
    /// Events in the whole ledger at that moment; not hashed.
    pub ledger_events: i64,
    /// The last link of the whole ledger's chain at that moment; not hashed.
    pub chain_head: String,
}

/// Counts addressees as they are read, so that the totals are those of the list itself.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    /// Over all.
    pub totals: Totals,
    /// By group.
    pub groups: BTreeMap<String, Totals>,
    /// By State, as each line spells it.
    spelled: BTreeMap<String, Totals>,
    /// By language.
    pub languages: BTreeMap<String, Totals>,
    /// That may have arrived twice.
    pub possible_duplicates: u64,
    /// Accepted on a person's word.
    pub settled: u64,
}

impl Counted {
    /// By State, its spellings taken together.
    pub fn countries(&self) -> BTreeMap<String, Totals> {
        by_country(self.spelled.clone(), Totals::frozen, Totals::add_all)
    }

    /// Counts one more.
    pub fn add(&mut self, line: &Line) {
        fn one(map: &mut BTreeMap<String, Totals>, key: &str, state: State) {
            match map.get_mut(key) {
                Some(totals) => totals.add(state, 1),
                None => map.entry(key.to_owned()).or_default().add(state, 1),
            }
        }
        self.totals.add(line.state, 1);
        for group in &line.groups {
            one(&mut self.groups, group, line.state);
        }
        one(&mut self.spelled, line.country.as_deref().unwrap_or_default(), line.state);
        one(&mut self.languages, &line.language, line.state);
        self.possible_duplicates += u64::from(line.possible_duplicate);
        self.settled += u64::from(remark::is_settled(line));
    }
}

#[cfg(test)]
mod layouts;
#[cfg(test)]
mod tests;
