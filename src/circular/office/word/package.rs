//! The package of a Word document: a ZIP archive of XML parts (ECMA-376 part 2).
//!
//! Only the parts that hold text are inflated, and no further than a letter needs. Refused, by what it is: a file that is
//! no package, one that is encrypted or of another program, one that inflates beyond all measure.

use std::io::{Cursor, Read};

use zip::{ZipArchive, result::ZipError};

use super::xml::{Element, parse};

/// A Word letter has some fifteen parts, and one for each picture.
const MOST_ENTRIES: usize = 2_000;
/// In octets. The text of a letter has a few thousand; Word's markup makes it twenty times as long, and a long table more.
const LARGEST_PART: u64 = 16 * 1024 * 1024;
/// In octets, over all parts that are read.
const LARGEST_WHOLE: u64 = 32 * 1024 * 1024;
/// XML deflates to a tenth, seldom to a fiftieth; what inflates two hundred times over was made to.
const LARGEST_RATIO: u64 = 200;
/// Below it, in octets, no ratio does harm.
const HARMLESS: u64 = 1024 * 1024;

/// ECMA-376 part 2, 9.3: where the relationships of the package stand.
const PACKAGE_RELATIONSHIPS: &str = "_rels/.rels";

pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    inflated: u64,
}

/// A part names others by identifiers.
#[derive(Debug, Clone, Default)]
pub(super) struct Relationships(Vec<Relationship>);

#[derive(Debug, Clone)]
struct Relationship {
    id: String,
    kind: String,
    target: String,
}

impl<'a> Package<'a> {
    pub fn open(octets: &'a [u8]) -> Result<Self, String> {
        if !octets.starts_with(b"PK") {
            return Err(not_a_package(octets));
        }
        // each entry of the central directory begins so; counted before anything is built from them
        let entries = octets.windows(4).filter(|four| four == b"PK\x01\x02").count();
        if entries > MOST_ENTRIES {
            return Err(format!(
                "the file has {entries} parts, a Word letter has at most {MOST_ENTRIES}: it is no letter"
            ));
        }
        let archive = ZipArchive::new(Cursor::new(octets)).map_err(|error| damaged(&error.to_string()))?;
        if archive.has_duplicate_names() {
            return Err(damaged("two of its parts have one name"));
        }
        Ok(Self { archive, inflated: 0 })
    }

    /// The name of the part that holds the text.
    pub fn main_part(&mut self) -> Result<String, String> {
        let relationships = self.relationships_at(PACKAGE_RELATIONSHIPS, "")?;
        let named = relationships.of_kind("officeDocument").next().map(str::to_owned);
        let name = named.unwrap_or_else(|| "word/document.xml".to_owned());
        match self.archive.index_for_name(&name) {
            Some(_) if self.is_word(&name)? => Ok(name),
            _ => Err(self.of_another_program()),
        }
    }

    /// [Content_Types].xml says which program a part belongs to.
    fn is_word(&mut self, name: &str) -> Result<bool, String> {
        let Some(types) = self.part("[Content_Types].xml")? else { return Ok(false) };
        let slashed = format!("/{name}");
        let of_part =
            |element: &&Element| element.attribute("PartName").is_some_and(|part| part.eq_ignore_ascii_case(&slashed));
        let kind = types.elements().find(of_part).and_then(|element| element.attribute("ContentType"));
        Ok(kind.is_some_and(|kind| kind.contains("wordprocessingml") || kind.contains("ms-word")))
    }

    fn of_another_program(&mut self) -> String {
        let names: Vec<&str> =
            self.archive.file_names_raw().filter_map(|name| std::str::from_utf8(name).ok()).collect();
        let begins = |folder: &str| names.iter().any(|name| name.starts_with(folder));
        let what = if begins("xl/") {
            "it is an Excel workbook"
        } else if begins("ppt/") {
            "it is a PowerPoint presentation"
        } else if names.contains(&"mimetype") {
            "it is an OpenDocument file"
        } else {
            "it is a ZIP archive of something else"
        };
        format!("the file is no Word document, {what}: save the letter as .docx in Word")
    }

    /// A part, read; `None` where the package has none of that name.
    pub fn part(&mut self, name: &str) -> Result<Option<Element>, String> {
        let Some(octets) = self.octets(name)? else { return Ok(None) };
        parse(&octets).map(Some).map_err(|why| damaged(&format!("{name}: {why}")))
    }

    fn octets(&mut self, name: &str) -> Result<Option<Vec<u8>>, String> {
        let rest = LARGEST_WHOLE.saturating_sub(self.inflated);
        let file = match self.archive.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::UnsupportedArchive(_)) => {
                return Err(format!("{name} in the file is encrypted or packed in an unknown way: {SAVE_AGAIN}"));
            }
            Err(error) => return Err(damaged(&error.to_string())),
        };
        let packed = file.compressed_size().max(1);
        // what the package says of the size is not believed
        let most = LARGEST_PART.min(rest).min(HARMLESS.max(packed.saturating_mul(LARGEST_RATIO)));
        let mut octets = Vec::new();
        file.take(most + 1).read_to_end(&mut octets).map_err(|error| damaged(&format!("{name}: {error}")))?;
        self.inflated += octets.len() as u64;
        if octets.len() as u64 > most {
            return Err(format!(
                "{name} in the file unpacks to more than {} KiB, from {} KiB: a letter has no such part",
                most / 1024,
                packed.div_ceil(1024)
            ));
        }
        Ok(Some(octets))
    }

    /// What a part names.
    pub fn relationships(&mut self, part: &str) -> Result<Relationships, String> {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let slash = if folder.is_empty() { "" } else { "/" };
        self.relationships_at(&format!("{folder}{slash}_rels/{name}.rels"), folder)
    }

    fn relationships_at(&mut self, name: &str, folder: &str) -> Result<Relationships, String> {
        let Some(root) = self.part(name)? else { return Ok(Relationships::default()) };
        let relationship = |element: &Element| {
            let target = element.attribute("Target")?;
            let external = element.attribute("TargetMode").is_some_and(|mode| mode.eq_ignore_ascii_case("external"));
            Some(Relationship {
                id: element.attribute("Id")?.to_owned(),
                kind: element.attribute("Type")?.rsplit('/').next().unwrap_or_default().to_owned(),
                target: if external { target.to_owned() } else { within(folder, target) },
            })
        };
        Ok(Relationships(root.elements().filter_map(relationship).collect()))
    }
}

impl Relationships {
    pub fn target(&self, id: &str) -> Option<&str> {
        self.0.iter().find(|known| known.id == id).map(|known| known.target.as_str())
    }

    /// The targets of one kind: `styles`, `numbering`, `footnotes`.
    pub fn of_kind<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s str> {
        self.0.iter().filter(move |known| known.kind == kind).map(|known| known.target.as_str())
    }
}

/// `styles.xml` in `word` is `word/styles.xml`; `/word/styles.xml` is it too.
fn within(folder: &str, target: &str) -> String {
    let mut path: Vec<&str> = match target.starts_with('/') {
        true => Vec::new(),
        false => folder.split('/').filter(|part| !part.is_empty()).collect(),
    };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    path.join("/")
}

const SAVE_AGAIN: &str = "open it in Word, take its password away, and save it as .docx again";

fn damaged(why: &str) -> String {
    format!("the Word file is damaged ({why}): open it in Word and save it again as .docx")
}

/// What a file is that was only named .docx.
fn not_a_package(octets: &[u8]) -> String {
    /// MS-CFB 2.2: the compound file in which Word kept its documents before 2007, and keeps encrypted ones.
    const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    let utf16 = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let holds = |name: &str| {
        let name = utf16(name);
        octets.windows(name.len()).any(|part| part == name)
    };
    let start = octets.trim_ascii_start();
    if octets.is_empty() {
        "the file is empty".to_owned()
    } else if octets.starts_with(COMPOUND) && holds("EncryptedPackage") {
        format!("the Word file is protected by a password: {SAVE_AGAIN}")
    } else if octets.starts_with(COMPOUND) {
        "the file is named .docx and is in the Word format of before 2007: open it in Word and save it as .docx"
            .to_owned()
    } else if start.starts_with(b"%PDF") {
        "the file is named .docx and is a PDF: save the letter as .docx in the program that wrote it".to_owned()
    } else if start.starts_with(b"{\\rtf") {
        "the file is named .docx and is Rich Text (.rtf): open it in Word and save it as .docx".to_owned()
    } else if start.starts_with(b"<") {
        "the file is named .docx and is a web page or XML: name it .html, or save it as .docx in Word".to_owned()
    } else {
        "the file is named .docx and is no Word document: save it as .docx in Word, or name a text .txt".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_only_named_docx_is_told_what_it_is() {
        let mut locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....".to_vec();
        locked.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
        let table: [(&[u8], &str); 7] = [
            (b"", "empty"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 Word", "before 2007"),
            (&locked, "password"),
            (b"%PDF-1.7", "PDF"),
            (b"{\\rtf1 x}", "Rich Text"),
            (b"<html>", "web page"),
            (b"Ref.: Circular 1", "name a text .txt"),
        ];
        for (octets, found) in table {
            let message = Package::open(octets).err().unwrap_or_default();
            assert!(message.contains(found), "{message}");
        }
        assert!(Package::open(b"PK\x03\x04 and no more").err().unwrap_or_default().contains("damaged"));
    }

    #[test]
    fn a_target_is_found_from_the_folder_of_its_part() {
        for (folder, target, found) in [
            ("word", "styles.xml", "word/styles.xml"),
            ("word", "/word/styles.xml", "word/styles.xml"),
            ("word", "../customXml/item1.xml", "customXml/item1.xml"),
            ("", "word/document.xml", "word/document.xml"),
            ("", "../../x", "x"),
        ] {
            assert_eq!(within(folder, target), found);
        }
    }
}
