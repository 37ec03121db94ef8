//! Names the likely encoding of octets that are not UTF-8, and text that was decoded wrongly before it was saved.
//!
//! Only for messages: such a file is refused, since a wrong guess would print a wrong name in an official letter.

use encoding_rs::{Encoding, GBK, WINDOWS_1251, WINDOWS_1252, WINDOWS_1256};

/// Says in which encoding `octets` are probably written and how they read in it.
pub(super) fn not_utf8(octets: &[u8]) -> String {
    let likely = likely(octets);
    let (text, _, _) = likely.decode(octets);
    format!(
        "not UTF-8 but probably {}, in which it reads \"{}\"; save the file as \"CSV UTF-8\" and drop it again",
        likely.name(),
        super::address::shown(&text)
    )
}

fn likely(octets: &[u8]) -> &'static Encoding {
    let high: Vec<u8> = octets.iter().copied().filter(|octet| *octet >= 0x80).collect();
    let runs = octets.split(u8::is_ascii).filter(|run| !run.is_empty()).count().max(1);
    if high.len() < runs * 2 {
        // Single accented letters among ASCII ones.
        return WINDOWS_1252;
    }
    let paired = octets.split(u8::is_ascii).all(|run| run.len() % 2 == 0 && run.iter().all(|octet| *octet >= 0xa1));
    // The lead octets of the commonest Chinese characters; single-byte alphabets keep no such order.
    let leads =
        octets.split(u8::is_ascii).flat_map(|run| run.chunks_exact(2)).all(|pair| (0xb0..=0xf7).contains(&pair[0]));
    if paired && leads && GBK.decode_without_bom_handling_and_without_replacement(octets).is_some() {
        return GBK;
    }
    // р с т у х ц ч ш щ ы ь ю я stand at F0-FF, where Windows-1256 has French letters and vowel signs.
    match high.iter().filter(|octet| **octet >= 0xf0).count() * 10 > high.len() {
        true => WINDOWS_1251,
        false => WINDOWS_1256,
    }
}

/// What a text should read if it is UTF-8 that was once taken for Windows-1252 (`MÃ¼nchen`).
pub(super) fn mended(text: &str) -> Option<String> {
    if !text.chars().any(|c| ('\u{c2}'..='\u{f4}').contains(&c)) {
        return None;
    }
    let (octets, _, lossy) = WINDOWS_1252.encode(text);
    if lossy {
        return None;
    }
    String::from_utf8(octets.into_owned()).ok().filter(|mended| mended != text)
}
