//! A workbook's package (ECMA-376 part 2), looked through before any of it is unpacked into memory.
//!
//! Every part is inflated once, piece by piece, and counted: what the directory of an archive says about sizes need not
//! be true. On the way it is noted which rows and columns are hidden and which formulas have no value. Refuses packages
//! that unpack to more than lists do, parts under a password, and counts that reserve memory for what is not there.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io::{self, BufReader, Read, Seek},
};

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use zip::{CompressionMethod, ZipArchive};

use crate::circular::Problem;

/// Octets of a workbook as it lies there: ten times the largest list that a person keeps in a spreadsheet.
pub(super) const FILE_MAX: u64 = 32 << 20;
/// Parts. A workbook has some ten, and one for each picture.
const PARTS_MAX: usize = 2_000;
/// Hidden rows and columns that are remembered; they are told, not counted.
const HIDDEN_MAX: usize = 10_000;

/// What a package may unpack to, in octets.
#[derive(Debug, Clone, Copy)]
struct Most {
    /// All parts. A row with ten columns takes half a KiB of XML: a quarter of a million rows.
    inflated: u64,
    /// The table of texts, which is held in memory as a whole.
    texts: u64,
    /// Between two marks of XML: a cell takes 32,767 characters, and a picture stands in a part of its own.
    gap: u64,
}

const MOST: Most = Most { inflated: 128 << 20, texts: 64 << 20, gap: 1 << 20 };

/// What a sheet hides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hidden {
    /// Numbered as a spreadsheet shows them.
    pub(super) rows: BTreeSet<u32>,
    /// From 1.
    pub(super) columns: BTreeSet<u32>,
    /// The row of the first formula that has no value.
    pub(super) without_value: Option<u32>,
}

/// Looks through a package; says what each sheet hides, by the sheet's name.
pub(super) fn inspect<R: Read + Seek>(source: R) -> Result<HashMap<String, Hidden>, Problem> {
    inspect_within(source, MOST)
}

fn inspect_within<R: Read + Seek>(source: R, most: Most) -> Result<HashMap<String, Hidden>, Problem> {
    let mut archive = ZipArchive::new(source).map_err(|error| damaged(&error))?;
    if archive.len() > PARTS_MAX {
        return refuse(format!("the workbook has {} parts, and {PARTS_MAX} are the limit", archive.len()));
    }
    let mut parts = Parts::default();
    let mut left = most.inflated;
    let mut names = BTreeSet::new();
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| damaged(&error))?;
        let name = part.name().map_err(|error| damaged(&error))?.into_owned();
        if part.encrypted() {
            return refuse("the workbook is under a password; take the password off and save it again");
        }
        if !matches!(part.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return refuse(format!("the part {name} is packed in an unknown way; save the workbook again as .xlsx"));
        }
        if !names.insert(name.to_lowercase()) {
            return refuse(format!("the part {name} is there twice; save the workbook again as .xlsx"));
        }
        let is_texts = name.ends_with("sharedStrings.xml");
        let limit = if is_texts { left.min(most.texts) } else { left };
        if part.size() > limit {
            return too_much(&name, most);
        }
        let is_xml = name.ends_with(".xml") || name.ends_with(".rels");
        let mut counted =
            Counted { inner: part, left: limit, gap: is_xml.then_some(0), gap_max: most.gap, over: false };
        let read = parts.read(&name, &mut counted);
        if counted.over {
            return too_much(&name, most);
        }
        read?;
        left -= limit - counted.left;
    }
    Ok(parts.by_name())
}

fn refuse<T>(message: impl Into<String>) -> Result<T, Problem> {
    Err(Problem::error(0, message))
}

fn too_much<T>(part: &str, most: Most) -> Result<T, Problem> {
    refuse(format!(
        "the workbook unpacks to more than a list holds ({part}; {} MiB in all, {} of them texts, are the limit); save the \
         list alone, or as \"CSV UTF-8\"",
        most.inflated >> 20,
        most.texts >> 20
    ))
}

fn damaged(error: &dyn std::error::Error) -> Problem {
    Problem::error(
        0,
        format!("the file is damaged or no workbook ({error}); save it again as .xlsx or as \"CSV UTF-8\""),
    )
}

/// A part that is counted while it is inflated.
struct Counted<R> {
    inner: R,
    left: u64,
    /// Octets since the last `<`, in XML.
    gap: Option<u64>,
    gap_max: u64,
    over: bool,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        let piece = &out[..count];
        let rest = self.left.checked_sub(count as u64);
        let mut longest = 0;
        if let Some(gap) = &mut self.gap {
            longest = *gap + piece.iter().position(|octet| *octet == b'<').unwrap_or(count) as u64;
            *gap = match piece.iter().rposition(|octet| *octet == b'<') {
                Some(at) => (count - at) as u64,
                None => longest,
            };
        }
        match rest {
            Some(left) if longest <= self.gap_max => self.left = left,
            _ => {
                self.over = true;
                return Err(io::Error::other("too much"));
            }
        }
        Ok(count)
    }
}

/// What the parts of a package say that matters here.
#[derive(Default)]
struct Parts {
    /// Names of sheets and their relations.
    sheets: Vec<(String, String)>,
    /// Relations and the parts they lead to.
    targets: HashMap<String, String>,
    hidden: BTreeMap<String, Hidden>,
}

impl Parts {
    fn read(&mut self, name: &str, part: &mut impl Read) -> Result<(), Problem> {
        let drained = |part: &mut dyn Read| io::copy(part, &mut io::sink()).map(|_| ()).map_err(|e| damaged(&e));
        match name {
            "xl/workbook.xml" => each_element(part, |element| {
                if element.local_name().as_ref() == "sheet"
                    && let (Some(name), Some(id)) = (attribute(element, "name"), attribute(element, "id"))
                {
                    self.sheets.push((name, id));
                }
            }),
            "xl/_rels/workbook.xml.rels" => each_element(part, |element| {
                if let (Some(id), Some(target)) = (attribute(element, "Id"), attribute(element, "Target")) {
                    let target = target.strip_prefix("/").map_or_else(|| format!("xl/{target}"), str::to_owned);
                    self.targets.insert(id, target);
                }
            }),
            sheet if sheet.starts_with("xl/worksheets/") && sheet.ends_with(".xml") => {
                let hidden = hidden(part)?;
                self.hidden.insert(sheet.to_owned(), hidden);
                Ok(())
            }
            texts if texts.ends_with("sharedStrings.xml") => {
                let (mut elements, mut wanted) = (0, 0);
                each_element(part, |element| {
                    elements += 1;
                    if element.local_name().as_ref() == "sst" {
                        wanted = attribute(element, "uniqueCount").and_then(|n| n.parse().ok()).unwrap_or(0_u64);
                    }
                })?;
                // Every text takes an element at least; a count beyond that would reserve memory for nothing.
                if wanted > elements {
                    refuse("the workbook counts more texts than it has; save it again as .xlsx")
                } else {
                    Ok(())
                }
            }
            _ => drained(part),
        }
    }

    fn by_name(mut self) -> HashMap<String, Hidden> {
        let named = |(name, id): (String, String)| {
            let hidden = self.targets.get(&id).and_then(|target| self.hidden.remove(target))?;
            Some((name, hidden))
        };
        std::mem::take(&mut self.sheets).into_iter().filter_map(named).collect()
    }
}

fn each_element(part: &mut impl Read, mut each: impl FnMut(&BytesStart<'_>)) -> Result<(), Problem> {
    each_event(part, |event| {
        if let Event::Start(element) | Event::Empty(element) = event {
            each(element);
        }
    })
}

fn each_event(part: &mut impl Read, mut each: impl FnMut(&Event<'_>)) -> Result<(), Problem> {
    let mut reader = Reader::from_reader(BufReader::new(part));
    reader.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) => return Ok(()),
            Ok(event) => each(&event),
            Err(error) => return Err(damaged(&error)),
        }
    }
}

/// By its local name, since relations carry a prefix.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.into_owned())
}

fn is_hidden(element: &BytesStart<'_>) -> bool {
    attribute(element, "hidden").is_some_and(|value| value == "1" || value == "true")
}

fn hidden(part: &mut impl Read) -> Result<Hidden, Problem> {
    let mut hidden = Hidden::default();
    let mut row = 0;
    // Whether a formula has been met in the cell and its value has not.
    let mut waits = false;
    each_event(part, |event| match event {
        Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
            "row" => {
                row = attribute(element, "r").and_then(|r| r.parse().ok()).unwrap_or(row + 1);
                if is_hidden(element) && hidden.rows.len() < HIDDEN_MAX {
                    hidden.rows.insert(row);
                }
            }
            "col" if is_hidden(element) => {
                let number = |name| attribute(element, name).and_then(|n| n.parse::<u32>().ok());
                if let (Some(first), Some(last)) = (number("min"), number("max")) {
                    hidden.columns.extend((first..=last).take(256));
                }
            }
            "c" => waits = false,
            "f" => waits = true,
            "v" | "is" => waits = false,
            _ => {}
        },
        Event::End(element) if element.local_name().as_ref() == "c" => {
            let without = std::mem::take(&mut waits).then_some(row);
            hidden.without_value = hidden.without_value.or(without);
        }
        _ => {}
    })?;
    Ok(hidden)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    const LITTLE: Most = Most { inflated: 100_000, texts: 50_000, gap: 10_000 };

    fn package(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, octets) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(octets).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn said(octets: &[u8]) -> String {
        inspect_within(Cursor::new(octets), LITTLE).map_or_else(|problem| problem.message, |_| "in order".to_owned())
    }

    #[test]
    fn a_package_that_unpacks_to_too_much_is_refused_by_its_directory() {
        let zeros = package(&[("xl/media/zeros.bin", vec![0; 100_001])]);
        assert!(zeros.len() < 1_000);
        assert!(said(&zeros).starts_with("the workbook unpacks to more than a list holds (xl/media/zeros.bin;"));
        assert_eq!(said(&package(&[("xl/media/zeros.bin", vec![0; 99_999])])), "in order");
        let together = package(&[("a", vec![0; 60_000]), ("b", vec![0; 60_000])]);
        assert!(said(&together).contains("holds (b;"));
        let texts = package(&[("xl/sharedStrings.xml", vec![b'<'; 50_001])]);
        assert!(said(&texts).contains("holds (xl/sharedStrings.xml;"));
    }

    #[test]
    fn a_size_that_lies_is_found_out_while_unpacking() {
        let mut octets = package(&[("xl/media/zeros.bin", vec![0; 5_000_000])]);
        let true_size = u32::to_le_bytes(5_000_000);
        let places: Vec<usize> =
            octets.windows(4).enumerate().filter(|(_, four)| *four == true_size).map(|(at, _)| at).collect();
        assert!(!places.is_empty());
        for at in places {
            octets[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
        }
        let said = said(&octets);
        assert!(said.contains("unpacks to more than a list holds") || said.contains("damaged"), "{said}");
    }

    #[test]
    fn a_text_without_an_end_is_refused() {
        let cell = format!("<worksheet><c><is><t>{}</t></is></c></worksheet>", "a".repeat(10_001));
        assert!(said(&package(&[("xl/worksheets/sheet1.xml", cell.into_bytes())])).contains("unpacks to more"));
    }

    #[test]
    fn too_many_parts_and_two_of_one_name_are_refused() {
        let names: Vec<String> = (0..=PARTS_MAX).map(|number| format!("part{number}")).collect();
        let parts: Vec<(&str, Vec<u8>)> = names.iter().map(|name| (name.as_str(), Vec::new())).collect();
        assert_eq!(said(&package(&parts)), "the workbook has 2001 parts, and 2000 are the limit");
        assert!(said(&package(&[("a.xml", Vec::new()), ("A.xml", Vec::new())])).contains("is there twice"));
    }
}
