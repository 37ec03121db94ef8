//! What a layout is given: a letter's parts by name, once as HTML and once as text.

use std::collections::BTreeMap;

use minijinja::Value;

use super::{
    Marked, html, labels,
    layout::Names,
    markdown,
    prose::{Block, Inline},
    text::{self, Waiting},
};
use crate::circular::Letter;

/// A letter's parts with their fields taken out.
pub(super) struct Parts {
    pub reference: String,
    pub subject: String,
    /// Where an addressee's own salutation may replace it.
    pub printed_salutation: Option<String>,
    pub salutation: String,
    pub body: Vec<Block>,
    pub closing: String,
    pub after_signature: Vec<Block>,
}

/// Opens a stretch whose direction is that of its first letter (Unicode Bidirectional Algorithm, UAX #9).
const ISOLATE: char = '\u{2068}';
const END_OF_ISOLATE: char = '\u{2069}';

pub(super) fn for_text(letter: &Letter, parts: &Parts, marked: Marked, waiting: &mut Vec<Waiting>) -> Names {
    let mut names = common(letter, parts, marked, &|plain| plain.replace('\t', " "));
    names.insert("body", Value::from(text::blocks(&parts.body, waiting)));
    names.insert("after_signature", Value::from(text::blocks(&parts.after_signature, waiting)));
    names.insert("title", Value::from(parts.subject.as_str()));
    names.insert("remarks", remarks(letter, text::inlines));
    names
}

/// RIGHT-TO-LEFT MARK: a header field has no `dir`, and readers take its direction from its first strong letter.
const RIGHT_TO_LEFT: char = '\u{200F}';

/// A subject line that runs from right to left although a Latin reference stands first in it. A mark only: isolates in header
/// fields are shown as boxes by some readers, and between Latin letters and digits a reference keeps together without them.
pub(super) fn right_to_left(subject: &str) -> String {
    format!("{RIGHT_TO_LEFT}{subject}")
}

/// The reference as a right-to-left line shows it: a Latin reference must not be torn apart there.
pub(super) fn isolated(reference: &str) -> String {
    format!("{ISOLATE}{reference}{END_OF_ISOLATE}")
}

pub(super) fn for_html(letter: &Letter, parts: &Parts, marked: Marked) -> Names {
    let escape = |plain: &str| html::text(plain).replace('\n', "<br>\n");
    let mut names = common(letter, parts, marked, &escape);
    names.insert("body", Value::from(html::blocks(&parts.body)));
    names.insert("after_signature", Value::from(html::blocks(&parts.after_signature)));
    names.insert("reference", Value::from(format!("<bdi>{}</bdi>", escape(&parts.reference))));
    let mut title = String::new();
    html::escape(&format!("{}: {}", parts.reference, parts.subject), &mut title);
    names.insert("title", Value::from(title));
    names.insert("remarks", remarks(letter, html::inlines));
    names
}

/// Lines of the printed head that are no field: contact, action, a second code.
fn remarks(letter: &Letter, write: fn(&[Inline]) -> String) -> Value {
    Value::from_iter(letter.remarks.iter().map(|found| write(&markdown::read_line(&found.value))))
}

fn common(letter: &Letter, parts: &Parts, marked: Marked, write: &dyn Fn(&str) -> String) -> Names {
    let words = labels::words(letter.language);
    let date = letter.date.as_ref().map(|found| labels::printed_date(found.value, letter.language));
    let place = letter.place.as_ref().map(|found| found.value.as_str());
    let dateline = labels::dateline(place, date.as_deref(), letter.language);
    let lines = |lines: &mut dyn Iterator<Item = &str>| lines.map(write).collect::<Vec<_>>();
    let text = |text: &str| Value::from(write(text));
    let signatories = letter.signatories.iter().map(|signatory| {
        let title = write(signatory.title.as_deref().unwrap_or_default());
        Value::from(BTreeMap::from([("name", write(&signatory.name)), ("title", title)]))
    });
    let words_by_name = [
        ("to", &words.to),
        ("copy", &words.copy),
        ("reference", &words.reference),
        ("subject", &words.subject),
        ("gap", &words.gap),
    ];
    Names::from([
        ("language", text(letter.language.code())),
        ("direction", text(letter.language.direction())),
        ("letterhead", Value::from(lines(&mut letter.letterhead.iter().map(|found| found.value.as_str())))),
        ("labels", Value::from(BTreeMap::from(words_by_name.map(|(name, word)| (name, write(word)))))),
        ("reference", text(&parts.reference)),
        ("place", text(place.unwrap_or_default())),
        ("date", text(date.as_deref().unwrap_or_default())),
        ("dateline", text(&dateline)),
        ("to", Value::from(lines(&mut letter.to.iter().map(|line| line.text.as_str())))),
        ("copy", Value::from(lines(&mut letter.copy.iter().map(|line| line.text.as_str())))),
        ("subject", text(&parts.subject)),
        ("salutation", text(&parts.salutation)),
        ("closing", text(&parts.closing)),
        ("signature_mark", text(letter.signature_mark.as_ref().map_or("", |found| found.value.as_str()))),
        ("signatories", Value::from_iter(signatories)),
        ("copy_mark", text(&words.copy_mark)),
        ("test_mark", text(if marked == Marked::TestCopy { &words.test_mark } else { "" })),
    ])
}
