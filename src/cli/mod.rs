//! The command line: a file per command. Commands show; the desk and the ledger know.

use std::process::ExitCode;

use chrono::{DateTime, Utc};

use crate::{
    desk::{Desk, Post},
    ledger::{CircularRecord, Depth},
};

mod accept;
mod acts;
mod alerts;
pub mod args;
mod certificate;
mod check;
mod circulars;
mod explain;
mod group;
mod groups;
mod log;
mod manual;
mod out;
mod preview;
pub mod progress;
mod prospect;
mod recover;
mod register;
mod resting;
mod schedule;
mod sql;
mod summary;
mod test;
mod verify;

pub use manual::{completions, man};
pub use out::Out;
pub use summary::summary;

use args::{Command, GroupsArgs, GroupsCommand};

/// Exit codes: 0 done; these for all else.
pub mod exit {
    /// Something ended badly.
    pub const BADLY: u8 = 1;
    /// Usage, unknown reference, parked letter.
    pub const REFUSED: u8 = 2;
    /// The ledger cannot be read or written.
    pub const LEDGER: u8 = 74;
    /// Another daemon holds the ledger.
    pub const ANOTHER: u8 = 75;
    /// The configuration cannot be used.
    pub const CONFIG: u8 = 78;
}

/// A command that cannot be done, in the words for whoever typed it. Exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// Runs a command that needs a workspace and its ledger, but no daemon. `post` is the way out for test copies.
pub async fn run(command: Command, desk: Desk, post: &Post, out: &Out) -> anyhow::Result<ExitCode> {
    match command {
        Command::Check { files, format } => check::check(desk, &files, format, post, out).await,
        Command::Preview { file, address, part } => preview::preview(desk, &file, address.as_deref(), part, out).await,
        Command::Test { file, to, stand_in, by } => {
            test::test(desk, &file, &to, stand_in.as_deref(), by, post, out).await
        }
        Command::List { format, register: true, .. } => register::show_register(&desk, format, out).await,
        Command::List { format, limit, .. } => circulars::list(&desk, format, limit, out).await,
        Command::Show { reference, format } => circulars::show(&desk, &reference, format, out).await,
        Command::Log(asked) => log::log(&desk, &asked, out).await,
        Command::Alerts { format, limit } => alerts::alerts(&desk, format, limit, out).await,
        Command::Who { address, format } => log::who(&desk, &address, format, out).await,
        Command::Schedule { format, limit } => schedule::schedule(&desk, format, limit, out).await,
        Command::Groups(GroupsArgs { act: Some(GroupsCommand::Accept(asked)), .. }) => {
            accept::accept(&desk, &asked, out).await
        }
        Command::Groups(asked) => match &asked.name {
            Some(name) => group::group(&desk, name, &asked, out).await,
            None => groups::groups(&desk, asked.format, out).await,
        },
        Command::Explain { reference, address, format } => {
            explain::explain(&desk, &reference, &address, format, out).await
        }
        Command::Certificate { reference, format, out: file } => {
            certificate::certificate(&desk, &reference, format, file.as_deref(), out).await
        }
        Command::Sql { query, format } => sql::sql(&desk, &query, format, out).await,
        Command::Verify { all } => verify::verify(&desk, if all { Depth::All } else { Depth::Sample }, out).await,
        Command::Recover { by, reason, yes } => recover::recover(&desk, by, &reason, yes, out).await,
        Command::Approve(asked) => acts::approve(&desk, &asked, out).await,
        Command::Hold(asked) => acts::hold(&desk, &asked, out).await,
        Command::Release { asked, at_its_time: false } => acts::release(&desk, &asked, out).await,
        Command::Release { asked, at_its_time: true } => acts::release_at_its_time(&desk, &asked, out).await,
        Command::Cancel(asked) => acts::cancel(&desk, &asked, out).await,
        Command::Resend { asked, only: Some(only), .. } => acts::resend(&desk, &asked, only, out).await,
        Command::Resend { asked, only: None, .. } => acts::resend_new(&desk, &asked, out).await,
        Command::Settle { asked, address, known } => acts::settle(&desk, &asked, &address, known, out).await,
        Command::Demo { .. }
        | Command::Init { .. }
        | Command::Run { .. }
        | Command::Web { .. }
        | Command::Config { .. }
        | Command::Completions { .. }
        | Command::Man => Err(Refused("this command does not work on a ledger".to_owned()).into()),
    }
}

/// Octets as hexadecimal digits.
fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// The circular that `reference` names, however it is spelled, or by its file's stem.
async fn find(desk: &Desk, reference: &str) -> anyhow::Result<CircularRecord> {
    Ok(crate::desk::find_circular(desk, reference).await?.map_err(Refused)?)
}

/// Reads a point in time as people type it: RFC 3339, a date, or a date and clock in the house's zone.
fn point_in_time(desk: &Desk, text: &str) -> anyhow::Result<DateTime<Utc>> {
    Ok(crate::desk::point_in_time(desk.rules.zone, text).map_err(Refused)?)
}
