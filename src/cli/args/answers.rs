//! The words that say which answer is wanted, and in which form.

use clap::{Args, ValueEnum};

use crate::{compose::Role, ledger::Cursor, report::Format};

/// `--format`
#[derive(Debug, Clone, Copy, Args)]
pub struct FormatArgs {
    /// table, json or csv
    #[arg(long, value_enum, default_value_t = FormatWord::Table)]
    pub format: FormatWord,
}

/// The words of `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatWord {
    /// For people
    Table,
    /// One array, for programs
    Json,
    /// For spreadsheets
    Csv,
}

/// The words of `certificate --format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CertificateWord {
    /// A page to print, sign and file
    Html,
    /// One object, for programs
    Json,
    /// The page as PDF/A, to sign electronically (a build with the feature `pdf`)
    Pdf,
}

impl From<FormatArgs> for Format {
    fn from(args: FormatArgs) -> Self {
        match args.format {
            FormatWord::Table => Format::Table,
            FormatWord::Json => Format::Json,
            FormatWord::Csv => Format::Csv,
        }
    }
}

/// Filters of the log; each that is given must hold.
#[derive(Debug, Clone, Args)]
pub struct LogArgs {
    /// One circular; default: all
    pub reference: Option<String>,
    /// In this state (may be repeated): queued, in_transaction, accepted, deferred, in_doubt, refused, expired, withdrawn, held
    #[arg(long = "state", value_name = "STATE")]
    pub states: Vec<String>,
    /// In this group
    #[arg(long)]
    pub group: Option<String>,
    /// To this address, or to any of a domain: @ministry.example
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<String>,
    /// In this country
    #[arg(long)]
    pub country: Option<String>,
    /// In this language: fr
    #[arg(long, value_name = "CODE")]
    pub language: Option<String>,
    /// to: addressees; copy: those who get it for information
    #[arg(long, value_parser = role)]
    pub role: Option<Role>,
    /// Last attempted through this relay, by its name
    #[arg(long, value_name = "NAME")]
    pub relay: Option<String>,
    /// Changed at or after: 2026-12-07, "2026-12-07 09:00", or RFC 3339
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Changed before
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// With every attempt
    #[arg(long)]
    pub attempts: bool,
    /// At most so many
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// Go on behind the place that the page before ended with
    #[arg(long, value_name = "PLACE")]
    pub after: Option<Cursor>,
    /// Show attempts as they end, until interrupted; JSON is then one object a line
    #[arg(long, conflicts_with_all = ["attempts", "limit", "after", "since", "until"])]
    pub follow: bool,
    #[command(flatten)]
    pub format: FormatArgs,
}

fn role(word: &str) -> Result<Role, String> {
    match word {
        "to" => Ok(Role::To),
        "copy" => Ok(Role::Copy),
        _ => Err("write to or copy".to_owned()),
    }
}
