//! Merging: an addressee's own data into the slots of a rendered letter.
//!
//! Values are data. They are never read as Markdown, HTML or fields, only escaped for the place where they stand. Refused:
//! a value that is missing, one that holds control or direction-changing characters, and a link that is none.

use std::{borrow::Cow, collections::BTreeMap};

use super::{ComposeError, Filter, Piece, Place, Rendered, Slot, TextPiece, grid, html, link, slot, wrap};

/// As what someone gets a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Addressee.
    To,
    /// Gets a copy, for information.
    Copy,
}

/// An addressee on the way to become the recipient of one message.
#[derive(Debug, Clone, Copy)]
pub struct Recipient<'a> {
    /// The mailbox, its domain in A-labels.
    pub address: &'a str,
    /// The display name in the To header.
    pub name: Option<&'a str>,
    /// The addressee's own salutation, in place of a printed generic one.
    pub salutation: Option<&'a str>,
    /// Addressee, or for information.
    pub role: Role,
    /// All columns: `name`, `title`, `organization`, `country`, `region`, `language`, `email` and the group's own.
    pub fields: &'a BTreeMap<String, String>,
}

/// The values of all slots for one addressee, checked and written for their places; escaped for HTML only there.
pub(super) struct Values<'a> {
    slots: Vec<Cow<'a, str>>,
    salutation: Cow<'a, str>,
    role: Role,
}

impl Rendered {
    /// The fields that this addressee would need and has not, each once.
    pub fn missing_fields(&self, recipient: &Recipient<'_>) -> Vec<&str> {
        let mut missing = Vec::new();
        for slot in &self.slots {
            let field = slot.field.as_str();
            if !slot.is_optional() && own(recipient, field).is_none() && !missing.contains(&field) {
                missing.push(field);
            }
        }
        missing
    }

    /// All that stands against sending this letter to this addressee: for the freeze, before anything is sent.
    pub fn objections(&self, recipient: &Recipient<'_>) -> Vec<ComposeError> {
        let mut found: Vec<ComposeError> =
            self.slots.iter().filter_map(|slot| value_of(slot, recipient).err()).collect();
        found.dedup();
        found.extend(self.salutation_for(recipient).err());
        found.extend(super::message::check_mailbox(recipient).err());
        found
    }

    /// The text part as this addressee gets it, with line feeds.
    pub fn preview_text(&self, recipient: &Recipient<'_>) -> Result<String, ComposeError> {
        Ok(self.merge_text(&Values::of(self, recipient)?).replace(wrap::LINE_END, "\n"))
    }

    /// The HTML part as this addressee gets it, with line feeds.
    pub fn preview_html(&self, recipient: &Recipient<'_>) -> Result<String, ComposeError> {
        Ok(self.merge_html(&Values::of(self, recipient)?).replace(wrap::LINE_END, "\n"))
    }

    /// The subject line as this addressee gets it.
    pub fn preview_subject(&self, recipient: &Recipient<'_>) -> Result<String, ComposeError> {
        Ok(self.merge_subject(&Values::of(self, recipient)?))
    }

    pub(super) fn merge_subject(&self, values: &Values<'_>) -> String {
        let mut out = String::new();
        values.push_plain(&self.subject, &mut out);
        out
    }

    pub(super) fn merge_text(&self, values: &Values<'_>) -> String {
        let fixed = |piece: &TextPiece| if let TextPiece::Fixed(lines) = piece { lines.len() } else { 512 };
        let mut out = String::with_capacity(self.text.iter().map(fixed).sum());
        values.push_text(&self.text, &mut out);
        out
    }

    pub(super) fn merge_html(&self, values: &Values<'_>) -> String {
        let fixed = |piece: &Piece| if let Piece::Fixed(text) = piece { text.len() } else { 64 };
        let mut out = String::with_capacity(self.html.iter().map(fixed).sum());
        values.push_html(&self.html, &mut out);
        out
    }

    fn salutation_for<'a>(&'a self, recipient: &Recipient<'a>) -> Result<Cow<'a, str>, ComposeError> {
        let Some(printed) = &self.salutation else { return Ok(Cow::Borrowed("")) };
        let Some(own) = recipient.salutation.map(str::trim).filter(|own| !own.is_empty()) else {
            return Ok(Cow::Borrowed(printed));
        };
        check_value("salutation", own, recipient)?;
        let is_mark = |c: char| matches!(c, ',' | ':' | '!' | '.' | '،' | '，' | '：' | '！' | '。');
        // A list gives "Excellency"; the letter says whether a comma or a colon follows.
        Ok(match printed.chars().next_back().filter(|mark| is_mark(*mark)) {
            Some(mark) if !own.ends_with(is_mark) => Cow::Owned(format!("{own}{mark}")),
            _ => Cow::Borrowed(own),
        })
    }
}

fn push_lines(text: &str, out: &mut String) {
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push_str("<br>");
        }
        html::escape(line, out);
    }
}

impl<'a> Values<'a> {
    pub(super) fn of(rendered: &'a Rendered, recipient: &Recipient<'a>) -> Result<Self, ComposeError> {
        let slots = rendered.slots.iter().map(|slot| value_of(slot, recipient)).collect::<Result<_, _>>()?;
        Ok(Self { slots, salutation: rendered.salutation_for(recipient)?, role: recipient.role })
    }

    fn plain(&self, pieces: &[Piece]) -> String {
        let mut out = String::new();
        self.push_plain(pieces, &mut out);
        out
    }

    fn push_plain(&self, pieces: &[Piece], out: &mut String) {
        for piece in pieces {
            match piece {
                Piece::Fixed(text) => out.push_str(text),
                Piece::Slot(number) => out.push_str(self.value(*number)),
                Piece::Salutation => out.push_str(&self.salutation),
                Piece::ForCopies(inner) if self.role == Role::Copy => self.push_plain(inner, out),
                Piece::ForCopies(_) => {}
            }
        }
    }

    pub(super) fn push_html(&self, pieces: &[Piece], out: &mut String) {
        for piece in pieces {
            match piece {
                Piece::Fixed(text) => out.push_str(text),
                Piece::Slot(number) => html::escape(self.value(*number), out),
                Piece::Salutation => push_lines(&self.salutation, out),
                Piece::ForCopies(inner) if self.role == Role::Copy => self.push_html(inner, out),
                Piece::ForCopies(_) => {}
            }
        }
    }

    pub(super) fn push_text(&self, pieces: &[TextPiece], out: &mut String) {
        for piece in pieces {
            match piece {
                TextPiece::Fixed(lines) => out.push_str(lines),
                TextPiece::Flow { first, rest, content } => wrap::wrap(&self.plain(content), first, rest, out),
                TextPiece::Grid { prefix, columns, rows } => {
                    let plain = |row: &Vec<Vec<Piece>>| row.iter().map(|cell| self.plain(cell)).collect();
                    let rows: Vec<Vec<String>> = rows.iter().map(plain).collect();
                    grid::lay_out(prefix, columns, &rows, out);
                }
                TextPiece::ForCopies(inner) if self.role == Role::Copy => self.push_text(inner, out),
                TextPiece::ForCopies(_) => {}
            }
        }
    }

    fn value(&self, number: usize) -> &str {
        self.slots.get(number).map_or("", |value| value)
    }
}

fn own<'a>(recipient: &Recipient<'a>, field: &str) -> Option<&'a str> {
    recipient.fields.get(field).map(|value| value.trim()).filter(|value| !value.is_empty())
}

fn value_of<'a>(slot: &'a Slot, recipient: &Recipient<'a>) -> Result<Cow<'a, str>, ComposeError> {
    let field = &slot.field;
    let mut value = own(recipient, field).map(Cow::Borrowed);
    if let Some(own) = &value {
        check_value(field, own, recipient)?;
    }
    for filter in &slot.filters {
        value = match (value, filter) {
            (None, Filter::Default(text)) => Some(Cow::Borrowed(text)),
            (Some(value), Filter::Upper) => Some(Cow::Owned(value.to_uppercase())),
            (Some(value), Filter::Lower) => Some(Cow::Owned(value.to_lowercase())),
            (value, _) => value,
        };
    }
    let address = || recipient.address.to_owned();
    let value = value.ok_or_else(|| ComposeError::Missing { field: field.clone(), address: address() })?;
    Ok(match slot.place {
        Place::Prose => value,
        Place::LinkPart => {
            let mut encoded = String::with_capacity(value.len());
            link::push_part(&value, &mut encoded);
            Cow::Owned(encoded)
        }
        Place::Link => {
            let target = link::own_target(&value);
            let value = value.into_owned();
            Cow::Owned(target.ok_or_else(|| ComposeError::NotALink {
                field: field.clone(),
                address: address(),
                value,
            })?)
        }
    })
}

/// Refuses what would change more than its own place: line ends and other control characters, and the characters that
/// change the direction of the text after them (UAX #9 embeddings, overrides and isolates).
pub(super) fn check_value(field: &str, value: &str, recipient: &Recipient<'_>) -> Result<(), ComposeError> {
    let is_refused = |c: char| {
        slot::is_unsendable(c)
            || matches!(c, '\t' | '\n' | '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    match value.chars().find(|c| is_refused(*c)) {
        None => Ok(()),
        Some(found) => Err(ComposeError::Unsafe {
            field: field.to_owned(),
            address: recipient.address.to_owned(),
            found: u32::from(found),
        }),
    }
}
