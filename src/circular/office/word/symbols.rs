//! Characters that Word keeps by their place in a font of symbols.

/// Symbol, Wingdings and their kin put their signs at U+F000 and up; these are what letters use.
const SIGNS: [(u32, char); 30] = [
    (0xf0b7, '•'),
    (0xf0a7, '▪'),
    (0xf076, '❖'),
    (0xf0d8, '➢'),
    (0xf0fc, '✓'),
    (0xf0fb, '✗'),
    (0xf06f, '□'),
    (0xf0a8, '□'),
    (0xf0fe, '☑'),
    (0xf0fd, '☒'),
    (0xf0e0, '→'),
    (0xf0df, '←'),
    (0xf0ae, '→'),
    (0xf02d, '−'),
    (0xf0b0, '°'),
    (0xf0b1, '±'),
    (0xf0b4, '×'),
    (0xf0a3, '≤'),
    (0xf0b3, '≥'),
    (0xf0b9, '≠'),
    (0xf0bb, '≈'),
    (0xf06d, 'µ'),
    (0xf057, 'Ω'),
    (0xf028, '☎'),
    (0xf029, '✆'),
    (0xf02a, '✉'),
    (0xf020, ' '),
    (0xf0a5, '●'),
    (0xf06e, '■'),
    (0xf06c, '●'),
];

/// The character that a place in a font of symbols stands for; `None` where it is not known.
pub(super) fn sign(code: u32) -> Option<char> {
    let code = if code < 0x100 { code + 0xf000 } else { code };
    match SIGNS.iter().find(|(known, _)| *known == code) {
        Some((_, sign)) => Some(*sign),
        None if !(0xe000..0xf900).contains(&code) => char::from_u32(code).filter(|c| !c.is_control()),
        None => None,
    }
}

/// Text in which signs of such fonts, typed as characters, are what they look like.
pub(super) fn readable(text: &str) -> String {
    let known = |c: char| if ('\u{f000}'..'\u{f900}').contains(&c) { sign(u32::from(c)).unwrap_or(c) } else { c };
    // a soft hyphen only says where a word may be broken
    text.chars().filter(|c| *c != '\u{ad}').map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_characters() {
        assert_eq!((sign(0xf0b7), sign(0x00b7), sign(0xf0fc)), (Some('•'), Some('•'), Some('✓')));
        assert_eq!((sign(0x2022), sign(0xf0ff)), (Some('•'), None));
        assert_eq!(readable("\u{f0b7} infor\u{ad}mation"), "• information");
    }
}
