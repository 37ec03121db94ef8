//! What makes a day a deadline where it stands: a phrase straight before or behind it, or the noun that its sentence names.

use super::{
    super::{
        dates::DateAt,
        tokens::{Kind, Token},
        words::WORDS,
    },
    clock::{behind_clock, without_clock},
};

/// Whether the phrases around a day make it one by which something is wanted.
pub(super) fn is_deadline(tokens: &[Token], date: &DateAt, text: &str) -> bool {
    let (before, after) = (&tokens[..date.tokens.start], &tokens[date.tokens.end..]);
    if WORDS.phrases("deadline_meetings").iter().any(|phrase| ends_with(before, phrase).is_some()) {
        return false;
    }
    // "Deadline for registration      15 January 2022"
    let gap = before.last().zip(tokens.get(date.tokens.start)).is_some_and(|(one, other)| is_gap(text, one, other));
    let beside = || gap && sentence(before).is_some_and(|lead| holds(lead, "deadline_nouns"));
    follows_phrase(before)
        || behind_clock(after, "deadline_after", "deadline_after_goes_on")
        || follows_noun(before)
        || beside()
        || closes(before)
        || is_nominal(before)
        || is_said_again(before)
        || is_in_brackets(before, after)
}

/// Whether two tokens of a line stand in two columns.
pub(super) fn is_gap(text: &str, before: &Token, after: &Token) -> bool {
    let between = text.get(before.end..after.start).unwrap_or_default();
    !between.contains('\n') && (between.contains("   ") || between.contains('\t'))
}

pub(super) fn starts_with(tokens: &[Token], phrase: &[Kind]) -> bool {
    tokens.len() >= phrase.len() && tokens.iter().zip(phrase).all(|(token, kind)| token.kind == *kind)
}

/// What stands before a phrase at the end of the tokens.
pub(super) fn ends_with<'t>(tokens: &'t [Token], phrase: &[Kind]) -> Option<&'t [Token]> {
    let start = tokens.len().checked_sub(phrase.len())?;
    let same = tokens[start..].iter().zip(phrase).all(|(token, kind)| token.kind == *kind);
    same.then(|| &tokens[..start])
}

/// Where the last of the phrases of a list begins.
pub(super) fn last_of(tokens: &[Token], list: &str) -> Option<usize> {
    let phrases = WORDS.phrases(list);
    (0..tokens.len()).rev().find(|at| phrases.iter().any(|phrase| starts_with(&tokens[*at..], phrase)))
}

pub(super) fn holds(tokens: &[Token], list: &str) -> bool {
    last_of(tokens, list).is_some()
}

/// The last tokens of a sentence, at most as many as a printed clause has.
pub(super) fn sentence(tokens: &[Token]) -> Option<&[Token]> {
    const MOST: usize = 40;
    let stop = |at: &usize| match tokens[*at].mark() {
        // "16.00", "p.m."
        Some('.') => tokens.get(at + 1).is_none_or(|next| next.start > tokens[*at].end),
        mark => matches!(mark, Some(';' | '!' | '?' | '。' | '؛')),
    };
    let start = (0..tokens.len()).rev().find(stop).map_or(0, |at| at + 1).max(tokens.len().saturating_sub(MOST));
    tokens.get(start..)
}

fn follows_phrase(before: &[Token]) -> bool {
    without_clock(before, |rest| {
        if WORDS.phrases("deadline_before").iter().any(|phrase| ends_with(rest, phrase).is_some()) {
            return true;
        }
        // "se convoca a asamblea para el 26 de noviembre": the day of what is convened
        let weak = WORDS.phrases("deadline_weak").iter().find_map(|phrase| ends_with(rest, phrase));
        if weak.is_some_and(|lead| !sentence(lead).is_some_and(|lead| holds(lead, "deadline_convenes"))) {
            return true;
        }
        // "from 10 January until 15 January": the end of a span.
        let end = WORDS.phrases("deadline_ends").iter().find_map(|phrase| ends_with(rest, phrase));
        end.is_some_and(|lead| !lead.last().is_some_and(is_part_of_date))
    })
}

pub(super) fn is_part_of_date(token: &Token) -> bool {
    let month = |word: &str| WORDS.months.iter().any(|(name, _)| name.len() == 1 && name[0] == word);
    token.number().is_some()
        || token.word().is_some_and(|word| month(word) || word == "日" || WORDS.has("after_year", word))
}

/// "The deadline for contributions is 15 January 2022", "Date limite : 15 janvier 2022".
fn follows_noun(before: &[Token]) -> bool {
    without_clock(before, |rest| {
        let nouns = WORDS.phrases("deadline_nouns");
        if nouns.iter().any(|noun| ends_with(rest, noun).is_some()) {
            return true;
        }
        let colon = rest.split_last().filter(|(last, _)| matches!(last.mark(), Some(':' | '-'))).map(|(_, lead)| lead);
        let verb = WORDS.phrases("deadline_verbs").iter().find_map(|verb| ends_with(rest, verb));
        let Some(lead) = colon.or(verb) else { return false };
        sentence(lead).is_some_and(|lead| holds(lead, "deadline_nouns"))
    })
}

/// "آخر موعد لاستلام المقترحات ١٥ مارس", "Срок подачи заявок 15 января": a sentence without its verb.
fn is_nominal(before: &[Token]) -> bool {
    const LONGEST: usize = 8;
    let of_another = |token: &Token| token.word().is_some_and(|word| WORDS.has("deadline_of_another", word));
    if before.last().is_some_and(of_another) {
        return false;
    }
    without_clock(before, |rest| {
        let words = rest.iter().rev().take(LONGEST).take_while(|token| token.word().is_some()).count();
        let lead = &rest[rest.len() - words..];
        let noun = last_of(lead, "deadline_nominal");
        noun.is_some() && !holds(lead, "deadline_events") && !holds(lead, "deadline_of_another")
    })
}

/// "Registration closes on 17 April", "Registration is open. It closes on 17 April": what closes is what an addressee has to
/// do, and no exhibition.
fn closes(before: &[Token]) -> bool {
    without_clock(before, |rest| {
        let Some(lead) = WORDS.phrases("deadline_closes").iter().find_map(|phrase| ends_with(rest, phrase)) else {
            return closes_first(rest);
        };
        let own = sentence(lead).unwrap_or_default();
        let above = lead[..lead.len() - own.len()].split_last().and_then(|(_, above)| sentence(above));
        let pronoun = own.len() <= 1 && above.is_some_and(|above| holds(above, "deadline_acts"));
        holds(own, "deadline_acts") || pronoun
    })
}

/// "وينتهي التسجيل في 10 سبتمبر", "завершается регистрация участников 10 сентября": what closes stands behind its verb.
fn closes_first(before: &[Token]) -> bool {
    const LONGEST: usize = 7;
    let words = before.iter().rev().take(LONGEST).take_while(|token| token.word().is_some()).count();
    let own = &before[before.len() - words..];
    let verb = last_of(own, "deadline_closes_first");
    verb.is_some_and(|verb| holds(&own[verb..], "deadline_acts") && !holds(&own[verb..], "deadline_events"))
}

/// "The deadline is seven days before the meeting, i.e. 30 November 2026"
fn is_said_again(before: &[Token]) -> bool {
    without_clock(before, |rest| {
        let lead = WORDS.phrases("deadline_that_is").iter().find_map(|phrase| ends_with(rest, phrase));
        let lead = lead.and_then(sentence);
        lead.is_some_and(|lead| {
            let wanted = holds(lead, "deadline_nouns") || holds(lead, "deadline_before");
            wanted && !lead.iter().any(|token| token.number().is_some_and(|(_, digits)| digits == 4 && is_year(token)))
        })
    })
}

fn is_year(token: &Token) -> bool {
    token.number().is_some_and(|(value, _)| (1900..2200).contains(&value))
}

/// "The deadlines for documents (12 July 2027) and for comments (26 July 2027) remain unchanged"
fn is_in_brackets(before: &[Token], after: &[Token]) -> bool {
    let open = before.split_last().filter(|(last, _)| matches!(last.mark(), Some('(' | '（')));
    let closed = after.first().is_some_and(|next| matches!(next.mark(), Some(')' | '）')));
    let lead = open.filter(|_| closed).and_then(|(_, lead)| sentence(lead));
    lead.is_some_and(|lead| {
        let noun = last_of(lead, "deadline_nouns");
        noun.is_some_and(|noun| !holds(&lead[noun..], "deadline_events"))
    })
}
