//! The place of a reference in the register of numbers: series with its issuer, year, number.
//!
//! "Circular BDT/DNS/DGS/112" is number 112 of bdt/dns/dgs; "CL-17/41" of 2017 is number 41 of cl in 2017, "CL 2020/06-PR"
//! number 6 of "cl pr" in 2020; in "Collective letter 6/3" the second number is the group's. Guesses no year: two digits are one
//! only where the letter is of that year.

use super::ReferenceKey;

/// Where a reference stands in the register.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegisterPlace {
    /// Issuer and series: what the reference says besides year and number.
    pub series: String,
    /// The year, where the reference has one: numbers begin anew in it.
    pub year: Option<u32>,
    /// The number; `None`: the reference has none.
    pub number: Option<u64>,
}

/// A run of digits in a key.
struct Group {
    start: usize,
    end: usize,
    value: u64,
}

/// No letter is older, and none is from later.
const YEARS: std::ops::RangeInclusive<u64> = 1900..=2100;

impl RegisterPlace {
    /// Reads a reference's key; `printed` and the year of the letter tell whether two digits are a year.
    pub fn of(key: &ReferenceKey, printed: &str, letter_year: Option<i32>) -> Self {
        let key = key.as_str();
        let groups = groups(key);
        let year = year(&groups, printed, letter_year);
        let others: Vec<usize> =
            (0..groups.len()).filter(|at| year.is_none_or(|(is_year, _)| is_year != *at)).collect();
        let pair = |at: usize| {
            at.checked_sub(1).is_some_and(|before| {
                let joined = others.contains(&before) && key[groups[before].end..groups[at].start] == *"/";
                let begins = key[..groups[before].start].chars().next_back().is_none_or(|c| c == ' ');
                joined && begins
            })
        };
        let number = others.last().map(|last| if pair(*last) { last - 1 } else { *last });
        let mut series = String::new();
        let mut from = 0;
        for (at, group) in groups.iter().enumerate() {
            if Some(at) == number || year.is_some_and(|(is_year, _)| is_year == at) {
                series.push_str(&key[from..group.start]);
                series.push('\0');
                from = group.end;
            }
        }
        series.push_str(&key[from..]);
        let marks = |c: char| {
            c == ' ' || matches!(c, '/' | '-' | '.' | ',' | '(' | ')' | '[' | ']' | '〔' | '〕' | '号' | '第')
        };
        let parts: Vec<&str> = series.split('\0').map(|part| part.trim_matches(marks)).collect();
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Self {
            series: parts.join(" "),
            year: year.and_then(|(_, year)| u32::try_from(year).ok()),
            number: number.map(|at| groups[at].value),
        }
    }
}

fn groups(key: &str) -> Vec<Group> {
    let mut found: Vec<Group> = Vec::new();
    let mut start = None;
    for (at, c) in key.char_indices().chain([(key.len(), ' ')]) {
        match (c.is_ascii_digit(), start) {
            (true, None) => start = Some(at),
            (false, Some(begun)) => {
                // a longer run is no number of a letter
                if let Ok(value) = key[begun..at].parse() {
                    found.push(Group { start: begun, end: at, value });
                }
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// Which group is the year, and which year; only where another group is left for the number.
fn year(groups: &[Group], printed: &str, letter_year: Option<i32>) -> Option<(usize, u64)> {
    if groups.len() < 2 {
        return None;
    }
    let four = groups.iter().position(|group| YEARS.contains(&group.value));
    if let Some(at) = four {
        return Some((at, groups[at].value));
    }
    let year = u64::try_from(letter_year?).ok()?;
    let two_digits = format!("{:02}/", year % 100);
    let starts_so = printed
        .match_indices(&two_digits)
        .any(|(at, _)| printed[..at].chars().next_back().is_none_or(|c| !c.is_ascii_digit()));
    let at = groups[..groups.len() - 1].iter().position(|group| group.value == year % 100)?;
    starts_so.then_some((at, year))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_its_place_in_the_register() {
        let table = [
            ("Circular BDT/DNS/DGS/112", 2021, "bdt/dns/dgs", None, Some(112)),
            ("TSB Circular 239", 2021, "tsb", None, Some(239)),
            ("CL-17/41", 2017, "cl", Some(2017), Some(41)),
            ("DM-05/1171", 2005, "dm", Some(2005), Some(1171)),
            ("CL 2020/06-PR", 2020, "cl pr", Some(2020), Some(6)),
            ("N° 12/2021", 2021, "", Some(2021), Some(12)),
            ("CL-17/41", 2018, "cl 41", None, Some(17)),
            ("Коллективное письмо 6/3 БСЭ", 2010, "коллективное письмо 3 бсэ", None, Some(6)),
            ("Circular-letter CR/25", 2021, "cr", None, Some(25)),
            ("MD-897", 2021, "md", None, Some(897)),
            ("Circular 2021", 2021, "circular", None, Some(2021)),
            ("Circular letter A", 2021, "a circular letter", None, None),
        ];
        for (printed, letter_year, series, year, number) in table {
            let key = printed.parse().expect("a reference");
            let place = RegisterPlace::of(&key, printed, Some(letter_year));
            assert_eq!((place.series.as_str(), place.year, place.number), (series, year, number), "{printed}");
        }
    }
}
