//! Layouts: what stands around a letter's body, `letter.html` and `letter.txt` under `templates/_layout/`.
//!
//! A layout is a template (minijinja) that is strict: a name it does not know is refused, never printed as nothing. It may
//! compute only a little (fuel), and reads no other file. Refused in HTML layouts: whatever fetches or runs something at the
//! reader's side. A letter is the same for everyone here; addressees' data are put in afterwards.

use std::collections::BTreeMap;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, syntax::SyntaxConfig};

use super::slot;
use crate::circular::Problem;

/// The built-in layout of the HTML part.
pub const BUILTIN_HTML: &str = include_str!("../../templates/_layout/letter.html");
/// The built-in layout of the text part.
pub const BUILTIN_TEXT: &str = include_str!("../../templates/_layout/letter.txt");

/// Steps a layout may take. The built-in ones need some hundred.
const FUEL: u64 = 100_000;

/// What a layout may name. `title` is the subject without markup, for `<title>`.
const NAMES: [&str; 21] = [
    "language",
    "direction",
    "letterhead",
    "labels",
    "reference",
    "place",
    "date",
    "dateline",
    "remarks",
    "to",
    "copy",
    "subject",
    "title",
    "salutation",
    "body",
    "closing",
    "signature_mark",
    "signatories",
    "after_signature",
    "copy_mark",
    "test_mark",
];

/// What fetches or runs something when a letter is opened, or asks for input.
const REFUSED_IN_HTML: [&str; 14] = [
    "<script",
    "<img",
    "<form",
    "<link",
    "<iframe",
    "<object",
    "<embed",
    "<video",
    "<audio",
    "<svg",
    "<base",
    "url(",
    "@import",
    "javascript:",
];

/// The two parts of a letter around its body, and the form of its subject line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    html: String,
    text: String,
    subject: String,
}

/// What a layout is given.
pub(super) type Names = BTreeMap<&'static str, Value>;

impl Layout {
    /// The layout that comes with the program.
    pub fn builtin() -> Self {
        Self {
            html: BUILTIN_HTML.to_owned(),
            text: BUILTIN_TEXT.to_owned(),
            subject: "{{ reference }}: {{ subject }}".to_owned(),
        }
    }

    /// A house's own layout. `html` and `text` are the contents of `letter.html` and `letter.txt`.
    pub fn parse(html: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let layout = Self { html: html.to_owned(), text: text.to_owned(), ..Self::builtin() };
        let mut problems = check("letter.html", html);
        problems.extend(check("letter.txt", text));
        let folded = html.to_ascii_lowercase();
        for refused in REFUSED_IN_HTML {
            if let Some(at) = folded.find(refused) {
                let line = html[..at].matches('\n').count() + 1;
                let message = format!(
                    "the layout letter.html, line {line}: \"{refused}\" fetches or runs something at the reader's side; \
                     a letter carries all that it shows, take it out"
                );
                problems.push(Problem::error(0, message));
            }
        }
        if problems.is_empty() { Ok(layout) } else { Err(problems) }
    }

    /// Another form of the subject line than `{{ reference }}: {{ subject }}`.
    pub fn with_subject(mut self, form: &str) -> Result<Self, Vec<Problem>> {
        let problems = check("of the subject line", form);
        form.trim().clone_into(&mut self.subject);
        if problems.is_empty() { Ok(self) } else { Err(problems) }
    }

    /// The HTML part around the given names, which are safe HTML already.
    pub(super) fn html(&self, names: &Names) -> Result<String, Problem> {
        render("letter.html", &self.html, names)
    }

    /// The text part, still in lines that are not wrapped.
    pub(super) fn text(&self, names: &Names) -> Result<String, Problem> {
        render("letter.txt", &self.text, names)
    }

    /// The subject line.
    pub(super) fn subject(&self, names: &Names) -> Result<String, Problem> {
        render("of the subject line", &self.subject, names)
    }
}

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    // What stands between `{% filter for_copies %}` and `{% endfilter %}` is shown only in copies for information.
    environment.add_filter("for_copies", |inside: &str| format!("{}{inside}{}", slot::COPIES_BEGIN, slot::COPIES_END));
    Ok(environment)
}

fn check(name: &str, source: &str) -> Vec<Problem> {
    let parsed = environment().and_then(|environment| {
        let template = environment.template_from_str(source)?;
        Ok(template.undeclared_variables(false))
    });
    match parsed {
        Err(error) => vec![told(name, &error)],
        Ok(found) => {
            let mut unknown: Vec<_> = found.iter().filter(|found| !NAMES.contains(&found.as_str())).collect();
            unknown.sort();
            unknown
                .into_iter()
                .map(|found| {
                    let message = format!(
                        "the layout {name} names \"{found}\", which there is not; there are {}",
                        NAMES.join(", ")
                    );
                    Problem::error(0, message)
                })
                .collect()
        }
    }
}

fn render(name: &str, source: &str, names: &Names) -> Result<String, Problem> {
    environment().and_then(|environment| environment.render_str(source, names)).map_err(|error| told(name, &error))
}

fn told(name: &str, error: &minijinja::Error) -> Problem {
    let line = error.line().map(|line| format!(", line {line}")).unwrap_or_default();
    let detail = error.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
    Problem::error(0, format!("the layout {name}{line}: {}{detail}; mend the layout", error.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_layout_is_one_that_is_accepted() {
        let builtin = Layout::builtin();
        assert_eq!(Layout::parse(&builtin.html, &builtin.text), Ok(builtin));
    }

    #[test]
    fn a_layout_that_names_what_is_not_there_or_fetches_something_is_refused() {
        for (html, found) in [
            ("{{ recipients }}", "recipients"),
            ("{{ body", "letter.html, line 1"),
            ("<p>\n<img src=\"https://x.example/logo.png\">", "line 2: \"<img\""),
            ("<SCRIPT>x</SCRIPT>", "<script"),
            ("<style>@import 'x'</style>", "@import"),
        ] {
            let problems = Layout::parse(html, "{{ body }}").unwrap_err();
            assert!(problems[0].message.contains(found), "{html}: {problems:?}");
        }
        assert!(Layout::builtin().with_subject("{{ number }}").is_err());
    }

    #[test]
    fn a_layout_that_never_ends_or_reads_files_is_stopped() {
        let names = Names::from([("body", Value::from("x"))]);
        for source in [
            "{% for a in range(9999) %}{% for b in range(9999) %}{{ body }}{% endfor %}{% endfor %}",
            "{% include '/etc/passwd' %}",
            "{{ body.missing }}",
        ] {
            assert!(render("letter.html", source, &names).is_err(), "{source}");
        }
    }
}
