//! Annexes as frozen: each file once per issue, however many addressees there are.

use sqlx::{Row, Sqlite, Transaction};

use super::{IssueId, Ledger, LedgerError};

/// A file that goes out with every message of an issue.
#[derive(Clone, PartialEq, Eq)]
pub struct FrozenAnnex {
    /// Its name, as addressees see it.
    pub name: String,
    /// Its media type (RFC 2046), with a charset where it is known.
    pub content_type: String,
    /// SHA-256 of its octets.
    pub sha256: [u8; 32],
    /// Its octets.
    pub octets: Vec<u8>,
}

impl std::fmt::Debug for FrozenAnnex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FrozenAnnex({:?}, {}, {} octets)", self.name, self.content_type, self.octets.len())
    }
}

/// Writes the annexes of an issue that is being staged: they go when it is discarded.
pub(super) async fn stage(
    tx: &mut Transaction<'_, Sqlite>,
    issue: IssueId,
    annexes: &[FrozenAnnex],
) -> Result<(), LedgerError> {
    for (position, annex) in (1_i64..).zip(annexes) {
        sqlx::query(
            "INSERT INTO annex (issue, position, name, content_type, sha256, octets) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(issue.0)
        .bind(position)
        .bind(&annex.name)
        .bind(&annex.content_type)
        .bind(&annex.sha256[..])
        .bind(&annex.octets[..])
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

impl Ledger {
    /// The annexes of an issue, in their order. Refuses octets that are not those whose hash was frozen.
    pub async fn annexes(&self, issue: IssueId) -> Result<Vec<FrozenAnnex>, LedgerError> {
        let rows =
            sqlx::query("SELECT name, content_type, sha256, octets FROM annex WHERE issue = ? ORDER BY position")
                .bind(issue.0)
                .fetch_all(&self.readers)
                .await?;
        rows.iter()
            .map(|row| {
                let octets: Vec<u8> = row.try_get("octets")?;
                let (name, frozen): (String, Vec<u8>) = (row.try_get("name")?, row.try_get("sha256")?);
                let found = ring::digest::digest(&ring::digest::SHA256, &octets);
                let sha256 = <[u8; 32]>::try_from(frozen.as_slice()).ok().filter(|frozen| found.as_ref() == frozen);
                let sha256 =
                    sha256.ok_or_else(|| LedgerError::Unreadable { what: "annex.octets", found: name.clone() })?;
                Ok(FrozenAnnex { name, content_type: row.try_get("content_type")?, sha256, octets })
            })
            .collect()
    }
}
