//! Strangers' words inside HTML: they stay words.

/// A text for element content or a double-quoted attribute. Control characters and the marks that turn text around are
/// replaced, as in tables.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if c.is_control() => out.push('\u{FFFD}'),
            '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
                out.push('\u{FFFD}')
            }
            c => out.push(c),
        }
    }
    out
}

/// A text as a CSS string between double quotes.
pub(super) fn css_string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            c if c.is_alphanumeric() || matches!(c, ' ' | '/' | '.' | ',' | '-' | ':' | '(' | ')') => out.push(c),
            // CSS Syntax §4.3.7: a code point in hexadecimal, ended by a blank
            c => out.push_str(&format!("\\{:x} ", u32::from(c))),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_words_open_no_element_and_end_no_attribute() {
        assert_eq!(
            escaped("<b onclick='x'>&\"\u{7}\u{202e}"),
            "&lt;b onclick=&#39;x&#39;&gt;&amp;&quot;\u{FFFD}\u{FFFD}"
        );
        assert_eq!(escaped("لجنة النيل · 部"), "لجنة النيل · 部");
        assert_eq!(css_string("BDT/1\"}</style>\n"), "\"BDT/1\\22 \\7d \\3c /style\\3e \\a \"");
    }
}
