//! One letter in one language, rendered once, with slots for what differs between addressees.

use serde::{Deserialize, Serialize};

use super::{
    COMPOSER, Layout, Piece, Slot, TextPiece,
    field::{refuse_fields, take_fields},
    labels, markdown,
    names::{self, Parts},
    slot::{self, Slots},
    source, text,
};
use crate::circular::{Language, Letter, Problem};

/// Gmail cuts a message's HTML at about 102 kB.
const MOST_HTML: usize = 100_000;

/// Whether a letter goes out as itself or as a marked test copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marked {
    /// As itself.
    No,
    /// With a mark before its subject and a line above it, both in its language, that say it has not been issued.
    TestCopy,
}

/// A letter rendered for all addressees of one language. The ledger keeps it as JSON from the freeze on, so that what was
/// frozen is what is sent whatever becomes of the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// The version of the composer that made it; another one might give other bytes.
    pub composer: u32,
    /// The letter's language.
    pub language: Language,
    /// As printed, with "Corrigendum 1 to" where it is one.
    pub reference: String,
    /// What the letter asks of its addressees.
    pub(super) slots: Vec<Slot>,
    /// The subject line.
    pub(super) subject: Vec<Piece>,
    /// The salutation as printed, where an addressee's own may replace it.
    pub(super) salutation: Option<String>,
    /// The text part.
    pub(super) text: Vec<TextPiece>,
    /// The HTML part.
    pub(super) html: Vec<Piece>,
    /// What staff should know; stops nothing.
    #[serde(skip)]
    pub warnings: Vec<Problem>,
}

impl Rendered {
    /// The columns that the letter uses, with the line where each is first used, in the order of the letter. A field with
    /// a default is listed too: its column must exist even where some of its cells are empty.
    pub fn fields(&self) -> Vec<(&str, u32)> {
        let mut found: Vec<(&str, u32)> = Vec::new();
        for slot in &self.slots {
            if !found.iter().any(|(field, _)| *field == slot.field) {
                found.push((&slot.field, slot.line));
            }
        }
        found.sort_by_key(|(_, line)| *line);
        found
    }
}

impl Rendered {
    /// How many links the letter shows: versions of one circular have as many.
    pub fn links(&self) -> usize {
        // after "<a" the source may go on on its next line
        let opens = |text: &str| text.matches("<a ").count() + text.matches("<a\r\n").count();
        let fixed = |piece: &Piece| if let Piece::Fixed(text) = piece { opens(text) } else { 0 };
        self.html.iter().map(fixed).sum()
    }
}

/// Renders a letter. Refuses what must not be sent, with the line of the letter's file; a field's name is checked by the
/// caller, who has the lists ([`Rendered::fields`]).
pub fn render(letter: &Letter, layout: &Layout, marked: Marked) -> Result<Rendered, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut slots = Slots::default();
    check_fixed_parts(letter, &mut problems);
    let parts = read_parts(letter, &mut slots, &mut problems);
    if !problems.is_empty() {
        problems.sort_by_key(|problem| problem.line);
        return Err(problems);
    }
    let is_rtl = letter.language.direction() == "rtl";
    let mut waiting = Vec::new();
    let laid = (|| {
        let mut text_names = names::for_text(letter, &parts, marked, &mut waiting);
        let subject = layout.subject(&text_names)?;
        if is_rtl {
            text_names.insert("reference", names::isolated(&parts.reference).into());
        }
        let html_names = names::for_html(letter, &parts, marked);
        Ok((subject, layout.text(&text_names)?, layout.html(&html_names)?))
    })();
    let (subject, text, html) = laid.map_err(|problem| vec![problem])?;
    let subject = match marked {
        Marked::No => one_line(&subject),
        Marked::TestCopy => format!("{} {}", labels::words(letter.language).test_subject, one_line(&subject)),
    };
    let subject = if is_rtl { names::right_to_left(&subject) } else { subject };
    let html = source::lines(&html);
    Ok(Rendered {
        composer: COMPOSER,
        language: letter.language,
        reference: parts.reference,
        slots: slots.into_inner(),
        subject: slot::cut(&subject),
        salutation: parts.printed_salutation,
        text: text::lay_out(&text, &waiting),
        warnings: size_warning(&html).into_iter().collect(),
        html: slot::cut(&html),
    })
}

fn size_warning(html: &str) -> Option<Problem> {
    (html.len() > MOST_HTML).then(|| {
        let message = format!(
            "the letter has {} kB as HTML; some readers cut it at 100 kB, so send long tables as an annex",
            html.len() / 1000
        );
        Problem::warning(0, message)
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check_fixed_parts(letter: &Letter, problems: &mut Vec<Problem>) {
    let mut fixed = |what: &str, text: &str, line: u32| refuse_fields(what, text, line, problems);
    for line in &letter.letterhead {
        fixed("letterhead", &line.value, line.line);
    }
    for line in &letter.remarks {
        fixed("head", &line.value, line.line);
    }
    for line in letter.to.iter().chain(&letter.copy) {
        fixed("list of addressees", &line.text, line.line);
    }
    if let Some(place) = &letter.place {
        fixed("place", &place.value, place.line);
    }
    if let Some(mark) = &letter.signature_mark {
        fixed("signature", &mark.value, mark.line);
    }
    for signatory in &letter.signatories {
        fixed("signature", &signatory.name, signatory.line);
        fixed("signature", signatory.title.as_deref().unwrap_or_default(), signatory.line);
    }
    if letter.reference.is_none() {
        problems.push(Problem::error(0, "the letter has no reference; write one, \"Ref.: Circular …\""));
    }
    if letter.subject.as_ref().is_none_or(|subject| subject.value.trim().is_empty()) {
        problems.push(Problem::error(0, "the letter has no subject; write one, \"Subject: …\""));
    }
    if letter.body.value.trim().is_empty() {
        problems.push(Problem::error(letter.body.line, "the letter has no text"));
    }
}

fn read_parts(letter: &Letter, slots: &mut Slots, problems: &mut Vec<Problem>) -> Parts {
    let mut take = |found: Option<(&str, u32)>, problems: &mut Vec<Problem>| {
        found.map(|(text, line)| take_fields(text, line, slots, problems)).unwrap_or_default()
    };
    let subject = take(letter.subject.as_ref().map(|found| (found.value.as_str(), found.line)), problems);
    let salutation = take(letter.salutation.as_ref().map(|found| (found.value.as_str(), found.line)), problems);
    let body = take(Some((&letter.body.value, letter.body.line)), problems);
    let closing = take(letter.closing.as_ref().map(|found| (found.value.as_str(), found.line)), problems);
    let after = take(letter.after_signature.as_ref().map(|found| (found.value.as_str(), found.line)), problems);
    let body = markdown::read(&body, letter.form, letter.body.line, slots, problems);
    let after_line = letter.after_signature.as_ref().map_or(0, |found| found.line);
    let after_signature = markdown::read(&after, letter.form, after_line, slots, problems);
    let reference = letter.reference.as_ref().map(|found| {
        refuse_fields("reference", found.value.as_str(), found.line, problems);
        labels::supplemented(&found.value, letter.supplement.as_ref(), letter.language)
    });
    // A salutation that is written with fields is for each addressee already.
    let is_generic = !salutation.trim().is_empty() && !slot::has_slot(&salutation);
    Parts {
        reference: one_line(&reference.unwrap_or_default()),
        subject: one_line(&subject),
        printed_salutation: is_generic.then(|| salutation.trim().to_owned()),
        salutation: if is_generic { slot::SALUTATION.to_string() } else { salutation.trim().to_owned() },
        body,
        closing: closing.trim().to_owned(),
        after_signature,
    }
}
