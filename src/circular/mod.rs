//! The letter: what a circular says about itself.
//!
//! A letter is its own metadata. [`read`] turns the octets of one dropped file into a [`Letter`]: reference, place and
//! date, addressee lines, subject, salutation, body, closing, signatories, each with the line it stands on, and every
//! [`Problem`] that stands against sending it. It guesses nothing: what it cannot read is a problem with a remedy.
//! Pure: no files, no clock, no randomness.

use chrono::{NaiveDate, NaiveDateTime};

mod addressee_lines;
mod addressee_sentence;
mod annexes;
mod cases;
mod clock_time;
mod columns;
mod dateline;
mod dates;
mod deadlines;
mod decode;
mod detect;
mod faults;
mod file_name;
mod fold;
mod foot_date;
mod formulas;
mod han;
mod head;
mod head_lines;
mod impossible;
mod labels;
mod language;
mod lines;
mod note_verbale;
mod numbering;
mod office;
mod parent;
mod printed_head;
mod problem;
mod read;
mod reference;
mod register;
mod routing;
mod signature;
mod supplement;
mod tokens;
mod words;

#[cfg(test)]
mod tests;

pub use dates::written_day;
pub use decode::LARGEST_LETTER;
pub use file_name::{FileName, largest_file};
pub use fold::fold as folded;
pub use language::{Language, NotALanguage};
pub use office::Places;
pub use problem::{Problem, Severity, has_paragraphs, nearest};
pub use read::read;
pub use reference::{NotAReference, Reference, ReferenceKey, Supplement, SupplementKind, runs_of_reference};
pub use register::RegisterPlace;
pub use words::gather_words;

/// A value and the line of the file it was read from (1-based).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<T> {
    /// What was read.
    pub value: T,
    /// The line of the file, counted from 1, the optional head included.
    pub line: u32,
}

/// The date a letter prints: a day, or only a month (Codex, some ministries).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrintedDate {
    /// `3 December 2021`
    Day(NaiveDate),
    /// `December 2021`: year and month (1-12).
    Month(i32, u32),
}

/// One printed addressee, "Administrations of ITU Member States", without bullet, "To the" and final punctuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddresseeLine {
    /// The printed addressee.
    pub text: String,
    /// The line it stands on.
    pub line: u32,
}

/// Who signs, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatory {
    /// `Doreen Bogdan-Martin`
    pub name: String,
    /// `Director`; lines are joined by ", "; `None` where the letter gives no title.
    pub title: Option<String>,
    /// The line of the name.
    pub line: u32,
}

/// How the text after the head is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `.md`: CommonMark with tables.
    Markdown,
    /// `.txt`: the same with hard line breaks and no indented code.
    Text,
    /// `.docx`: read into CommonMark.
    Word,
    /// `.html`, `.htm`: read into CommonMark.
    Web,
    /// `.doc`, `.odt`, `.pdf` and the like: a letter that cannot be read.
    Foreign,
}

/// When the head's `send` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Send {
    /// `now`: as soon as the letter is ready.
    Now,
    /// A local time in the house's zone.
    At(NaiveDateTime),
}

/// The optional head between `---` lines: how to send, and what the letter lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// `send`
    pub send: Option<Found<Send>>,
    /// `repeat`: a cron expression, checked by `schedule`, not here.
    pub repeat: Option<Found<String>>,
    /// `reference`
    pub reference: Option<Found<String>>,
    /// `subject`
    pub subject: Option<Found<String>>,
    /// `date`
    pub date: Option<Found<PrintedDate>>,
    /// `language`
    pub language: Option<Found<Language>>,
    /// `to`: addressee lines or group names, in order.
    pub to: Option<Found<Vec<String>>>,
    /// `copy`: as `to`; `copy: none` is an empty list.
    pub copy: Option<Found<Vec<String>>>,
    /// `from`: the name of a `[[sender]]`.
    pub from: Option<Found<String>>,
    /// `reply-to`: addresses as written; checked where they are used.
    pub reply_to: Option<Found<Vec<String>>>,
    /// `attachments`: file names under `templates/STEM/`.
    pub attachments: Option<Found<Vec<String>>>,
    /// `exclude`: groups or addresses that do not get it.
    pub exclude: Option<Found<Vec<String>>>,
    /// `wait-for`: languages that must exist before it goes.
    pub wait_for: Option<Found<Vec<Language>>>,
}

/// One file, understood.
#[derive(Debug, Clone)]
pub struct Letter {
    /// How its text is read.
    pub form: Form,
    /// Where its lines stand in the file, if it is no text.
    pub places: Places,
    /// The optional head.
    pub head: Head,
    /// From the head, the file name (`STEM.fr.md`), or the body, in this order.
    pub language: Language,
    /// Lines above the first field: the issuer's letterhead ("Telecommunication", "Development Bureau (BDT)").
    pub letterhead: Vec<Found<String>>,
    /// Lines of the printed head that are no field (contact, action, a second code): printed, not understood.
    pub remarks: Vec<Found<String>>,
    /// As printed, without its label: "Circular BDT/DNS/DGS/112".
    pub reference: Option<Found<Reference>>,
    /// Corrigendum, addendum, revision or withdrawal of the reference.
    pub supplement: Option<Supplement>,
    /// "Geneva"
    pub place: Option<Found<String>>,
    /// The dateline's date.
    pub date: Option<Found<PrintedDate>>,
    /// Printed To lines (or the head's), in order.
    pub to: Vec<AddresseeLine>,
    /// Printed Copy lines (or the head's), in order.
    pub copy: Vec<AddresseeLine>,
    /// "Updates on the Child Online Protection (COP) Initiative"
    pub subject: Option<Found<String>>,
    /// "Dear Sir/Madam,": as printed, one string.
    pub salutation: Option<Found<String>>,
    /// The body in Markdown, without salutation, closing and signature; line structure kept.
    pub body: Found<String>,
    /// "Yours faithfully,": as printed.
    pub closing: Option<Found<String>>,
    /// "[Original signed]": the mark in place of a hand signature.
    pub signature_mark: Option<Found<String>>,
    /// Who signs; several in a joint letter.
    pub signatories: Vec<Signatory>,
    /// What follows the signature and goes out with the letter (annex lists, notes), in Markdown.
    pub after_signature: Option<Found<String>>,
    /// The number of annexes that the letter states.
    pub annexes: Option<Found<u32>>,
    /// Every deadline that the letter names, in order.
    pub deadlines: Vec<Found<NaiveDate>>,
    /// What stands against sending, and what staff should know.
    pub problems: Vec<Problem>,
}
