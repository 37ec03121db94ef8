//! Days that are deadlines by another day: the end of a period in which something is wanted, a day that shares its phrase
//! with the one before it, one that a deadline is moved to, one that stands instead of another or is given by mistake.

use super::{
    super::{dates::DateAt, tokens::Token, words::WORDS},
    clock::without_clock,
    phrases::{ends_with, holds, is_deadline, is_part_of_date, last_of, sentence, starts_with},
};

/// A text with its tokens and its dates.
pub(super) struct Text<'t> {
    pub text: &'t str,
    pub tokens: &'t [Token],
    pub dates: &'t [DateAt],
}

impl Text<'_> {
    /// The day of the date at a place, if the text wants something by it.
    pub fn deadline(&self, at: usize) -> Option<chrono::NaiveDate> {
        let date = &self.dates[at];
        let before = at.checked_sub(1).map(|before| &self.dates[before]);
        if before.is_some_and(|before| is_moved(self.tokens, before, date)) || self.shares(at) || self.ends_period(at) {
            return date.last_day();
        }
        date.day().filter(|_| is_deadline(self.tokens, date, self.text))
    }

    /// "by 17 April for members and 24 April for guests": the phrase of the day before holds for this one too.
    fn shares(&self, at: usize) -> bool {
        const MOST: usize = 14;
        let Some(first) = at.checked_sub(1) else { return false };
        let between = &self.tokens[self.dates[first].tokens.end..self.dates[at].tokens.start];
        let plain = |token: &Token| token.number().is_none() && !matches!(token.mark(), Some('.' | ';' | ':' | '。'));
        if between.is_empty() || between.len() > MOST || !between.iter().all(plain) {
            return false;
        }
        let lead = WORDS.phrases("deadline_joins").iter().find_map(|phrase| ends_with(between, phrase));
        let begins = |lead: &[Token]| WORDS.phrases("deadline_shares").iter().any(|phrase| starts_with(lead, phrase));
        let own = |lead: &[Token]| lead.is_empty() || (begins(lead) && !holds(lead, "deadline_joins"));
        lead.is_some_and(own) && self.deadline(first).is_some() && !is_replaced(self, first)
    }

    /// "Members are to vote between 14 September and 13 November", "registration is open from 1 to 31 March".
    fn ends_period(&self, at: usize) -> bool {
        self.period(at).is_some_and(|lead| {
            let act = last_of(lead, "deadline_period_acts");
            act.is_some_and(|act| !holds(&lead[act..], "deadline_events")) && !self.is_followed(at)
        })
    }

    /// "between 1 and 30 June, and in any case before 3 July": the same sentence names the day that counts.
    fn is_followed(&self, at: usize) -> bool {
        let Some(next) = self.dates.get(at + 1) else { return false };
        let between = &self.tokens[self.dates[at].tokens.end..next.tokens.start];
        let one = sentence(between).is_some_and(|own| own.len() == between.len());
        one && next.day().is_some() && is_deadline(self.tokens, next, self.text)
    }

    /// In a list of deadlines: the last day of a period that is none of an event.
    pub fn is_last_of_period(&self, at: usize) -> bool {
        self.period(at).is_some_and(|lead| !holds(lead, "deadline_events"))
    }

    /// What stands in the sentence before a period that ends with this date.
    pub fn period(&self, at: usize) -> Option<&[Token]> {
        // "from the 14th of September to the": the longest that stands before the last day
        const LONGEST: usize = 7;
        let start = self.dates[at].tokens.start;
        let article = |token: &Token| token.word().is_some_and(|word| WORDS.has("before_date", word));
        let mut join = start.checked_sub(1)?;
        if article(&self.tokens[join]) {
            join = join.checked_sub(1)?;
        }
        let joins = |token: &Token| match token.word() {
            Some(word) => WORDS.has("range_joins", word),
            None => token.mark() == Some('-'),
        };
        let first = join.checked_sub(1).filter(|_| joins(&self.tokens[join]))?;
        let part = |token: &Token| {
            is_part_of_date(token)
                || token
                    .word()
                    .is_some_and(|word| ["ordinals", "between_day_and_month"].iter().any(|list| WORDS.has(list, word)))
        };
        if !part(&self.tokens[first]) {
            return None;
        }
        let own = self.tokens[..=first].iter().rev().take(LONGEST).take_while(|token| part(token)).count();
        let begin = first + 1 - own;
        // "from 3 May", "entre le 3 mai": a period that is given, and no pair of days
        let opens = |lead: &[Token]| {
            WORDS.phrases("deadline_period_opens").iter().find_map(|phrase| ends_with(lead, phrase)).map(<[Token]>::len)
        };
        let dash = self.tokens[join].word().is_none_or(|word| word == "至" || word == "到");
        // "del", "من" open a period and stand within a date
        let opened = (begin..=(begin + 1).min(first)).find_map(|begin| opens(&self.tokens[..begin]));
        sentence(&self.tokens[..opened.or(dash.then_some(begin))?])
    }

    /// "It was stated by mistake that papers are due by 18 September.": the day is wrong; so is one that the next sentence puts
    /// right, "The correct date is 24 December.".
    pub fn is_mistaken(&self, at: usize) -> bool {
        let date = &self.dates[at];
        let before = sentence(&self.tokens[..date.tokens.start]).unwrap_or_default();
        // the stop behind a month may count as part of it
        let stopped = self.tokens[date.tokens.end - 1].mark() == Some('.');
        let after = &self.tokens[date.tokens.end - usize::from(stopped)..];
        let end =
            (0..after.len()).find(|at| matches!(after[*at].mark(), Some('.' | ';' | '。'))).unwrap_or(after.len());
        // what corrects it may stand in the same sentence
        let behind = holds(&after[..end], "deadline_mistaken");
        if holds(before, "deadline_corrects") && !behind {
            return false;
        }
        let phrases = WORDS.phrases("deadline_corrects");
        let mut next = (end + 1..after.len()).take(3).map(|at| &after[at..]);
        let put_right = next.any(|next| phrases.iter().any(|phrase| starts_with(next, phrase)));
        behind || put_right || holds(before, "deadline_mistaken")
    }

    /// "The deadline is not 3 January but 10 January": the day that is right, behind one that is not.
    pub fn stands_instead(&self, at: usize) -> bool {
        const MOST: usize = 8;
        let Some(first) = at.checked_sub(1).filter(|first| is_replaced(self, *first)) else { return false };
        let between = &self.tokens[self.dates[first].tokens.end..self.dates[at].tokens.start];
        let joined = between.len() <= MOST
            && without_clock(between, |rest| {
                WORDS.phrases("deadline_instead").iter().any(|phrase| ends_with(rest, phrase).is_some())
            });
        let lead = sentence(&self.tokens[..self.dates[first].tokens.start]);
        joined && lead.is_some_and(|lead| holds(lead, "deadline_nouns"))
    }

    /// "Members were asked to reply before 12 February. The deadline now reads 12 March.": what a former letter asked for, of
    /// which a later sentence says the day that counts.
    pub fn is_reported(&self, at: usize) -> bool {
        let date = &self.dates[at];
        let before = sentence(&self.tokens[..date.tokens.start]).unwrap_or_default();
        let after = &self.tokens[date.tokens.end..];
        let moved = || holds(after, "deadline_nouns") && holds(after, "deadline_reads");
        holds(before, "deadline_reported") && moved()
    }

    /// Whether a day given by mistake is one by which something is wanted.
    pub fn was_deadline(&self, at: usize) -> bool {
        let before = sentence(&self.tokens[..self.dates[at].tokens.start]).unwrap_or_default();
        self.deadline(at).is_some() || holds(before, "deadline_nouns")
    }

    /// "The correct date is 11 September.", behind a day that was given by mistake.
    pub fn corrects(&self, at: usize) -> bool {
        let from = at.checked_sub(1).map_or(0, |before| self.dates[before].tokens.end);
        holds(&self.tokens[from..self.dates[at].tokens.start], "deadline_corrects")
    }
}

/// "Instead of 'by 4 September' read 'by 14 September'": a day that another takes the place of.
pub(super) fn is_replaced(text: &Text, at: usize) -> bool {
    const NEAR: usize = 4;
    let date = &text.dates[at];
    let begins = |tokens: &[Token], list: &str| WORDS.phrases(list).iter().any(|phrase| starts_with(tokens, phrase));
    let after = &text.tokens[date.tokens.end..];
    let changed = (0..after.len().min(NEAR))
        .take_while(|at| *at == 0 || !matches!(after[at - 1].mark(), Some('.' | ',' | ';')))
        .any(|at| begins(&after[at..], "deadline_changed"));
    let all = &text.tokens[..date.tokens.start];
    let before = sentence(all).unwrap_or_default();
    let old = last_of(before, "deadline_replaced");
    let new = last_of(before, "deadline_reads");
    let replaced = old.is_some_and(|old| new.is_none_or(|new| new < old));
    let denied = without_clock(all, |rest| {
        WORDS.phrases("deadline_denied").iter().any(|phrase| ends_with(rest, phrase).is_some())
    });
    changed || replaced || denied
}

/// "The deadline has been extended from 1 December 2026 to 8 December 2026": not a span, but one day instead of another.
fn is_moved(tokens: &[Token], first: &DateAt, second: &DateAt) -> bool {
    const WIDEST: usize = 3;
    let between = second.tokens.start.saturating_sub(first.tokens.end);
    let before = &tokens[..first.tokens.start];
    let Some(lead) = sentence(before).filter(|lead| holds(lead, "deadline_nouns")) else { return false };
    // "extended the deadline for papers from": the verb may stand apart from its "from".
    let moves = WORDS.phrases("deadline_moves").iter().filter_map(|phrase| phrase.split_last()).any(|(from, verb)| {
        let head = ends_with(lead, std::slice::from_ref(from));
        head.is_some_and(|head| (0..=head.len()).any(|end| ends_with(&head[..end], verb).is_some()))
    });
    (1..=WIDEST).contains(&between) && moves
}
