//! `test`: one marked test copy, to anyone; printed is what the relay says.

use std::{path::Path, process::ExitCode};

use super::{Out, Refused, acts::login_name, exit};
use crate::{
    addressees::Address,
    delivery::Outcome,
    desk::{
        Desk, Post, PostError, TestAsked, TestCopy, TestError, compose_test_copy, open_for_reading, read_with_versions,
        send_test_copy, understand,
    },
};

pub(super) async fn test(
    mut desk: Desk,
    file: &Path,
    to: &str,
    stand_in: Option<&str>,
    by: Option<String>,
    post: &Post,
    out: &Out,
) -> anyhow::Result<ExitCode> {
    let address = |text: &str| Address::parse(text.trim()).map_err(|error| Refused(error.to_string()));
    if to.matches('@').count() > 1 && to.contains([',', ';', ' ']) {
        return Err(Refused("--to takes one address; a test copy goes to one mailbox at a time".to_owned()).into());
    }
    let by = match by {
        Some(by) => by,
        None => login_name()?,
    };
    let asked = TestAsked { to: address(to)?, stand_in: stand_in.map(address).transpose()?, by };
    let (_lists, _) = open_for_reading(&mut desk).await?;
    let (stem, files) = read_with_versions(file).map_err(Refused)?;
    let understood = understand(&desk, &stem, &files).await?;
    let copy = compose_test_copy(&desk, &understood, &asked).await.map_err(refused)?;
    tell(&desk, &copy, stand_in.is_some());
    let posted = send_test_copy(&desk, &copy, post).await.map_err(refused)?;
    for (relay, failure) in &posted.unreachable {
        eprintln!("relay {relay}: {failure}; the next was asked");
    }
    out.text(&format!("{}\n", copy.became(&posted)))?;
    if post.rehearses() {
        let folder = desk.workspace.shown(&desk.workspace.rehearsal());
        eprintln!("REHEARSAL: nothing left this machine; the test copy lies in {folder}/");
    }
    let accepted = matches!(posted.outcome, Outcome::Accepted(_));
    Ok(if accepted { ExitCode::SUCCESS } else { ExitCode::from(exit::BADLY) })
}

/// Ours is an error; what the letter lacks is a refusal.
fn refused(error: TestError) -> anyhow::Error {
    match error {
        TestError::Desk(error) => error.into(),
        TestError::Ledger(error) => error.into(),
        TestError::Post(PostError::Ledger(error)) => error.into(),
        TestError::Post(error @ PostError::Rehearsal(_)) => error.into(),
        other => Refused(other.to_string()).into(),
    }
}

/// Before anything leaves: as whom, with what, and what stands against the letter itself.
fn tell(desk: &Desk, copy: &TestCopy, chosen: bool) {
    match &copy.stand_in {
        Some((address, group)) if chosen => eprintln!("{} as {address} ({group}) gets it", copy.file),
        Some((address, group)) => {
            eprintln!("{} as the first addressee, {address} ({group}), gets it; --as chooses another", copy.file);
        }
        None => eprintln!("{} as nobody in particular: no addressee of it is known", copy.file),
    }
    if !copy.annexes.is_empty() {
        eprintln!("with {}", copy.annexes.join(", "));
    }
    if copy.against.park() {
        let phrases = desk.rules.staff.phrases(copy.against.language);
        eprintln!("the letter itself is parked; this stands against it:");
        for (file, problems) in &copy.against.files {
            for problem in problems.iter().filter(|problem| problem.severity == crate::circular::Severity::Error) {
                let message = phrases.problem(&problem.message);
                eprintln!("  {}", crate::circular::Problem { message, ..problem.clone() }.located(file));
            }
        }
    }
}
