//! One field of a cron expression: `*`, `5`, `1-5`, `*/15`, `Mon,Wed`, expanded to the numbers it means.
//!
//! Written out here because the numbers of weekdays must be POSIX's (0 and 7 are Sunday) and because a message must say
//! which field is wrong, and what would be right.

use std::collections::BTreeSet;

/// What one field may hold.
pub(super) struct Field {
    pub(super) name: &'static str,
    lowest: u32,
    highest: u32,
    /// Full English names; the first stands for `lowest`.
    names: &'static [&'static str],
    /// The last number that `*` reaches: Sunday is not counted twice.
    last: u32,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
pub(super) const WEEKDAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

pub(super) const SECOND: Field = Field::numbers("second", 0, 59);
pub(super) const MINUTE: Field = Field::numbers("minute", 0, 59);
pub(super) const HOUR: Field = Field::numbers("hour", 0, 23);
pub(super) const DAY: Field = Field::numbers("day of the month", 1, 31);
pub(super) const MONTH: Field = Field { name: "month", lowest: 1, highest: 12, names: &MONTHS, last: 12 };
pub(super) const WEEKDAY: Field = Field { name: "weekday", lowest: 0, highest: 7, names: &WEEKDAYS, last: 6 };
/// The span that the enumeration underneath covers.
pub(super) const YEAR: Field = Field::numbers("year", 1970, 2100);

impl Field {
    const fn numbers(name: &'static str, lowest: u32, highest: u32) -> Self {
        Self { name, lowest, highest, names: &[], last: highest }
    }

    /// The numbers that `text` means; `None` for `*` and `?`, which leave the field open.
    pub(super) fn expand(&self, text: &str) -> Result<Option<BTreeSet<u32>>, String> {
        if matches!(text, "*" | "?") {
            return Ok(None);
        }
        let mut numbers = BTreeSet::new();
        for item in text.split(',') {
            numbers.extend(self.item(item)?);
        }
        Ok(Some(numbers))
    }

    fn item(&self, item: &str) -> Result<Vec<u32>, String> {
        let (range, step) = match item.split_once('/') {
            None => (item, None),
            Some((range, step)) => {
                let step = step.parse().ok().filter(|n| (1..=self.highest).contains(n));
                (range, Some(step.ok_or_else(|| self.wrong(item, "after / stands a whole number, as in */15"))?))
            }
        };
        let (first, last) = match (range, range.split_once('-')) {
            ("*", _) => (self.lowest, self.last),
            (_, Some((first, last))) => (self.number(first)?, self.number(last)?),
            // `5/15` is every fifteenth from five on.
            (_, None) => {
                let first = self.number(range)?;
                (first, if step.is_some() { self.last.max(first) } else { first })
            }
        };
        let all: Vec<u32> = if first <= last {
            (first..=last).collect()
        } else if self.lowest == 0 && self.highest == 7 {
            // A week has no end: Fri-Mon.
            (first..=self.last).chain(self.lowest..=last).collect()
        } else {
            return Err(self.wrong(item, "a range goes from the smaller to the larger"));
        };
        Ok(all.into_iter().step_by(step.unwrap_or(1) as usize).collect())
    }

    fn number(&self, word: &str) -> Result<u32, String> {
        if let Some(number) = self.named(word) {
            return Ok(number);
        }
        if word.contains(['L', 'W', '#']) && word.contains(|c: char| c.is_ascii_digit() || word.len() <= 2) {
            return Err(self.wrong(word, "L, W and # are not understood; list the days"));
        }
        let number = word.parse::<u32>().map_err(|_| self.wrong(word, &self.expected()))?;
        if (self.lowest..=self.highest).contains(&number) {
            Ok(number)
        } else {
            Err(self.wrong(word, &self.expected()))
        }
    }

    /// `Mon`, `monday`: at least three letters of the name.
    fn named(&self, word: &str) -> Option<u32> {
        let word = word.to_ascii_lowercase();
        let index = self.names.iter().position(|name| word.len() >= 3 && name.starts_with(&word))?;
        u32::try_from(index).ok().map(|index| self.lowest + index)
    }

    fn expected(&self) -> String {
        match self.names {
            [first, .., last] => {
                format!("it is {} to {}, or {} to {}", self.lowest, self.highest, short(first), short(last))
            }
            _ => format!("it is a whole number from {} to {}", self.lowest, self.highest),
        }
    }

    fn wrong(&self, found: &str, remedy: &str) -> String {
        format!("\"{found}\" cannot be the {}; {remedy}", self.name)
    }
}

/// `Sun`, as the enumeration underneath and people write it.
pub(super) fn short(name: &str) -> String {
    let mut letters = name.chars().take(3);
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
