//! What a visitor is told instead of what they asked for: a status, and words that say how to go on.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{desk::DeskError, ledger::LedgerError};

/// A refusal, or a failure of ours. The guard makes a page of it.
#[derive(Debug, Clone)]
pub struct Told {
    /// RFC 9110 §15.
    pub status: StatusCode,
    /// For the person.
    pub words: String,
}

impl Told {
    /// A status and its words.
    pub fn new(status: StatusCode, words: impl Into<String>) -> Self {
        Self { status, words: words.into() }
    }

    /// There is no such thing.
    pub fn unknown(what: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, what)
    }

    /// What was asked cannot be understood.
    pub fn unclear(what: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, what)
    }

    /// Ours is broken: the log has the cause, the visitor a hint.
    fn broken(error: &dyn std::error::Error) -> Self {
        tracing::error!(%error, "dashboard");
        let words = "this could not be read just now; the daemon's log says why. Sending does not depend on it";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, words)
    }
}

impl IntoResponse for Told {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.words.clone()).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<LedgerError> for Told {
    fn from(error: LedgerError) -> Self {
        Self::broken(&error)
    }
}

impl From<DeskError> for Told {
    fn from(error: DeskError) -> Self {
        Self::broken(&error)
    }
}

impl From<tokio::task::JoinError> for Told {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::broken(&error)
    }
}

impl From<minijinja::Error> for Told {
    fn from(error: minijinja::Error) -> Self {
        Self::broken(&error)
    }
}

impl From<std::io::Error> for Told {
    fn from(error: std::io::Error) -> Self {
        Self::broken(&error)
    }
}
