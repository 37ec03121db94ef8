//! The names of people who decide something: visible in the record, and one person however the name is written.

use unicode_normalization::UnicodeNormalization;

/// A name for the record: one line, without control characters around it. `Err` says what is wrong with it.
pub fn person_name(given: &str) -> Result<String, String> {
    let plain: String = given.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if same_person(&plain).is_empty() {
        return Err("the name is empty; say who you are: it stands in the record".to_owned());
    }
    Ok(plain.trim().to_owned())
}

/// What tells people apart: "Ada", "ADA", " ada " and "Ada" with an invisible character are one.
pub fn same_person(name: &str) -> String {
    let seen: String = name.nfkc().filter(|c| !is_unseen(*c)).collect();
    seen.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// Format characters, fillers and variation selectors (Unicode, Default_Ignorable_Code_Point), and the blank of Braille.
fn is_unseen(c: char) -> bool {
    matches!(u32::from(c), 0xad | 0x034f | 0x061c | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f
        | 0x202a..=0x202e | 0x2060..=0x206f | 0x2800 | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb
        | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_nobody_can_see_is_no_name() {
        for name in ["", " ", "\t\n", "\u{200b}", "\u{3164}", " \u{2060}\u{feff} ", "\u{2800}", "\u{e0041}"] {
            assert!(person_name(name).is_err(), "{name:?}");
        }
        assert_eq!(person_name(" Ada\nOkafor ").as_deref(), Ok("Ada Okafor"));
        assert_eq!(person_name("مینا\u{200c}زاده").as_deref(), Ok("مینا\u{200c}زاده"), "a name that is written so");
    }

    #[test]
    fn invisible_characters_make_no_other_person() {
        for name in ["Ann", "ANN", " ann ", "Ann\u{200b}", "A\u{ad}nn", "\u{202e}Ann", "Ann\u{fe0f}", "\u{ff21}nn"] {
            assert_eq!(same_person(name), "ann", "{name:?}");
        }
        assert_ne!(same_person("Anna"), same_person("Ann"));
    }
}
