//! A file without a name, sent piece by piece: what must be whole before it begins, and may be large.

use std::{io::Seek, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::StatusCode,
};
use futures_util::stream;
use tokio::{io::AsyncReadExt, sync::OwnedSemaphorePermit};

use super::{Web, told::Told};

/// Octets read at a time.
const PIECE: usize = 64 * 1024;
/// Whoever waits longer than this for a place is told to come back.
const PATIENCE: Duration = Duration::from_secs(20);

/// A place among those who read much at once.
pub async fn place(web: &Web) -> Result<OwnedSemaphorePermit, Told> {
    let busy = || Told::new(StatusCode::SERVICE_UNAVAILABLE, "others are reading much just now; try again in a minute");
    let place = Arc::clone(&web.exports).acquire_owned();
    tokio::time::timeout(PATIENCE, place).await.map_err(|_| busy())?.map_err(|_| busy())
}

/// From its beginning to its end. `kept` is let go when it has been sent.
pub fn pieces(mut file: std::fs::File, kept: impl Send + 'static) -> std::io::Result<Body> {
    file.rewind()?;
    let file = (tokio::fs::File::from_std(file), kept);
    let pieces = stream::try_unfold(file, |(mut file, kept)| async move {
        let mut piece = vec![0; PIECE];
        let length = file.read(&mut piece).await?;
        piece.truncate(length);
        Ok::<_, std::io::Error>((length > 0).then(|| (Bytes::from(piece), (file, kept))))
    });
    Ok(Body::from_stream(pieces))
}
