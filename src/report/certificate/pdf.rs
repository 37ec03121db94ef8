//! The certificate as a PDF to sign electronically and to file: PDF/A-2u (ISO 19005-2), all fonts inside.
//!
//! The typesetter gets one layout, the certificate as data, and fonts; it sees neither files nor the network, and nothing
//! that came out of a letter, a list or a reply is ever read as markup.

use serde::Serialize;
use typst::{
    Library, LibraryExt, World, comemo,
    diag::{FileError, FileResult, SourceDiagnostic},
    foundations::{Bytes, Datetime, Duration, Smart},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use super::{Facts, Line, Seal, ended_otherwise, remark};

const LAYOUT: &str = include_str!("certificate.typ");
const DATA: &str = "certificate.json";

/// Addressees that fit into one PDF: it is set as a whole, in memory. Beyond, the page and the JSON form have no limit.
pub const MOST: u64 = 20_000;

/// Why there is no PDF; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum NoPdf {
    /// It would be thousands of sheets.
    #[error("{0} addressees do not fit into a PDF ({MOST} do); `--format html` and `--format json` take any number")]
    TooMany(u64),
    /// A text cannot be shown in the fonts at hand, or the layout is wrong.
    #[error("the certificate cannot be set: {0}")]
    NotSet(String),
}

/// Collects the addressees, and sets the whole.
pub struct PdfCertificate {
    exceptions: Vec<Exception>,
    deliveries: Vec<Line>,
}

/// An addressee to look at first.
#[derive(Serialize)]
struct Exception {
    #[serde(flatten)]
    line: Line,
    meaning: &'static str,
    remedy: String,
}

#[derive(Serialize)]
struct Data<'a> {
    certificate: &'a Facts,
    seal: &'a Seal,
    exceptions: &'a [Exception],
    deliveries: &'a [Line],
}

impl PdfCertificate {
    /// Begins one for so many addressees.
    pub fn begin(seal: &Seal) -> Result<Self, NoPdf> {
        match seal.deliveries {
            0..=MOST => Ok(Self { exceptions: Vec::new(), deliveries: Vec::new() }),
            many => Err(NoPdf::TooMany(many)),
        }
    }

    /// Takes one addressee.
    pub fn push(&mut self, line: &Line, reference: &str) {
        if ended_otherwise(line) {
            let remark = remark(line, reference);
            self.exceptions.push(Exception { line: line.clone(), meaning: remark.meaning, remedy: remark.remedy });
        }
        self.deliveries.push(line.clone());
    }

    /// The PDF's octets. `fonts` are the contents of font files (TrueType, OpenType, collections). The same certificate and
    /// fonts give the same octets.
    pub fn finish(&self, facts: &Facts, seal: &Seal, fonts: Vec<Vec<u8>>) -> Result<Vec<u8>, NoPdf> {
        let data = Data { certificate: facts, seal, exceptions: &self.exceptions, deliveries: &self.deliveries };
        let data = serde_json::to_vec(&data).map_err(|error| NoPdf::NotSet(error.to_string()))?;
        let desk = Desk::new(data, fonts).map_err(NoPdf::NotSet)?;
        let set = typst::compile::<PagedDocument>(&desk).output.map_err(|errors| not_set(&errors))?;
        let options = PdfOptions {
            ident: Smart::Custom(format!("{}-{}", seal.facts_sha256, seal.made_at)),
            creator: Smart::Custom(Some(seal.made_by.clone())),
            timestamp: timestamp(&seal.made_at),
            standards: PdfStandards::new(&[PdfStandard::A_2u])
                .map_err(|error| NoPdf::NotSet(error.message().to_string()))?,
            ..PdfOptions::default()
        };
        let octets = typst_pdf::pdf(&set, &options).map_err(|errors| not_set(&errors));
        // what was set is remembered between documents; there is no next one
        comemo::evict(0);
        octets
    }
}

fn not_set(errors: &[SourceDiagnostic]) -> NoPdf {
    let said = errors.iter().flat_map(|error| {
        std::iter::once(error.message.as_str()).chain(error.hints.iter().map(|hint| hint.v.as_str()))
    });
    NoPdf::NotSet(said.collect::<Vec<_>>().join("; "))
}

fn timestamp(made_at: &str) -> Option<Timestamp> {
    use chrono::{DateTime, Datelike, Timelike};
    let at = DateTime::parse_from_rfc3339(made_at).ok()?;
    let small = |number: u32| u8::try_from(number).ok();
    let datetime = Datetime::from_ymd_hms(
        at.year(),
        small(at.month())?,
        small(at.day())?,
        small(at.hour())?,
        small(at.minute())?,
        small(at.second())?,
    )?;
    Timestamp::new_local(datetime, at.offset().local_minus_utc() / 60)
}

/// All that the typesetter can see.
struct Desk {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    layout: Source,
    data: (FileId, Bytes),
}

impl Desk {
    fn new(data: Vec<u8>, fonts: Vec<Vec<u8>>) -> Result<Self, String> {
        let fonts: Vec<Font> = fonts.into_iter().flat_map(|octets| Font::iter(Bytes::new(octets))).collect();
        let path = VirtualPath::new(DATA).map_err(|error| format!("{error:?}"))?;
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            layout: Source::detached(LAYOUT),
            data: (RootedPath::new(VirtualRoot::Project, path).intern(), Bytes::new(data)),
        })
    }
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.layout.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.layout.id() { Ok(self.layout.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 { Ok(self.data.1.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    /// No clock: what is printed is what is sealed.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

#[cfg(test)]
mod tests;
