//! Names the likely encoding of octets that are not UTF-8, and undoes text that was once decoded wrongly.

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

/// The runs of a text that are not ASCII.
pub(super) fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_ascii()).filter(|run| !run.is_empty())
}

/// What a run that is not ASCII was before its UTF-8 was taken for Windows-1252 (`Ã¼`); `None` where it was not.
pub(super) fn undone(run: &str) -> Option<String> {
    if !run.starts_with(|c| ('\u{c2}'..='\u{f4}').contains(&c)) {
        return None;
    }
    let (octets, _, lossy) = WINDOWS_1252.encode(run);
    if lossy {
        return None;
    }
    String::from_utf8(octets.into_owned()).ok().filter(|mended| mended.chars().all(is_common))
}

/// Characters of names and of ordinary print. `É”` would give a phonetic sign, and is what it looks like.
fn is_common(c: char) -> bool {
    matches!(u32::from(c), 0xa0..=0x17f | 0x218..=0x21b | 0x386..=0x3ce | 0x400..=0x45f | 0x490..=0x491 | 0x5d0..=0x5ea
        | 0x60c..=0x6d5 | 0x900..=0xeff | 0x1e00..=0x1eff | 0x2010..=0x2026 | 0x2030..=0x203a | 0x20ac | 0x2116 | 0x2122
        | 0x3000..=0x30ff | 0x4e00..=0x9fff | 0xac00..=0xd7a3 | 0xfeff | 0xff01..=0xff5e)
}

/// What a text should read if some of it is UTF-8 that was once taken for Windows-1252 (`MÃ¼nchen`).
pub(super) fn mended(text: &str) -> Option<String> {
    let mut mended: Option<String> = None;
    for run in runs(text) {
        if let Some(was) = undone(run) {
            mended = Some(mended.as_deref().unwrap_or(text).replace(run, &was));
        }
    }
    mended
}
