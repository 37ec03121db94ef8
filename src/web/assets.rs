//! The style sheet, the script and the mark, each under a name that holds its hash: browsers keep them for good.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};

use super::{access::sha256_hex, told::Told};

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/live.js");
const MARK: &str = include_str!("html/mark.svg");

/// Where they lie.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Assets {
    style: String,
    script: String,
    mark: String,
}

/// Their paths, with hashes.
pub static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let path = |stem: &str, content: &str, ending: &str| {
        format!("/assets/{stem}-{}.{ending}", &sha256_hex(content.as_bytes())[..12])
    };
    Assets { style: path("style", STYLE, "css"), script: path("live", SCRIPT, "js"), mark: path("mark", MARK, "svg") }
});

/// `/assets/{name}`
pub async fn asset(Path(name): Path<String>) -> Result<Response, Told> {
    let path = format!("/assets/{name}");
    let all = [
        (&ASSETS.style, STYLE, "text/css; charset=utf-8"),
        (&ASSETS.script, SCRIPT, "text/javascript; charset=utf-8"),
        (&ASSETS.mark, MARK, "image/svg+xml"),
    ];
    let found = all.into_iter().find(|(known, _, _)| **known == path);
    let (_, content, kind) = found.ok_or_else(|| Told::unknown("there is no such file; load the page anew"))?;
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, content).into_response())
}
