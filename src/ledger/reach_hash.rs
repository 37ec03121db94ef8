//! What the rows of a reach come to, as one hash: approvals are bound to it.

use sqlx::{QueryBuilder, Row, sqlite::SqliteRow};

use super::{Held, Ledger, LedgerError, Reach, reach::push_selection};

impl Ledger {
    /// Hash over the rows of a reach's groups in force, whatever the day. Their order is that of the mailboxes and not of the
    /// versions of the lists: where two lists feed a group, a list that is dropped again as it was changes nothing. Of one
    /// mailbox in two lists the first row counts, so the order of these is part of the hash.
    pub async fn hash_of_rows(&self, reach: &Reach) -> Result<[u8; 32], LedgerError> {
        /// Rows read at a time.
        const PAGE: i64 = 20_000;
        let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
        for selection in reach.to.iter().chain(&reach.copy).chain(&reach.exclude) {
            let mut after = (String::new(), 0_i64, 0_i64);
            let mut digests: Vec<RowDigest> = Vec::new();
            loop {
                let mut query = QueryBuilder::new(ROW);
                push_selection(&mut query, "m", selection, &Held::Now);
                query.push(" AND (m.group_name, m.version, m.id) > (").push_bind(after.0.clone()).push(", ");
                query.push_bind(after.1).push(", ").push_bind(after.2);
                query.push(") ORDER BY m.group_name, m.version, m.id LIMIT ").push_bind(PAGE);
                let rows = query.build().fetch_all(&self.readers).await?;
                for row in &rows {
                    digests.push(row_digest(row)?);
                }
                let Some(last) = rows.last().filter(|_| rows.len() as i64 == PAGE) else { break };
                after = (last.try_get("group_name")?, last.try_get("version")?, last.try_get("id")?);
            }
            digests.sort_unstable();
            digests.iter().for_each(|(_, _, digest)| hash.update(digest));
            hash.update(&[0]);
        }
        let mut out = [0; 32];
        out.copy_from_slice(hash.finish().as_ref());
        Ok(out)
    }
}

/// The mailbox, the row's number and what the row says: digests, so that a million rows need 56 MB.
type RowDigest = ([u8; 16], i64, [u8; 32]);

fn row_digest(row: &SqliteRow) -> Result<RowDigest, LedgerError> {
    let sha256 = |text: &str| ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    let (mailbox, says) = (sha256(row.try_get("mailbox")?), sha256(row.try_get("row")?));
    let (mut key, mut digest) = ([0; 16], [0; 32]);
    key.copy_from_slice(&mailbox.as_ref()[..16]);
    digest.copy_from_slice(says.as_ref());
    Ok((key, row.try_get("id")?, digest))
}

/// All that a row of a list says, as one text.
const ROW: &str = "SELECT m.group_name, m.version, m.id, m.mailbox, json_array(m.group_name, m.mailbox, m.address, m.name, m.title, m.salutation, \
     m.organization, m.country, m.region, m.languages, m.copy_to, m.valid_from, m.valid_until, m.time_zone, m.fields) AS row \
     FROM member m WHERE m.version IN (SELECT id FROM group_version WHERE state = 'accepted') AND ";
