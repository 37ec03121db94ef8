//! What the database's codes mean, and how to mend it: nobody knows 4874 by heart.

/// What failed, how to mend it, and the database's own words.
pub(super) fn in_words(error: &sqlx::Error) -> String {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    match code.and_then(meaning) {
        Some(meaning) => format!("{meaning} ({error})"),
        None => error.to_string(),
    }
}

/// By SQLite's result codes: the low octet is the class, the rest says where.
fn meaning(code: u32) -> Option<&'static str> {
    Some(match (code & 0xff, code) {
        // SQLITE_FULL; SQLITE_IOERR_WRITE, _TRUNCATE, _SHMOPEN, _SHMSIZE, _SHMMAP: where a full disk shows first
        (13, _) | (_, 778 | 1546 | 4618 | 4874 | 5386) => {
            "the disk that var/ is on is full, or fails; make room (`df -h` shows how much there is), then do it again; what \
             was recorded before is kept"
        }
        (10, _) => {
            "the disk that var/ is on cannot be read or written; look at the system's log for what is wrong with it, then do it \
             again"
        }
        (8, _) => {
            "var/ or the ledger in it is read-only; give the user who runs circulard the right to write there, or mount it \
             writable"
        }
        (3 | 14 | 23, _) => {
            "var/ or the ledger in it cannot be opened; give the user who runs circulard the right to read and write there"
        }
        (5 | 6, _) => {
            "another program keeps the ledger locked; end it (`lsof var/ledger.db` names it), then do it again"
        }
        (11 | 26, _) => {
            "the file is damaged, or is no ledger; stop the daemon, keep the file as it is, and put the last backup in its place"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_codes_have_words() {
        for (code, words) in [
            (13, "is full"),
            (4874, "is full"),
            (778, "is full"),
            (266, "cannot be read or written"),
            (8, "read-only"),
            (1032, "read-only"),
            (14, "cannot be opened"),
            (5, "locked"),
            (517, "locked"),
            (11, "damaged"),
            (26, "no ledger"),
        ] {
            assert!(meaning(code).is_some_and(|meaning| meaning.contains(words)), "{code}: {:?}", meaning(code));
        }
        assert_eq!(meaning(1), None, "a mistake in a query is nobody's disk");
    }

    #[tokio::test]
    async fn the_databases_own_words_stay_with_it() {
        use sqlx::ConnectOptions;
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename("/nowhere/at/all.db");
        let error = options.connect().await.expect_err("there is no such folder");
        let words = in_words(&error);
        assert!(words.contains("cannot be opened") && words.contains("unable to open"), "{words}");
    }
}
