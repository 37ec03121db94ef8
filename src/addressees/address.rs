//! One e-mail address, safe to put on the wire (RFC 5321 §4.1.2, §4.5.3.1; RFC 6531 §3.3; RFC 5890 for the domain).
//!
//! Takes dot-atom local parts and domains of two labels or more; an internationalised domain becomes its A-label form,
//! so that it needs no SMTPUTF8. Refuses, each with its own reason: quoted local parts, address literals, blanks,
//! control and invisible characters (whatever could end a command line), Cyrillic or Greek letters among Latin ones,
//! and what people write in place of an address.

use std::{borrow::Cow, fmt, str::FromStr};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark, is_nfc};

/// RFC 5321 §4.5.3.1.1, in octets.
const LOCAL_MAX: usize = 64;
/// RFC 5321 §4.5.3.1.3 allows 256 for a path, two of which are its angle brackets.
const WHOLE_MAX: usize = 254;

/// A checked address. Two addresses are equal if they are spelled alike; [`Address::mailbox`] is what to compare by.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    text: String,
    at: usize,
}

impl Address {
    /// Checks `text`, which must be the bare address: no display name, no angle brackets, no blanks around it.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        check(text).map_err(|flaw| NotAnAddress { found: shown(text), flaw })
    }

    /// As it goes on the wire: the local part as spelled, the domain in lower-case A-labels.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the @, in NFC.
    pub fn local(&self) -> &str {
        &self.text[..self.at]
    }

    /// The domain in lower-case A-labels, `xn--mnchen-3ya.example`.
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// The key by which two spellings are one mailbox.
    pub fn mailbox(&self) -> Mailbox {
        Mailbox(match self.text.is_ascii() {
            true => self.text.to_ascii_lowercase(),
            false => self.text.to_lowercase().nfc().collect(),
        })
    }

    /// Whether a relay must offer SMTPUTF8 (RFC 6531) to take it: only where the local part is not ASCII.
    pub fn needs_smtputf8(&self) -> bool {
        !self.text.is_ascii()
    }
}

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        Self::parse(text)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The case-folded address. RFC 5321 §2.4 lets a host tell `Info@` from `info@`; in practice none of the offices that
/// circulars go to does, while lists spell one mailbox in several ways: one copy for each mailbox needs the fold.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mailbox(String);

impl Mailbox {
    /// `mission@exemplie.example`
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is not an address: `"a@@b.example" is not an address: two @ signs`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{found}\" is not an address: {flaw}")]
pub struct NotAnAddress {
    /// The text, shortened, with control and invisible characters escaped.
    pub found: String,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// What is wrong with an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the message of each variant is its documentation")]
pub enum Flaw {
    #[error("it is empty")]
    Empty,
    #[error("no @ sign")]
    NoAt,
    #[error("two @ signs")]
    TwoAts,
    #[error("{0} @ signs")]
    ManyAts(usize),
    #[error("nothing before the @")]
    NoLocal,
    #[error("nothing after the @")]
    NoDomain,
    #[error("a web site has hidden it; ask the office for its address")]
    Hidden,
    #[error("write @ instead of {0}")]
    SpelledAt(String),
    #[error("it is a web address")]
    Web,
    #[error("it looks like a telephone number")]
    Telephone,
    #[error("a blank inside; part several addresses with a semicolon")]
    Blank,
    #[error("the character U+{code:04X} inside, which cannot be seen; type the address anew", code = u32::from(*.0))]
    Invisible(char),
    #[error("angle brackets belong around it only together with a name, as in \"Name <a@b.example>\"")]
    Brackets,
    #[error("a local part in quotation marks is not taken; ask the office for a plain address")]
    Quoted,
    #[error("an address literal in square brackets is not taken; write the domain's name")]
    Literal,
    #[error("two dots in a row")]
    TwoDots,
    #[error("the part before the @ begins with a dot")]
    LocalDotFirst,
    #[error("the part before the @ ends with a dot")]
    LocalDotLast,
    #[error("it ends with a dot; delete the dot")]
    EndsWithDot,
    #[error("a dot directly after the @")]
    DomainDotFirst,
    #[error("a comma where the domain needs a dot")]
    Comma,
    #[error("the domain \"{0}\" has no dot")]
    NoDot(String),
    #[error("the character \"{0}\" (U+{code:04X}) cannot stand before the @", code = u32::from(*.0))]
    Character(char),
    #[error("the {script} letter \"{letter}\" (U+{code:04X}) stands among Latin ones and only looks like one; type the address anew", code = u32::from(*.letter))]
    LookAlike { script: &'static str, letter: char },
    #[error("\"{0}\" is not a domain name")]
    Domain(String),
    #[error("{0} octets before the @, and RFC 5321 allows 64")]
    LongLocal(usize),
    #[error("{0} octets, and RFC 5321 allows 254")]
    Long(usize),
}

fn check(text: &str) -> Result<Address, Flaw> {
    if text.is_empty() {
        return Err(Flaw::Empty);
    }
    let Some(at) = text.find('@') else { return Err(without_at(text)) };
    if let Some(c) = text.chars().find(|&c| is_invisible(c)) {
        return Err(Flaw::Invisible(c));
    }
    if text.len() > WHOLE_MAX * 4 {
        return Err(Flaw::Long(text.len()));
    }
    if text.contains('[') && text.to_lowercase().contains("[email") {
        return Err(Flaw::Hidden);
    }
    if text.starts_with('"') {
        return Err(Flaw::Quoted);
    }
    if text.contains(['<', '>']) {
        return Err(Flaw::Brackets);
    }
    if text.contains(char::is_whitespace) {
        return Err(Flaw::Blank);
    }
    match text.matches('@').count() {
        1 => {}
        2 => return Err(Flaw::TwoAts),
        more => return Err(Flaw::ManyAts(more)),
    }
    let (local, domain) = (normal(&text[..at]), &text[at + 1..]);
    check_local(&local)?;
    let domain = a_labels(domain)?;
    let whole = local.len() + 1 + domain.len();
    if whole > WHOLE_MAX {
        return Err(Flaw::Long(whole));
    }
    Ok(Address { at: local.len(), text: format!("{local}@{domain}") })
}

/// What people write where an address belongs.
fn without_at(text: &str) -> Flaw {
    let lower = text.to_lowercase();
    if let Some(spelled) = ["(at)", "[at]", "{at}", "<at>", " at "].iter().find(|at| lower.contains(**at)) {
        return Flaw::SpelledAt(spelled.trim().to_owned());
    }
    if lower.contains("email protected") || lower.contains("email\u{a0}protected") {
        return Flaw::Hidden;
    }
    if lower.contains("://") || lower.starts_with("www.") {
        return Flaw::Web;
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits >= 5 && text.chars().all(|c| c.is_ascii_digit() || " +-()./\u{a0}".contains(c)) {
        return Flaw::Telephone;
    }
    Flaw::NoAt
}

fn check_local(local: &str) -> Result<(), Flaw> {
    if local.is_empty() {
        return Err(Flaw::NoLocal);
    }
    if local.len() > LOCAL_MAX {
        return Err(Flaw::LongLocal(local.len()));
    }
    if local.starts_with('.') {
        return Err(Flaw::LocalDotFirst);
    }
    if local.ends_with('.') {
        return Err(Flaw::LocalDotLast);
    }
    if local.contains("..") {
        return Err(Flaw::TwoDots);
    }
    match local.chars().find(|&c| c != '.' && !is_atext(c)) {
        Some(c) => Err(Flaw::Character(c)),
        None => check_look_alikes(local),
    }
}

/// RFC 5322 §3.2.3, and beyond ASCII letters, digits and marks only: RFC 6531 would take typographic dashes and
/// quotation marks, which in a list are slips of a word processor. Full-width forms are slips of an input method.
fn is_atext(c: char) -> bool {
    match c.is_ascii() {
        true => c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c),
        false => !('\u{ff00}'..='\u{ffef}').contains(&c) && (c.is_alphanumeric() || is_combining_mark(c)),
    }
}

fn a_labels(domain: &str) -> Result<String, Flaw> {
    if domain.is_empty() {
        return Err(Flaw::NoDomain);
    }
    if domain.starts_with('[') {
        return Err(Flaw::Literal);
    }
    if domain.contains(',') {
        return Err(Flaw::Comma);
    }
    if domain.ends_with('.') {
        return Err(Flaw::EndsWithDot);
    }
    if domain.starts_with('.') {
        return Err(Flaw::DomainDotFirst);
    }
    if domain.contains("..") {
        return Err(Flaw::TwoDots);
    }
    if is_plain(domain) {
        return Ok(domain.to_ascii_lowercase());
    }
    domain.split('.').try_for_each(check_look_alikes)?;
    let wire = idna::domain_to_ascii_strict(domain).map_err(|_| Flaw::Domain(shown(domain)))?;
    let Some((_, top)) = wire.rsplit_once('.') else { return Err(Flaw::NoDot(shown(domain))) };
    // An all-numeric last label would be an IP address without its brackets (RFC 3696 §2).
    if top.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Flaw::Domain(shown(domain)));
    }
    Ok(wire)
}

/// By far the most frequent domain: letters, digits and single hyphens, which UTS 46 leaves as they are.
fn is_plain(domain: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.as_bytes().get(2..4) != Some(b"--")
    };
    let top = domain.rsplit_once('.').map_or("", |(_, top)| top);
    domain.len() <= 253 && top.bytes().any(|b| b.is_ascii_alphabetic()) && domain.split('.').all(label)
}

/// One foreign letter among Latin ones is a homograph, typed by a wrong keyboard or on purpose (UTS 39 §5).
fn check_look_alikes(part: &str) -> Result<(), Flaw> {
    if part.is_ascii() {
        return Ok(());
    }
    let foreign = part.chars().find_map(|letter| Some(Flaw::LookAlike { script: script(letter)?, letter }));
    let phonetic = part.chars().find(|c| ('\u{250}'..='\u{2af}').contains(c));
    match (foreign, phonetic) {
        // A whole word of letters that all have a Latin double is a Latin word in disguise.
        (Some(flaw), _) if part.chars().any(is_latin) || part.chars().all(has_latin_double) => Err(flaw),
        (_, Some(letter)) => Err(Flaw::LookAlike { script: "phonetic", letter }),
        _ => Ok(()),
    }
}

fn script(letter: char) -> Option<&'static str> {
    match u32::from(letter) {
        0x0400..=0x052f | 0x1c80..=0x1c8f | 0x2de0..=0x2dff | 0xa640..=0xa69f => Some("Cyrillic"),
        0x0370..=0x03ff | 0x1f00..=0x1fff => Some("Greek"),
        _ => None,
    }
}

/// Cyrillic letters that are drawn as Latin ones (UTS 39, confusables); digits and marks are nobody's.
fn has_latin_double(c: char) -> bool {
    !c.is_alphabetic() || "аеорсухіјѕһԁԛԝАВЕКМНОРСТХІЈЅ".contains(c)
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(u32::from(c), 0x00c0..=0x024f | 0x1e00..=0x1eff)
}

/// Characters that take no room or steer the others: controls, zero-width, bidirectional, soft hyphen, line separators.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c), 0xad | 0x034f | 0x061c | 0x115f | 0x1160 | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e
            | 0x2060..=0x206f | 0xfe00..=0xfe0f | 0xfeff | 0xfff9..=0xfffb | 0xe0000..=0xe0fff)
}

fn normal(text: &str) -> Cow<'_, str> {
    match is_nfc(text) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.nfc().collect()),
    }
}

/// For messages: escaped where it would not show, and cut after 80 characters.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == 80 {
            out.push('…');
            break;
        }
        match is_invisible(c) {
            true => out.extend(c.escape_default()),
            false => out.push(c),
        }
    }
    out
}
