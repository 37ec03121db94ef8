//! One-time links into the dashboard: a command makes one, the daemon lets its bearer in, once.

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{Ledger, LedgerError};

impl Ledger {
    /// Writes down where people find the dashboard of the daemon that started last.
    pub async fn dashboard_opened(&self, url: &str) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        sqlx::query("UPDATE instance SET dashboard = ? WHERE epoch = (SELECT max(epoch) FROM instance)")
            .bind(url)
            .execute(&mut *writer)
            .await?;
        Ok(())
    }

    /// Where people find the dashboard of the daemon that started last; `None`: it has none.
    pub async fn dashboard(&self) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT dashboard FROM instance WHERE epoch = (SELECT max(epoch) FROM instance)";
        let row = sqlx::query(sql).fetch_optional(&self.readers).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?.flatten())
    }

    /// Adds a link by the hash of its key. What has expired goes.
    pub async fn add_web_link(
        &self,
        sha256: &str,
        expires: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        sqlx::query("DELETE FROM web_link WHERE expires_at < ?")
            .bind(now.timestamp_millis())
            .execute(&mut *writer)
            .await?;
        sqlx::query("INSERT INTO web_link (sha256, expires_at) VALUES (?, ?)")
            .bind(sha256)
            .bind(expires.timestamp_millis())
            .execute(&mut *writer)
            .await?;
        Ok(())
    }

    /// Whether there is such a link; from now on there is none.
    pub async fn use_web_link(&self, sha256: &str, now: DateTime<Utc>) -> Result<bool, LedgerError> {
        let mut writer = self.writer.lock().await;
        let used = sqlx::query("DELETE FROM web_link WHERE sha256 = ? AND expires_at >= ?")
            .bind(sha256)
            .bind(now.timestamp_millis())
            .execute(&mut *writer)
            .await?;
        Ok(used.rows_affected() == 1)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::ledger::Origin;

    #[tokio::test]
    async fn a_link_lets_in_once_and_not_for_ever() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let ledger = Ledger::open_or_create(&folder.path().join("l.db"), Origin::Init, now).await.expect("made");
        let minute = TimeDelta::minutes(1);
        ledger.add_web_link("a", now + minute, now).await.expect("added");
        ledger.add_web_link("b", now + minute, now).await.expect("added");
        assert!(!ledger.use_web_link("c", now).await.expect("asked"));
        assert!(ledger.use_web_link("a", now).await.expect("asked"));
        assert!(!ledger.use_web_link("a", now).await.expect("asked"), "once");
        assert!(!ledger.use_web_link("b", now + minute * 2).await.expect("asked"), "too late");
        ledger.add_web_link("d", now + minute * 3, now + minute * 2).await.expect("added");
        let left = ledger.ask("SELECT sha256 FROM web_link").await.expect("asked");
        assert_eq!(left.rows, [[serde_json::json!("d")]], "what has expired goes");
    }
}
