//! `certificate`: the proof of dispatch, to standard output or into a file.

use std::{
    fs::File,
    io::{self, BufWriter, IsTerminal},
    path::Path,
    process::ExitCode,
};

use anyhow::Context;

use super::{Out, Refused, args::CertificateWord, find};
use crate::desk::{CertificateError, CertificateForm, Certified, Desk, certificate as certify};

pub(super) async fn certificate(
    desk: &Desk,
    reference: &str,
    format: Option<CertificateWord>,
    file: Option<&Path>,
    out: &Out,
) -> anyhow::Result<ExitCode> {
    let record = find(desk, reference).await?;
    let form = form(format, file)?;
    if form == CertificateForm::Pdf && file.is_none() && io::stdout().is_terminal() {
        return Err(Refused("a PDF is not for a terminal: name a file with --out".to_owned()).into());
    }
    let done = match file {
        Some(file) => into_file(desk, &record, form, file).await?,
        None => quietly(certify(desk, &record, form, BufWriter::new(io::stdout())).await)?,
    };
    let Some(certified) = done else { return Ok(ExitCode::SUCCESS) };
    let Certified { facts, seal } = &certified;
    eprintln!("{}: {}", facts.reference, facts.totals);
    if facts.interim {
        eprintln!("INTERIM: some addressees have no final state yet");
    }
    eprintln!("sha-256 of these facts: {}", seal.facts_sha256);
    if let Some(file) = file {
        out.text(&format!("{}\n", file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn form(asked: Option<CertificateWord>, file: Option<&Path>) -> Result<CertificateForm, Refused> {
    let ending = file.and_then(Path::extension).map(|ending| ending.to_string_lossy().to_lowercase());
    Ok(match (asked, ending.as_deref()) {
        (Some(CertificateWord::Html), _) | (None, None | Some("html" | "htm")) => CertificateForm::Html,
        (Some(CertificateWord::Json), _) | (None, Some("json")) => CertificateForm::Json,
        (Some(CertificateWord::Pdf), _) | (None, Some("pdf")) => CertificateForm::Pdf,
        (None, Some(ending)) => {
            let words = format!(
                "a certificate is not written as .{ending}: end the name in .html, .json or .pdf, or say --format"
            );
            return Err(Refused(words));
        }
    })
}

/// Written beside and renamed into place: whoever finds the file finds all of it.
async fn into_file(
    desk: &Desk,
    record: &crate::ledger::CircularRecord,
    form: CertificateForm,
    file: &Path,
) -> anyhow::Result<Option<Certified>> {
    let name = file.file_name().ok_or_else(|| Refused(format!("{} is not a file's name", file.display())))?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(".part");
    let beside = file.with_file_name(beside);
    let cannot = || format!("{} cannot be written", file.display());
    let written = File::create(&beside).with_context(cannot)?;
    let certified = certify(desk, record, form, BufWriter::new(&written)).await;
    let ended = match certified {
        Ok(certified) => written.sync_all().and_then(|()| std::fs::rename(&beside, file)).map(|()| certified),
        Err(error) => {
            let _ = std::fs::remove_file(&beside);
            return Err(refused(error));
        }
    };
    Ok(Some(ended.with_context(cannot)?))
}

/// A reader that has gone (`| head`) is no error.
fn quietly(done: Result<Certified, CertificateError>) -> anyhow::Result<Option<Certified>> {
    match done {
        Ok(certified) => Ok(Some(certified)),
        Err(CertificateError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(None),
        Err(error) => Err(refused(error)),
    }
}

fn refused(error: CertificateError) -> anyhow::Error {
    match error {
        CertificateError::NothingFrozen(_) | CertificateError::NoPdf(_) => Refused(error.to_string()).into(),
        CertificateError::Desk(error) => error.into(),
        error => error.into(),
    }
}
