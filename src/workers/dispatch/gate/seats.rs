//! How many sessions a relay has with us, and how many it lets us have.
//!
//! A relay that sends one away with 421 while others of ours are there has nothing against us: it wants fewer sessions. It
//! gets so many as it kept, and after a while one more is tried.

use chrono::{DateTime, TimeDelta, Utc};

/// One session more is tried after this long: servers that count connections count them by minutes.
const FEWER_FOR: TimeDelta = TimeDelta::minutes(5);

/// Seats of one relay, as a value: times are arguments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seats {
    /// Sessions that are open or being opened.
    taken: u16,
    /// What the relay lets us have, if it has said so, and until when it is believed.
    most: Option<(u16, DateTime<Utc>)>,
    /// The fewest that were told.
    told: Option<u16>,
}

/// The relay wants fewer sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fewer {
    /// So many.
    pub sessions: u16,
    /// It never let us have so few before.
    pub is_news: bool,
}

impl Seats {
    /// Sessions that are open or being opened.
    pub fn taken(&self) -> u16 {
        self.taken
    }

    /// Takes a seat, if there is one.
    pub fn take(&mut self, now: DateTime<Utc>) -> bool {
        let free = self.free_at(now).is_some_and(|at| at <= now);
        self.taken += u16::from(free);
        free
    }

    /// When a seat can be had, if nobody leaves one before: `now`, or when one more is tried; `None`: somebody tries that.
    pub fn free_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.most {
            Some((most, _)) if self.taken > most => None,
            // a clock that was set back does not shut it for longer
            Some((most, until)) if self.taken == most => Some(until.min(now + FEWER_FOR).max(now)),
            _ => Some(now),
        }
    }

    /// A seat is free again.
    pub fn leave(&mut self) {
        self.taken = self.taken.saturating_sub(1);
    }

    /// The relay has let in whoever took a seat: it lets us have so many.
    pub fn let_in(&mut self) {
        match &mut self.most {
            Some((most, _)) if self.taken > *most => *most = self.taken,
            _ => {}
        }
    }

    /// The relay has sent one away that has its seat still. `None`: there is no other, so it was not about their number.
    pub fn sent_away(&mut self, now: DateTime<Utc>) -> Option<Fewer> {
        let sessions = self.taken.checked_sub(1).filter(|others| *others > 0)?;
        self.most = Some((sessions, now + FEWER_FOR));
        let is_news = self.told.is_none_or(|told| sessions < told);
        if is_news {
            self.told = Some(sessions);
        }
        Some(Fewer { sessions, is_news })
    }

    /// It is away altogether: what it said of our number is no longer true.
    pub fn forget(&mut self) {
        self.most = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
    }

    fn with(taken: u16) -> Seats {
        Seats { taken, ..Seats::default() }
    }

    #[test]
    fn one_sent_away_while_others_are_there_leaves_so_many_seats_and_after_a_while_one_more_is_tried() {
        let mut seats = with(4);
        assert_eq!(seats.sent_away(at(0)), Some(Fewer { sessions: 3, is_news: true }));
        seats.leave();
        assert!(!seats.take(at(299)), "three are there, and three may be");
        assert!(seats.take(at(300)), "one more is tried");
        assert_eq!(seats.free_at(at(300)), None, "only one");
        assert_eq!(seats.sent_away(at(301)), Some(Fewer { sessions: 3, is_news: false }));
        seats.leave();
        seats.leave();
        assert!(seats.take(at(302)), "a seat that is left may be taken");
        assert!(!seats.take(at(303)));
        assert!(seats.take(at(601)));
        seats.let_in();
        assert!(seats.take(at(602)), "let in: more may be tried at once");
        assert_eq!(seats.sent_away(at(603)), Some(Fewer { sessions: 4, is_news: false }), "it was fewer before");
    }

    #[test]
    fn the_last_one_that_is_sent_away_was_not_one_too_many() {
        let mut seats = with(1);
        assert_eq!(seats.sent_away(at(0)), None);
        let mut seats = with(2);
        assert_eq!(seats.sent_away(at(0)).map(|fewer| fewer.sessions), Some(1));
        seats.leave();
        assert_eq!(seats.sent_away(at(0)), None);
        seats.leave();
        seats.forget();
        assert!(seats.take(at(1)) && seats.take(at(1)), "it was away");
    }

    #[test]
    fn a_clock_that_is_set_back_shuts_no_seat_for_longer() {
        let mut seats = with(2);
        seats.sent_away(at(10_000));
        seats.leave();
        assert_eq!(seats.free_at(at(0)), Some(at(300)));
    }
}
