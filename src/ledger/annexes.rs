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

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::{
        circular::{Language, Reference},
        compose::MessageHead,
        ledger::{CircularState, IssueHead, NamedReach, NewIssue, Origin, Sighting},
    };

    fn annex(name: &str, octets: &[u8]) -> FrozenAnnex {
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, octets).as_ref());
        FrozenAnnex { name: name.into(), content_type: "application/pdf".into(), sha256, octets: octets.to_vec() }
    }

    async fn staged(ledger: &Ledger, annexes: Vec<FrozenAnnex>, now: DateTime<Utc>) -> IssueId {
        let sighting = Sighting {
            stem: "x".into(),
            letters: Vec::new(),
            reference: Reference::new("Circular X/1"),
            subject: Some("S".into()),
            state: CircularState::Ready,
            reason: None,
            due_at: Some(now),
            repeat: None,
            digest: [1; 32],
            addressees: None,
            confidential: false,
            supplement: None,
            parent: None,
            dated: None,
            lay_there: None,
        };
        let circular = ledger.see(&sighting, now).await.expect("seen").expect("new").id;
        let message = MessageHead {
            from_name: None,
            from_address: "a@b.example".into(),
            reply_to: Vec::new(),
            domain: "b.example".into(),
            list_id: "b.example".into(),
            date: now.fixed_offset(),
        };
        let head = IssueHead { sender: "s".into(), return_path: "a@b.example".into(), composer: 1, message };
        let (reference, subject) = ("Circular X/1".to_owned(), "S".to_owned());
        let (parts, digest) = (Vec::new(), vec![1; 32]);
        let (addressees, reach) = (None, NamedReach::default());
        let new = NewIssue {
            circular,
            reference,
            subject,
            head,
            original: Language::EN,
            parts,
            annexes,
            digest,
            addressees,
            reach,
        };
        ledger.stage_issue(&new, now).await.expect("staged").expect("due");
        let id = sqlx::query("SELECT max(id) FROM issue").fetch_one(&ledger.readers).await.expect("an issue");
        IssueId(id.get(0))
    }

    #[tokio::test]
    async fn annexes_are_read_as_they_were_frozen_and_go_with_a_discarded_issue() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = DateTime::from_timestamp(1_796_000_000, 0).expect("a time");
        let ledger =
            Ledger::open_or_create(&folder.path().join("ledger.db"), Origin::Init, now).await.expect("a ledger");
        let annexes = vec![annex("b.pdf", &[0, 255, 13, 10]), annex("a.pdf", b"x")];
        let issue = staged(&ledger, annexes.clone(), now).await;
        assert_eq!(ledger.annexes(issue).await.expect("annexes"), annexes);

        let mut writer = ledger.writer.lock().await;
        sqlx::query("UPDATE annex SET octets = x'00' WHERE name = 'a.pdf'")
            .execute(&mut *writer)
            .await
            .expect("written");
        drop(writer);
        let error = ledger.annexes(issue).await.expect_err("other octets");
        assert!(error.to_string().contains("annex.octets holds \"a.pdf\""), "{error}");

        ledger.discard_staging().await.expect("discarded");
        assert_eq!(ledger.annexes(issue).await.expect("none"), []);
        ledger.close().await;
    }
}
