//! Whether it lives, and whether it works: for whoever starts it anew.

use std::time::Duration;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use serde::Serialize;

use super::json;
use crate::web::{Web, told::Told};

/// The ledger answers within this, or not at all.
const PATIENCE: Duration = Duration::from_secs(5);
/// A sign of life comes once a minute.
const SILENCE: TimeDelta = TimeDelta::minutes(5);

#[derive(Serialize)]
struct Standing {
    status: &'static str,
}

/// `GET /healthz`: the process answers. Nothing else is asked, so that a ledger that is busy does not have it killed.
pub async fn alive() -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], "{\"status\":\"alive\"}")
        .into_response()
}

/// `GET /readyz`: the ledger answers, and letters can go out.
pub async fn ready(State(web): State<Web>) -> Result<Response, Told> {
    let not = |why: &str| Told::new(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}"));
    if web.vitals.look().stopping {
        return Err(not("it is stopping"));
    }
    let life = match tokio::time::timeout(PATIENCE, web.desk.ledger.last_life()).await {
        Ok(Ok(life)) => life,
        Ok(Err(error)) => {
            tracing::error!(%error, "readyz");
            return Err(not("the ledger cannot be read; the log says why"));
        }
        Err(_) => return Err(not("the ledger does not answer")),
    };
    if life.is_some_and(|(_, seen)| web.now() - seen > SILENCE) {
        return Err(not("the daemon has given no sign of life for minutes"));
    }
    json(&Standing { status: "ready" })
}
