//! The proof of dispatch. It is written into a file without a name first: what stands at its end is over all of it, and
//! whoever reads slowly keeps no moment of the ledger.

use std::io::BufWriter;

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::circulars;
use crate::{
    desk::{CertificateError, CertificateForm, certificate as certify},
    web::{
        Web,
        pieces::{pieces, place},
        told::Told,
    },
};

/// `GET /api/v1/circulars/{id}/certificate`
pub async fn certificate(State(web): State<Web>, Path(id): Path<String>) -> Result<Response, Told> {
    let record = circulars::find(&web, &id).await?;
    let place = place(&web).await?;
    let file = tempfile::tempfile()?;
    certify(&web.desk, &record, CertificateForm::Json, BufWriter::new(&file)).await?;
    let length = file.metadata()?.len();
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, pieces(file, place)?).into_response())
}

impl From<CertificateError> for Told {
    fn from(error: CertificateError) -> Self {
        match error {
            CertificateError::NothingFrozen(_) => Told::unknown(error.to_string()),
            CertificateError::NoPdf(_) => Told::new(StatusCode::CONFLICT, error.to_string()),
            CertificateError::Desk(error) => error.into(),
            CertificateError::Io(error) => error.into(),
        }
    }
}
