//! The templates, and how values get into them: strictly, escaped, and without signs that turn text around.

use std::sync::LazyLock;

use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, escape_formatter, syntax::SyntaxConfig};

/// All templates, by name.
pub(super) const TEMPLATES: &[(&str, &str)] = &[
    ("frame.html", include_str!("../html/frame.html")),
    ("parts.html", include_str!("../html/parts.html")),
    ("told.html", include_str!("../html/told.html")),
    ("sign_in.html", include_str!("../html/sign_in.html")),
    ("circulars.html", include_str!("../html/circulars.html")),
    ("circular.html", include_str!("../html/circular.html")),
    ("accept.html", include_str!("../html/accept.html")),
    ("act.html", include_str!("../html/act.html")),
    ("test.html", include_str!("../html/test.html")),
    ("parked.html", include_str!("../html/parked.html")),
    ("log.html", include_str!("../html/log.html")),
    ("delivery.html", include_str!("../html/delivery.html")),
    ("message.html", include_str!("../html/message.html")),
    ("addressee.html", include_str!("../html/addressee.html")),
    ("groups.html", include_str!("../html/groups.html")),
    ("group.html", include_str!("../html/group.html")),
    ("alerts.html", include_str!("../html/alerts.html")),
    ("schedule.html", include_str!("../html/schedule.html")),
];

/// The environment of all pages. A template that does not parse is found by the tests.
pub(super) static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    environment.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => {
            let shown = visible(text);
            out.write_str(&escaped(shown.as_deref().unwrap_or(text)))
                .map_err(|_| Error::new(ErrorKind::WriteFailure, "the page is full"))
        }
        _ => escape_formatter(out, state, value),
    });
    environment.add_filter("words", |word: &str| word.replace('_', " "));
    environment.add_filter("stage", |stage: &str| super::wording::stage(stage).to_owned());
    environment.add_filter("number", |number: i64| super::numbers::grouped(number.unsigned_abs()));
    for (name, source) in TEMPLATES {
        if let Err(error) = environment.add_template(name, source) {
            tracing::error!(name, %error, "dashboard: a template is damaged");
        }
    }
    environment
});

/// Text as it may stand in HTML, in an element and in an attribute's quotes.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}

/// Text with control characters and direction overrides shown as what they are; `None`: it has none.
///
/// A reply or a name may turn round what stands after it (U+202E), and so say something else than it holds. Isolates and
/// marks are left: honest text in two directions uses them, and they end with their element.
pub(super) fn visible(text: &str) -> Option<String> {
    let hides = |c: char| (c.is_control() && !matches!(c, '\n' | '\t' | '\r')) || matches!(c, '\u{202a}'..='\u{202e}');
    if !text.contains(hides) {
        return None;
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hides(c) {
            shown.push_str(&format!("[U+{:04X}]", u32::from(c)));
        } else {
            shown.push(c);
        }
    }
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_parses_and_none_lets_anything_through_unescaped() {
        for (name, source) in TEMPLATES {
            assert!(ENVIRONMENT.get_template(name).is_ok(), "{name}");
            for word in ["|safe", "| safe", "autoescape", " style=", " onclick", "javascript:", "<script>"] {
                assert!(!source.contains(word), "{name} holds {word}");
            }
            let foreign = source.match_indices("://").filter(|(at, _)| !source[..*at].ends_with("http://www.w3.org"));
            assert_eq!(foreign.count(), 0, "{name} names another place");
        }
    }

    #[test]
    fn what_turns_text_around_is_shown_instead() {
        for (text, shown) in [
            ("abc\u{202e}fdp.exe", Some("abc[U+202E]fdp.exe")),
            ("a\u{0}b\u{1b}[31m", Some("a[U+0000]b[U+001B][31m")),
            ("السلام عليكم\nمرحبا", None),
            ("\u{2067}א\u{2069} b", None),
        ] {
            assert_eq!(visible(text).as_deref(), shown, "{text:?}");
        }
        let rendered =
            ENVIRONMENT.render_str("{{ x }}", minijinja::context! { x => "<b>\u{202e}\"" }).expect("renders");
        assert_eq!(rendered, "&lt;b&gt;[U+202E]&quot;");
    }
}
