//! Numbers in words, "the sixth day of October, two thousand and twenty-six", as deeds and notes write their dates.

use super::{
    super::{tokens::Token, words::WORDS},
    Cursor,
};

/// Words of one number: "two", "thousand", "and", "twenty", "-", "six".
const MOST: usize = 9;

impl Cursor<'_> {
    /// The number that the next words say; `None` where they say none.
    pub(super) fn number_in_words(&mut self) -> Option<u32> {
        let mut on = self.clone();
        let (mut sum, mut last) = (0u32, None);
        for _ in 0..MOST {
            let Some(value) = on.tokens.get(on.at).and_then(Token::word).and_then(value) else { break };
            let fits = match (last, value) {
                // "deux mille", "mil"
                (_, 1000) => sum < 10,
                // "dix-huit", "diez y ocho"
                (Some(10), 7..=9) => true,
                // "vingt-six", "two thousand and six": each part is less than the one before
                (Some(before), value) => value < before && (before >= 1000 || (before >= 20 && value < 20)),
                (None, _) => true,
            };
            if !fits {
                break;
            }
            sum = if value == 1000 { sum.max(1) * 1000 } else { sum + value };
            last = Some(value);
            on.at += 1;
            *self = on.clone();
            let _ = on.mark(&['-']);
            on.skip_words("number_word_joins");
        }
        last.map(|_| sum)
    }
}

/// What a word says as a number.
fn value(word: &str) -> Option<u32> {
    WORDS.number_words.get(word).copied()
}
