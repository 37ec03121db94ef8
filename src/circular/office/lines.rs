//! Blocks become the lines that the letter's reader takes, each with its place in the source.

use super::{
    super::{
        Problem,
        fold::{breadth, is_blank},
        head::KEYS,
        lines::is_rule,
    },
    document::{Block, Gap, Kind, Marker, Paragraph, Table, paragraphs},
    markdown::{self, Type},
    places::Places,
    regions::{Regions, field},
};

/// The lines of a text under way.
#[derive(Debug, Default)]
pub(super) struct Lines {
    lines: Vec<String>,
    places: Vec<u32>,
}

/// What the last block was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Item,
    /// A paragraph with what stands below it, and whether its lines are short.
    Text(Gap, usize),
}

impl Lines {
    pub fn into_text(self) -> (String, Places) {
        (self.lines.join("\n"), Places::new(self.places))
    }

    fn push(&mut self, line: String, place: u32) {
        self.lines.push(line);
        self.places.push(place);
    }

    fn blank(&mut self) {
        if self.lines.last().is_some_and(|last| !last.is_empty()) {
            let place = self.places.last().copied().unwrap_or(0);
            self.push(String::new(), place);
        }
    }
}

/// Writes blocks whose layout tables are gone.
pub(super) fn write(blocks: &[Block]) -> Lines {
    let mut lines = Lines::default();
    let head = optional_head(blocks, &mut lines);
    let blocks = &blocks[head..];
    let regions = Regions::of(blocks);
    let title = title(blocks, regions);
    let mut writer = Writer { lines, before: Before::Nothing, indents: Vec::new(), typed: Typed::Text };
    for (at, block) in blocks.iter().enumerate() {
        let keep = if at < regions.text && Some(at) != title { Type::Plain } else { Type::Kept };
        match block {
            Block::Paragraph(paragraph) => writer.paragraph(paragraph, keep),
            Block::Table(table) => writer.table(table),
            Block::Rule(place) => writer.rule(*place),
        }
    }
    writer.lines
}

/// The optional head between `---` is no Markdown: it is written as typed. Returns how many blocks it takes.
fn optional_head(blocks: &[Block], lines: &mut Lines) -> usize {
    let text = |block: &Block| match block {
        Block::Paragraph(paragraph) => paragraph.plain().trim_matches(is_blank).to_owned(),
        _ => "|".to_owned(),
    };
    let Some(open) = blocks.iter().position(|block| !text(block).is_empty()) else { return 0 };
    let is_key = |line: &str| {
        let key = line.split([':', '：']).next().unwrap_or_default().trim().to_lowercase().replace('_', "-");
        line.contains([':', '：']) && KEYS.contains(&key.as_str())
    };
    let key_below = blocks[open + 1..].iter().map(text).find(|text| !text.is_empty()).is_some_and(|text| is_key(&text));
    if !is_dashes(&text(&blocks[open])) || !key_below {
        return 0;
    }
    let mut taken = open;
    for block in &blocks[open..] {
        let Block::Paragraph(paragraph) = block else { break };
        let closed = taken > open && is_dashes(&text(block));
        for line in paragraph.plain().split('\n') {
            let line = line.trim_matches(is_blank);
            lines.push(if is_dashes(line) { "---".to_owned() } else { line.to_owned() }, paragraph.place);
        }
        taken += 1;
        if closed {
            break;
        }
    }
    taken
}

/// `---`, also as a word processor rewrites it while one types.
fn is_dashes(text: &str) -> bool {
    let broad: usize = text.chars().map(|c| if matches!(c, '—' | '–') { 2 } else { 1 }).sum();
    broad >= 3 && text.chars().all(|c| matches!(c, '-' | '–' | '—'))
}

/// A title straight above the salutation may be the subject of a letter that prints no "Subject:".
fn title(blocks: &[Block], regions: Regions) -> Option<usize> {
    let named = paragraphs(&blocks[..regions.text])
        .any(|p| field(p.plain().trim()).is_some_and(|label| label.field == super::super::words::Field::Subject));
    if named {
        return None;
    }
    blocks[..regions.text].iter().rposition(|block| matches!(block, Block::Paragraph(p) if !p.is_blank()))
}

struct Writer {
    lines: Lines,
    before: Before,
    /// How far the text of each level of the open list is indented.
    indents: Vec<usize>,
    /// Whether the lines since the last blank one are read as a list, since a bullet or number was typed before one of them.
    typed: Typed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Typed {
    Text,
    List,
}

impl Writer {
    fn paragraph(&mut self, paragraph: &Paragraph, keep: Type) {
        if paragraph.is_blank() {
            self.lines.blank();
            if self.before != Before::Item {
                self.before = Before::Nothing;
            }
            return;
        }
        let texts = markdown::lines(&paragraph.spans, keep);
        let texts: Vec<String> = texts.into_iter().filter(|text| !text.is_empty()).collect();
        match &paragraph.kind {
            Kind::Heading(level) if keep == Type::Kept => self.heading(*level, &texts, paragraph.place),
            Kind::Item(level, marker) => self.item(*level, marker, texts, keep, paragraph.place),
            _ => self.text(texts, keep, paragraph),
        }
    }

    fn heading(&mut self, level: u8, texts: &[String], place: u32) {
        self.lines.blank();
        let marks = "#".repeat(usize::from(level.clamp(1, 6)));
        // what is a heading is not bold besides
        let text = texts.join(" ").replace("**", "");
        self.lines.push(format!("{marks} {text}"), place);
        self.lines.blank();
        self.before = Before::Nothing;
        self.indents.clear();
    }

    fn item(&mut self, level: u8, marker: &Marker, texts: Vec<String>, keep: Type, place: u32) {
        if self.before != Before::Item {
            self.lines.blank();
            self.indents.clear();
        }
        self.indents.truncate(usize::from(level));
        let indent = " ".repeat(self.indents.last().copied().unwrap_or(0));
        let (marker, printed) = match marker {
            Marker::Bullet => ("- ".to_owned(), false),
            Marker::Number(number) => (format!("{number}. "), false),
            Marker::Printed(marker) => (format!("{} ", markdown::escaped(marker)), true),
        };
        let hanging = if printed { indent.clone() } else { format!("{indent}{}", " ".repeat(marker.len())) };
        let mut texts = texts.into_iter();
        if printed && keep == Type::Kept {
            // printed as text: each is a paragraph of its own
            self.lines.blank();
        }
        let first = texts.next().unwrap_or_default();
        let rest: Vec<String> = texts.collect();
        let last = if rest.is_empty() { "" } else { broken(keep) };
        self.lines.push(format!("{indent}{marker}{first}{last}"), place);
        for (number, text) in rest.iter().enumerate() {
            let end = if number + 1 < rest.len() { broken(keep) } else { "" };
            self.lines.push(format!("{hanging}{text}{end}"), place);
        }
        if !printed {
            self.indents.push(hanging.len());
        }
        self.before = Before::Item;
    }

    fn text(&mut self, texts: Vec<String>, keep: Type, paragraph: &Paragraph) {
        /// Longer lines are prose, whose paragraphs are told apart however they are set.
        const SHORT: usize = 100;
        let longest = texts.iter().map(|text| breadth(text)).max().unwrap_or(0);
        let rule = texts.iter().any(|text| is_rule(text));
        let joined = matches!(self.before, Before::Text(Gap::None, above) if above <= SHORT && longest <= SHORT);
        if !joined || rule {
            self.lines.blank();
            self.typed = Typed::Text;
        }
        self.indents.clear();
        let count = texts.len();
        for text in texts {
            self.break_above(&text, keep);
            // below a line of text dashes would make it a heading
            let escape = if count > 1 && is_rule(&text) { "\\" } else { "" };
            self.lines.push(format!("{escape}{text}"), paragraph.place);
        }
        self.before = if rule { Before::Nothing } else { Before::Text(paragraph.gap, longest) };
        if rule {
            self.lines.blank();
        }
    }

    /// Ends the line above, if there is one in this paragraph. Where Markdown begins a list with the new line, the list ends it,
    /// and a sign that breaks lines would be printed.
    fn break_above(&mut self, text: &str, keep: Type) {
        let first = self.lines.lines.last().is_none_or(String::is_empty);
        let begins_item = item_number(text).is_some_and(|number| {
            // a paragraph is broken off by a bullet and by the number one
            first || self.typed == Typed::List || number.is_none_or(|number| number == "1")
        });
        if begins_item {
            self.typed = Typed::List;
        } else if let Some(last) = self.lines.lines.last_mut().filter(|_| !first) {
            last.push_str(broken(keep));
        }
    }

    fn table(&mut self, table: &Table) {
        self.lines.blank();
        let columns = table.columns();
        for (number, row) in table.rows.iter().enumerate() {
            let place = row.iter().flat_map(|cell| paragraphs(cell)).map(|p| p.place).next();
            let place = place.or(self.lines.places.last().copied()).unwrap_or(0);
            let cells: Vec<String> =
                (0..columns).map(|at| row.get(at).map(|cell| in_cell(cell)).unwrap_or_default()).collect();
            self.lines.push(format!("| {} |", cells.join(" | ")), place);
            if number == 0 {
                self.lines.push(format!("|{}", "---|".repeat(columns)), place);
            }
        }
        self.lines.blank();
        self.before = Before::Nothing;
        self.indents.clear();
    }

    fn rule(&mut self, place: u32) {
        self.lines.blank();
        // above the letter's first line three dashes would open its optional head
        if self.lines.lines.iter().any(|line| !line.is_empty()) {
            self.lines.push("***".to_owned(), place);
            self.lines.blank();
        }
        self.before = Before::Nothing;
        self.indents.clear();
    }
}

/// What Markdown takes for an item of a list: a bullet (`None`) or a number (`Some`), with something behind it.
fn item_number(text: &str) -> Option<Option<&str>> {
    /// CommonMark: as many digits as browsers take.
    const MOST_DIGITS: usize = 9;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let marks: &[char] = if digits == 0 { &['-', '+', '*'] } else { &['.', ')'] };
    let rest = text[digits..].strip_prefix(marks)?;
    (digits <= MOST_DIGITS && rest.starts_with([' ', '\t'])).then_some((digits > 0).then(|| &text[..digits]))
}

/// The end of a line that is not the last of its paragraph.
fn broken(keep: Type) -> &'static str {
    match keep {
        Type::Kept => "\\",
        Type::Plain => "",
    }
}

/// The paragraphs of a cell on one line, since a table of Markdown has no others.
fn in_cell(cell: &[Block]) -> String {
    let mut texts = Vec::new();
    for paragraph in paragraphs(cell).filter(|paragraph| !paragraph.is_blank()) {
        let text: Vec<String> =
            markdown::lines(&paragraph.spans, Type::Kept).into_iter().filter(|text| !text.is_empty()).collect();
        let text = text.join(" / ").replace('|', "\\|");
        texts.push(match &paragraph.kind {
            Kind::Item(_, Marker::Bullet) => format!("• {text}"),
            Kind::Item(_, Marker::Number(number)) => format!("{number}. {text}"),
            Kind::Item(_, Marker::Printed(marker)) => format!("{} {text}", markdown::escaped(marker)),
            _ => text,
        });
    }
    texts.join(" / ")
}

/// The problems of a reader, at the lines that were made from their places.
pub(super) fn located(problems: Vec<Problem>, places: &mut Places) -> Vec<Problem> {
    /// Nobody reads more of them, and each is looked for among all lines.
    const MOST: usize = 200;
    problems.into_iter().take(MOST).map(|problem| Problem { line: places.line_at(problem.line), ..problem }).collect()
}
