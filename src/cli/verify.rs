//! `verify`: the ledger's integrity, a line for each question; what differs is named.

use std::process::ExitCode;

use super::{Out, exit};
use crate::{
    desk::{Desk, recompose},
    ledger::Depth,
    report::on_a_persons_word,
};

pub(super) async fn verify(desk: &Desk, depth: Depth, out: &Out) -> anyhow::Result<ExitCode> {
    let mut report = Report { out, sound: true };
    let looked = match depth {
        Depth::Sample => "every page and every reference between tables holds",
        Depth::All => "every page, every index entry and every reference between tables holds",
    };
    report.tell("file", desk.ledger.verify_file(depth).await?, looked)?;
    match desk.ledger.verify_events().await? {
        Ok(events) => report.tell("events", Vec::new(), &format!("{events}, each follows from the one before"))?,
        Err(broken) => {
            let why = format!("broken at event {} ({}): {}", broken.event, broken.line, broken.why);
            report.tell("events", vec![why], "")?;
        }
    }
    let circulars = desk.ledger.circulars().await?.iter().filter(|record| record.issues > 0).count();
    let totals = desk.ledger.verify_totals().await?.into_iter().map(named).collect();
    report.tell("totals", totals, &format!("{circulars} frozen, each the sum over its states"))?;
    let attempts = desk.ledger.verify_attempts().await?;
    let attempts = attempts.into_iter().map(|(delivery, why)| format!("delivery {delivery}: {why}")).collect();
    let holds = match on_a_persons_word(desk.ledger.settled(None).await?) {
        None => "every accepted delivery has its 250 on record".to_owned(),
        Some(settled) => format!("every other accepted delivery has its 250 on record; {settled}"),
    };
    report.tell("attempts", attempts, &holds)?;
    let (seals, broken) = desk.ledger.verify_seals().await?;
    let sealed = format!(
        "{seals} {}, addressees and attempts as recorded then",
        if seals == 1 { "circular completed" } else { "circulars completed" }
    );
    report.tell("seals", broken.into_iter().map(named).collect(), &sealed)?;
    let annexes = desk.ledger.verify_annexes().await?.into_iter().map(named).collect();
    report.tell("annexes", annexes, "each is the file that was frozen")?;
    let recomposed = recompose(desk, depth).await?;
    let (messages, others) = (recomposed.messages, recomposed.of_other_versions);
    let sample = if depth == Depth::Sample { " of a sample" } else { "" };
    let not = if others > 0 { format!("; {others} of another version were not compared") } else { String::new() };
    let fine = format!("{messages}{sample} composed anew, each to the octet what was sent{not}");
    report.tell("messages", recomposed.wrong, &fine)?;
    let (records, journal) = desk.ledger.verify_journal().await?;
    report.tell(
        "journal",
        journal,
        &format!("{records} {}, the ledger has all it should", if records == 1 { "record" } else { "records" }),
    )?;
    Ok(if report.sound { ExitCode::SUCCESS } else { ExitCode::from(exit::BADLY) })
}

fn named((reference, why): (String, String)) -> String {
    format!("{reference}: {why}")
}

struct Report<'a> {
    out: &'a Out,
    sound: bool,
}

impl Report<'_> {
    /// What is wrong, a line for each, or what holds.
    fn tell(&mut self, what: &str, wrong: Vec<String>, holds: &str) -> std::io::Result<()> {
        if wrong.is_empty() {
            return self.out.text(&format!("{what}: {holds}\n"));
        }
        self.sound = false;
        let lines: String = wrong.iter().map(|line| format!("{what}: {}\n", crate::report::one_line(line))).collect();
        self.out.text(&lines)
    }
}
