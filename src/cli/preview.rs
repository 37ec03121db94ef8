//! `preview`: exactly what one addressee would get.

use std::{path::Path, process::ExitCode};

use super::{Out, Refused};
use crate::{
    addressees::Address,
    desk::{Desk, Part, PreviewError, open_for_reading, preview as compose, read_with_versions, understand},
};

pub(super) async fn preview(
    mut desk: Desk,
    file: &Path,
    address: Option<&str>,
    part: Part,
    out: &Out,
) -> anyhow::Result<ExitCode> {
    let address = match address {
        Some(text) => Some(Address::parse(text.trim()).map_err(|error| Refused(error.to_string()))?),
        None => None,
    };
    let (_lists, _) = open_for_reading(&mut desk).await?;
    let (stem, files) = read_with_versions(file).map_err(Refused)?;
    let understood = understand(&desk, &stem, &files).await?;
    match compose(&desk, &understood, address.as_ref(), part).await {
        Ok(shown) => {
            eprintln!("{} as {} ({}) gets it", shown.file, shown.address, shown.group);
            out.octets(&shown.octets)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(PreviewError::Desk(error)) => Err(error.into()),
        Err(PreviewError::Ledger(error)) => Err(error.into()),
        Err(other) => Err(Refused(other.to_string()).into()),
    }
}
