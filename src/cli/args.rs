//! The words of the command line.

#![allow(missing_docs, reason = "the doc comment of a flattened table would be printed as help")]

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{
    desk::Part,
    ledger::{Known, ResendOnly},
};

mod answers;

pub use answers::{CertificateWord, FormatArgs, FormatWord, LogArgs};

/// circulard gets an official circular to every addressee, and can prove it.
#[derive(Debug, Parser)]
#[command(name = "circulard", version, about, max_term_width = 100, propagate_version = true)]
#[command(
    after_help = "Exit codes: 0 done; 1 something ended badly; 2 refused; 74 ledger; 75 another daemon; 78 configuration."
)]
pub struct Arguments {
    /// The folder with circulard.toml, templates/, recipients/ and var/
    #[arg(long, global = true, value_name = "DIR", default_value = ".", env = "CIRCULARD_WORKSPACE")]
    pub workspace: PathBuf,
    /// Rehearse: `run` sends nothing, whatever relays are configured; all else reads and orders in the rehearsals' ledger
    #[arg(long, global = true)]
    pub rehearsal: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// One command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the whole thing on this machine: nothing to configure, nothing leaves it
    Demo {
        /// Keep the demonstration's workspace here instead of in a temporary folder
        #[arg(long, value_name = "DIR")]
        keep: Option<PathBuf>,
        /// Serve the dashboard at the end, as on a terminal, until it is interrupted
        #[arg(long)]
        dashboard: bool,
    },
    /// Make a workspace to start from: sample lists, layouts, a sample letter, a ledger
    Init {
        /// A new or an empty folder
        dir: PathBuf,
    },
    /// Run the daemon; with no relay configured it rehearses
    Run {
        /// End when nothing is due now or on the wire
        #[arg(long)]
        until_idle: bool,
    },
    /// Show how each letter is understood, and what stands against sending it
    Check {
        /// Letters; default: all in templates/
        files: Vec<PathBuf>,
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Show exactly what one addressee would get
    Preview {
        /// The letter
        file: PathBuf,
        /// The addressee; default: the first
        #[arg(long = "as", value_name = "ADDRESS")]
        address: Option<String>,
        /// text, html, or the whole message
        #[arg(long, default_value = "text", value_parser = part)]
        part: Part,
    },
    /// Send one marked test copy to anyone; it never counts as a delivery
    Test {
        /// The letter
        file: PathBuf,
        /// Who gets the test copy
        #[arg(long, value_name = "ADDRESS")]
        to: String,
        /// The addressee as whom it is composed; default: the first
        #[arg(long = "as", value_name = "ADDRESS")]
        stand_in: Option<String>,
        /// Who sends it; default: the login name
        #[arg(long, value_name = "NAME", value_parser = crate::report::person_name)]
        by: Option<String>,
    },
    /// List circulars with their state and totals, newest first
    List {
        #[command(flatten)]
        format: FormatArgs,
        /// At most so many
        #[arg(long, value_parser = at_least_one)]
        limit: Option<usize>,
        /// The register of references instead: numbers used, repeated and skipped, by series and year
        #[arg(long, conflicts_with = "limit")]
        register: bool,
    },
    /// Show one circular: state, totals, groups, countries, languages
    Show {
        /// Its reference, however spelled, or its file's name
        reference: String,
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Show the delivery log: who got it, when, with which reply; who did not, and why
    Log(LogArgs),
    /// List what is wrong and what was, with every message to operators and owners about it
    Alerts {
        #[command(flatten)]
        format: FormatArgs,
        /// At most so many
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        limit: Option<u32>,
    },
    /// Show all that one address ever received
    Who {
        /// The address
        address: String,
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Show the next runs, with zone and offset
    Schedule {
        #[command(flatten)]
        format: FormatArgs,
        /// Runs of each repeated circular and of the release window
        #[arg(long, default_value_t = 5, value_parser = at_least_one)]
        limit: usize,
    },
    /// Say by which rows, groups and rules an address gets a circular or does not, in which language, when
    Explain {
        /// The circular's reference, however spelled, or its file's name
        reference: String,
        /// The address
        address: String,
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Show the groups as held, one group's addressees, or who was in it on a day
    #[command(args_conflicts_with_subcommands = true)]
    Groups(GroupsArgs),
    /// Approve a circular that waits for it
    Approve(ActArgs),
    /// Stop a circular until it is released
    Hold(ActArgs),
    /// Let a circular go: before its window, when late, paused or held; copies that may have arrived stay held
    Release {
        #[command(flatten)]
        asked: ActArgs,
        /// It was held before it went out: let it wait for its time again, instead of sending it now
        #[arg(long)]
        at_its_time: bool,
    },
    /// Stop a circular for good; what has not been sent is withdrawn
    Cancel(ActArgs),
    /// Queue refused or expired deliveries again, or send what was frozen to those who have joined its groups since
    #[command(group(clap::ArgGroup::new("which").required(true)))]
    Resend {
        #[command(flatten)]
        asked: ActArgs,
        /// Those that were refused, or that expired
        #[arg(long, value_parser = resend_only, group = "which", value_name = "STATE")]
        only: Option<ResendOnly>,
        /// A supplementary issue to mailboxes in its groups now that were in no issue of it
        #[arg(long, group = "which")]
        new: bool,
    },
    /// Say what became of a delivery in doubt
    Settle {
        #[command(flatten)]
        asked: ActArgs,
        /// The addressee
        address: String,
        /// accepted or lost
        #[arg(value_parser = known)]
        known: Known,
    },
    /// Certify the dispatch: hashes, window, totals, every addressee with the relay's reply, failures first
    Certificate {
        /// Its reference, however spelled, or its file's name
        reference: String,
        /// html, a page to print, sign and file; pdf; or json. Default: what FILE ends in, else html
        #[arg(long, value_enum)]
        format: Option<CertificateWord>,
        /// Write it into this file instead of to standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Ask the ledger in SQL, read-only: delivery_log, attempt_log, circular_log, annex_log,
    /// group_members, event_log
    Sql {
        /// One SELECT
        query: String,
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Show what a restored or copied ledger lacks, and let sending go on
    Recover {
        /// Who has looked; default: the login name
        #[arg(long, value_name = "NAME", value_parser = crate::report::person_name)]
        by: Option<String>,
        /// Why it may go on, for the record
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
        /// Let sending go on
        #[arg(long)]
        yes: bool,
    },
    /// Verify the ledger: file, chain of events, totals, attempts, journal, and messages composed anew
    Verify {
        /// Every message and every index entry, not a sample
        #[arg(long)]
        all: bool,
    },
    /// The dashboard: a link into it, a password's hash, a token for a program
    Web {
        /// What of it
        #[command(subcommand)]
        what: WebCommand,
    },
    /// Configuration
    Config {
        /// What to do with it
        #[command(subcommand)]
        what: ConfigCommand,
    },
    /// Print a completion script for a shell
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// Configuration commands.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Write every key with its default and meaning
    Print,
}

/// What `groups` shows.
#[derive(Debug, Clone, Args)]
pub struct GroupsArgs {
    /// One group
    pub name: Option<String>,
    /// Who was in it on this day: 2026-11-30
    #[arg(long, value_name = "DAY", requires = "name")]
    pub on: Option<chrono::NaiveDate>,
    /// Its versions: when each came into force, and by whom
    #[arg(long, requires = "name", conflicts_with = "on")]
    pub versions: bool,
    /// At most so many addressees
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    #[command(flatten)]
    pub format: FormatArgs,
    /// Lets a changed list come into force
    #[command(subcommand)]
    pub act: Option<GroupsCommand>,
}

/// Acts on groups.
#[derive(Debug, Clone, Subcommand)]
pub enum GroupsCommand {
    /// Let a changed list come into force that waits for a person
    Accept(AcceptArgs),
}

/// What is accepted, by whom.
#[derive(Debug, Clone, Args)]
pub struct AcceptArgs {
    /// The group
    pub name: String,
    /// Leave out the rows that cannot be read, which are listed
    #[arg(long)]
    pub without_bad_rows: bool,
    /// Who accepts it; default: the login name
    #[arg(long, value_name = "NAME", value_parser = crate::report::person_name)]
    pub by: Option<String>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// Commands about the dashboard.
#[derive(Debug, Subcommand)]
pub enum WebCommand {
    /// Print a new link that opens the dashboard of the running daemon, once
    Link,
    /// Read a password, and print its hash for [[web.user]]
    Password,
    /// Make a token for a program: the token, and its sha256 for [[web.token]]
    Token,
}

/// An act on one circular.
#[derive(Debug, Clone, Args)]
pub struct ActArgs {
    /// Its reference, however spelled, or its file's name
    pub reference: String,
    /// Who orders it; default: the login name
    #[arg(long, value_name = "NAME", value_parser = crate::report::person_name)]
    pub by: Option<String>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

fn at_least_one(word: &str) -> Result<usize, String> {
    match word.parse() {
        Ok(0) => Err("0 shows nothing; give 1 or more".to_owned()),
        Ok(number) => Ok(number),
        Err(_) => Err("give a number of 1 or more".to_owned()),
    }
}

fn part(word: &str) -> Result<Part, String> {
    match word {
        "text" => Ok(Part::Text),
        "html" => Ok(Part::Html),
        "eml" => Ok(Part::Eml),
        _ => Err("write text, html or eml".to_owned()),
    }
}

fn resend_only(word: &str) -> Result<ResendOnly, String> {
    match word {
        "refused" => Ok(ResendOnly::Refused),
        "expired" => Ok(ResendOnly::Expired),
        _ => Err("write refused or expired".to_owned()),
    }
}

fn known(word: &str) -> Result<Known, String> {
    match word {
        "accepted" => Ok(Known::Accepted),
        "lost" => Ok(Known::Lost),
        _ => Err("write accepted or lost".to_owned()),
    }
}
