//! A test copy: the letter as one addressee would get it, marked, sent to anyone who is to look at it.
//!
//! It counts nowhere. That it was sent, by whom, to whom and with which reply is in the chain of events, begun before it
//! leaves and ended with the reply. A parked letter can be tested as long as it can be composed.

use serde::Serialize;

use super::{
    Desk, DeskError, Objections, Post, PostError, Posted, PreviewError, Understood, Version, freeze, hex, objections,
    preview, understand,
};
use crate::{
    addressees::Address,
    circular::{Language, Problem, Severity},
    compose::{ComposeError, Composed, DeliveryKey, Layout, Marked, Recipient, Rendered, Role, compose, render},
    delivery::{Outcome, Stage},
    ledger::{Event, MemberRow},
};

/// What is asked.
#[derive(Debug, Clone)]
pub struct TestAsked {
    /// Who gets the test copy.
    pub to: Address,
    /// As whom; `None`: the first addressee.
    pub stand_in: Option<Address>,
    /// Who sends it.
    pub by: String,
}

/// A test copy, ready to be sent.
#[derive(Debug)]
pub struct TestCopy {
    /// The file it is composed from.
    pub file: String,
    /// Its language.
    pub language: Language,
    /// As whom: address and group. `None`: no addressee is known.
    pub stand_in: Option<(String, String)>,
    /// Names of the files that go with it.
    pub annexes: Vec<String>,
    /// What stands against sending the letter itself.
    pub against: Objections,
    asked: TestAsked,
    reference: Option<String>,
    sha256: [u8; 32],
    return_path: String,
    message: Composed,
}

/// Why there is no test copy.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    /// Ours.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] crate::ledger::LedgerError),
    /// The way out.
    #[error(transparent)]
    Post(#[from] PostError),
    /// The letter as it lies cannot be made into a message.
    #[error("no test copy can be composed: {0}")]
    Uncomposable(String),
    /// The one it is to be read as.
    #[error(transparent)]
    StandIn(PreviewError),
    /// Some addressee's data.
    #[error(transparent)]
    Compose(#[from] ComposeError),
}

impl TestCopy {
    /// What became of it, for the one who sent it.
    pub fn became(&self, posted: &Posted) -> String {
        let (file, language, to) = (&self.file, self.language, self.asked.to.as_str());
        let what = format!("test copy of {file} ({language}) to {to} through {}", posted.relay);
        match &posted.outcome {
            Outcome::Accepted(reply) => format!("{what}: accepted: {reply}"),
            Outcome::Failed(failure) if posted.word() == "in_doubt" => {
                format!("{what}: no answer after the message, so it may have arrived: {failure}")
            }
            Outcome::Failed(failure) if failure.stage < Stage::Mail => format!("{what}: not sent: {failure}"),
            Outcome::Failed(failure) => format!("{what}: not accepted: {failure}"),
        }
    }
}

/// Composes the test copy of the files of one stem.
pub async fn compose_test_copy(desk: &Desk, understood: &Understood, asked: &TestAsked) -> Result<TestCopy, TestError> {
    let sighting = super::sight(desk, understood, None);
    let against = objections(desk, understood, &sighting).await?;
    let member = stand_in(desk, understood, asked).await?;
    let languages = understood.versions.iter().map(|version| version.letter.language);
    let preferred = member.as_ref().map_or(&[][..], |(member, _)| &member.languages[..]);
    let language = preview::choose(preferred, languages);
    let Some(version) = understood.versions.iter().find(|version| Some(version.letter.language) == language) else {
        return Err(TestError::Uncomposable("there is no letter".to_owned()));
    };
    let rendered = render_marked(desk, version)?;
    let message = message(desk, understood, &rendered, member.as_ref(), asked)?;
    let reference = version.letter.reference.as_ref().map(|found| found.value.to_string());
    Ok(TestCopy {
        // as messages may show it
        file: desk.workspace.shown(std::path::Path::new(&version.file)),
        language: version.letter.language,
        stand_in: member.map(|(member, _)| (member.address, member.group)),
        annexes: understood.annexes.iter().map(|annex| annex.name.clone()).collect(),
        against,
        asked: asked.clone(),
        reference,
        sha256: version.sha256,
        return_path: desk.rules.senders[understood.sender].return_path.as_str().to_owned(),
        message,
    })
}

/// The one asked for, who must be an addressee; else the first there is, if the letter's lists can be read at all.
async fn stand_in(
    desk: &Desk,
    understood: &Understood,
    asked: &TestAsked,
) -> Result<Option<(MemberRow, Role)>, TestError> {
    match preview::find(desk, understood, asked.stand_in.as_ref()).await {
        Ok(found) => Ok(Some(found)),
        Err(PreviewError::NotAddressed { .. }) if asked.stand_in.is_none() => Ok(None),
        Err(PreviewError::Ledger(error)) => Err(error.into()),
        Err(error) => Err(TestError::StandIn(error)),
    }
}

fn render_marked(desk: &Desk, version: &Version) -> Result<Rendered, TestError> {
    let refuse = |problems: Vec<Problem>| {
        let first = problems.iter().find(|problem| problem.severity == Severity::Error).or(problems.first());
        TestError::Uncomposable(first.map_or_else(String::new, |problem| problem.located(&version.file)))
    };
    let layout: Layout = understand::read_layout(desk).map_err(refuse)?;
    render(&version.letter, &layout, Marked::TestCopy).map_err(refuse)
}

/// To names the one who gets it, never the one it is composed for: an answer to all must not reach an addressee.
fn message(
    desk: &Desk,
    understood: &Understood,
    rendered: &Rendered,
    member: Option<&(MemberRow, Role)>,
    asked: &TestAsked,
) -> Result<Composed, TestError> {
    let nothing = std::collections::BTreeMap::new();
    let fields = member.map_or(&nothing, |(member, _)| &member.fields);
    let recipient = Recipient {
        address: asked.to.as_str(),
        name: None,
        salutation: fields.get("salutation").map(String::as_str),
        role: member.map_or(Role::To, |(_, role)| *role),
        fields,
    };
    if let Some(field) = rendered.missing_fields(&recipient).first() {
        return Err(TestError::Uncomposable(match member {
            Some((member, _)) => {
                format!("the field \"{field}\" of {} is empty; choose another with --as", member.address)
            }
            None => format!(
                "it needs {{{{ addressee.{field} }}}}, and no addressee is known; mend its addressee lines first"
            ),
        }));
    }
    // its Message-ID is no delivery's, and no other test copy's
    let key = DeliveryKey {
        key: desk.ledger.message_key(),
        circular: "test",
        issue: 0,
        delivery: desk.now().timestamp_micros(),
        // who looks at it has not got the message that a supplement answers to
        references: None,
    };
    let annexes = preview::encoded_annexes(understood)?;
    Ok(compose(rendered, &freeze::message_head(desk, understood), &key, &recipient, &annexes)?)
}

/// What became of a test copy, in the words of the record.
#[derive(Debug, Clone, Serialize)]
pub struct TestEnd {
    /// Who gets it.
    pub to: String,
    /// With its brackets.
    pub message_id: String,
    /// Which relay had it, or was asked last.
    pub relay: Option<String>,
    /// `accepted`, `deferred`, `refused`, `in_doubt` or `not_sent`; `None`: nobody knows yet.
    pub outcome: Option<&'static str>,
    /// Where it failed.
    pub stage: Option<&'static str>,
    /// Reply code.
    pub code: Option<u16>,
    /// The relay's words.
    pub reply: Option<String>,
    /// What happened instead of a reply.
    pub remark: Option<String>,
}

impl TestCopy {
    /// Before anybody knows what becomes of it.
    pub fn begun(&self) -> TestEnd {
        TestEnd {
            to: self.asked.to.as_str().to_owned(),
            message_id: self.message.message_id.clone(),
            relay: None,
            outcome: None,
            stage: None,
            code: None,
            reply: None,
            remark: None,
        }
    }

    /// What became of it; `Err`: it was not even tried.
    pub fn ended(&self, posted: Result<&Posted, String>) -> TestEnd {
        let posted = match posted {
            Ok(posted) => posted,
            Err(why) => return TestEnd { outcome: Some("not_sent"), remark: Some(why), ..self.begun() },
        };
        let (stage, reply, remark) = posted.outcome.told();
        // an acceptance has no stage at which it failed
        let stage = (!matches!(posted.outcome, Outcome::Accepted(_))).then_some(stage.as_str());
        TestEnd {
            relay: Some(posted.relay.clone()),
            outcome: Some(posted.word()),
            stage,
            code: reply.map(|reply| reply.code.get()),
            reply: reply.map(ToString::to_string),
            remark,
            ..self.begun()
        }
    }
}

/// Sends the test copy. What cannot be recorded is not sent.
pub async fn send_test_copy(desk: &Desk, copy: &TestCopy, post: &Post) -> Result<Posted, TestError> {
    let event = |kind: &'static str| {
        let event = Event::new(kind, &copy.asked.by);
        match &copy.reference {
            Some(reference) => event.about(reference),
            None => event,
        }
    };
    let (to, message_id) = (copy.asked.to.as_str(), &copy.message.message_id);
    let begun = serde_json::json!({
        "file": copy.file, "file_sha256": hex(&copy.sha256), "language": copy.language, "to": to,
        "as": copy.stand_in.as_ref().map(|(address, _)| address), "annexes": copy.annexes, "message_id": message_id,
        "sha256": hex(&copy.message.sha256), "parked": copy.against.park(), "rehearsal": post.rehearses(),
    });
    desk.ledger.note(&event("test_begun").detail(begun), desk.now()).await?;
    let posted = post.send(desk, &copy.return_path, to, &copy.message).await;
    let ended = copy.ended(posted.as_ref().map_err(ToString::to_string));
    desk.ledger.note(&event("test_ended").detail(serde_json::json!(ended)), desk.now()).await?;
    Ok(posted?)
}
