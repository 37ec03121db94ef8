//! Countries as lists write them: "Sénégal" and "Senegal", "Côte d'Ivoire" and "COTE D’IVOIRE" are one.
//!
//! Case, accents, kinds of apostrophe, dash and blank do not part a country in two. Refuses to know more: "Ivory Coast" is
//! another name, and which is meant only the list's keeper can say.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use crate::circular::folded;

/// What two spellings of one country have in common.
pub fn country_key(name: &str) -> String {
    folded(name)
}

/// The same, where one is asked for among others.
pub fn is_same_country(one: &str, other: &str) -> bool {
    one == other || country_key(one) == country_key(other)
}

/// How many countries there are among spellings.
pub fn distinct_countries<'a>(spellings: impl IntoIterator<Item = &'a str>) -> usize {
    spellings.into_iter().map(country_key).collect::<BTreeSet<_>>().len()
}

/// Countries by spelling become countries: each under the spelling that weighs most, the first where two weigh the same.
pub fn by_country<T>(
    spelled: BTreeMap<String, T>,
    weight: impl Fn(&T) -> u64,
    add: impl Fn(&mut T, T),
) -> BTreeMap<String, T> {
    let mut countries: BTreeMap<String, Vec<(String, T)>> = BTreeMap::new();
    for (spelling, value) in spelled {
        countries.entry(country_key(&spelling)).or_default().push((spelling, value));
    }
    let mut named = BTreeMap::new();
    for mut spellings in countries.into_values() {
        spellings.sort_by_key(|(_, value)| Reverse(weight(value)));
        let mut spellings = spellings.into_iter();
        let Some((name, mut sum)) = spellings.next() else { continue };
        spellings.for_each(|(_, value)| add(&mut sum, value));
        named.insert(name, sum);
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_country_are_one_and_other_names_are_others() {
        for (one, other) in [
            ("Sénégal", "Senegal"),
            ("Côte d'Ivoire", "COTE D’IVOIRE"),
            ("Guinea-Bissau", "Guinea\u{2011}Bissau"),
            ("Viet\u{a0}Nam", "Viet Nam"),
            ("Türkiye", "turkiye"),
        ] {
            assert!(is_same_country(one, other), "{one}");
        }
        for (one, other) in [("Niger", "Nigeria"), ("Guinea", "Guinea-Bissau"), ("Côte d'Ivoire", "Ivory Coast")] {
            assert!(!is_same_country(one, other), "{one}");
        }
        assert_eq!(distinct_countries(["Senegal", "Sénégal", "Mali", "mali"]), 2);
    }

    #[test]
    fn sums_stand_under_the_spelling_that_weighs_most() {
        let spelled = [("Senegal", 2), ("Sénégal", 3), ("SENEGAL", 1), ("Chad", 1), ("Mali", 1), ("MALI", 1), ("", 4)];
        let spelled = spelled.map(|(name, count)| (name.to_owned(), count)).into();
        let countries = by_country(spelled, |count| *count, |sum, more| *sum += more);
        let expected = [("", 4), ("Chad", 1), ("MALI", 2), ("Sénégal", 6)];
        assert_eq!(countries, expected.map(|(name, count)| (name.to_owned(), count)).into());
    }
}
