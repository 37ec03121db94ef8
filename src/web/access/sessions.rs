//! Sessions: in memory, so that a restart ends them all. The cookie is a random number; what it opens is known by its hash.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Role, hex, random, sha256_hex};

/// Without a request for so long it ends: a working day with its meetings.
const IDLE: TimeDelta = TimeDelta::hours(8);
/// And after this in any case.
const LONGEST: TimeDelta = TimeDelta::days(7);
/// So many at once; the one that was quiet longest makes room.
const MOST: usize = 1_000;

/// How a session began, and so whose name stands in the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// By the one-time link: the name is given with each act.
    ByLink,
    /// By name and password.
    ByPassword,
}

/// One session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// How it began.
    pub opened: Opened,
    began: DateTime<Utc>,
    seen: DateTime<Utc>,
}

/// All sessions, by the hash of their cookie.
#[derive(Debug, Default)]
pub struct Sessions(Mutex<HashMap<String, Session>>);

impl Sessions {
    /// Begins one: what the cookie holds.
    pub fn begin(&self, name: &str, role: Role, opened: Opened, now: DateTime<Utc>) -> Result<String, std::io::Error> {
        let cookie = hex(&random::<32>()?);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, session| is_alive(session, now));
        if known.len() >= MOST {
            let quietest = known.iter().min_by_key(|(_, session)| session.seen).map(|(key, _)| key.clone());
            quietest.map(|key| known.remove(&key));
        }
        let session = Session { name: name.to_owned(), role, opened, began: now, seen: now };
        known.insert(sha256_hex(cookie.as_bytes()), session);
        Ok(cookie)
    }

    /// The session that a cookie opens.
    pub fn of(&self, cookie: &str, now: DateTime<Utc>) -> Option<Session> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&sha256_hex(cookie.as_bytes())).filter(|session| is_alive(session, now)).cloned()
    }

    /// Somebody is there: it is not idle.
    pub fn touch(&self, cookie: &str, now: DateTime<Utc>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = known.get_mut(&sha256_hex(cookie.as_bytes())) {
            session.seen = now;
        }
    }

    /// The name that somebody gave who came in by the link: it stands in the next form.
    pub fn call(&self, cookie: &str, name: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = known.get_mut(&sha256_hex(cookie.as_bytes())) {
            session.name = name.to_owned();
        }
    }

    /// Ends one.
    pub fn end(&self, cookie: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&sha256_hex(cookie.as_bytes()));
    }
}

fn is_alive(session: &Session, now: DateTime<Utc>) -> bool {
    now - session.seen < IDLE && now - session.began < LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_when_it_is_told_to_or_idle_or_old() {
        let (sessions, now) = (Sessions::default(), DateTime::<Utc>::UNIX_EPOCH);
        let begin = || sessions.begin("Ada", Role::Viewer, Opened::ByPassword, now).expect("begins");
        let (first, second) = (begin(), begin());
        assert_ne!(first, second);
        sessions.end(&first);
        assert!(sessions.of(&first, now).is_none() && sessions.of("", now).is_none());
        assert_eq!(sessions.of(&second, now + TimeDelta::hours(7)).expect("alive").name, "Ada");
        sessions.touch(&second, now + TimeDelta::hours(7));
        assert!(sessions.of(&second, now + TimeDelta::hours(14)).is_some(), "it was used meanwhile");
        assert!(sessions.of(&second, now + TimeDelta::hours(15)).is_none(), "to look whether it is alive is no use");
        let mut at = now;
        let third = begin();
        while at - now < LONGEST {
            assert!(sessions.of(&third, at).is_some(), "{at}");
            sessions.touch(&third, at);
            at += TimeDelta::hours(6);
        }
        assert!(sessions.of(&third, at).is_none());
    }

    #[test]
    fn there_are_never_more_than_a_thousand() {
        let (sessions, now) = (Sessions::default(), DateTime::<Utc>::UNIX_EPOCH);
        let at = |n: usize| now + TimeDelta::seconds(i64::try_from(n).expect("small"));
        let begin = |n: usize| sessions.begin("Ada", Role::Viewer, Opened::ByLink, at(n)).expect("begins");
        let first = begin(0);
        let last = (1..=MOST).map(begin).last().expect("one");
        assert!(sessions.of(&first, at(MOST)).is_none() && sessions.of(&last, at(MOST)).is_some());
    }
}
