//! The rows of a signature block and their columns: who signs beside the post, or beside the other who signs.

use super::{
    super::{fold::is_blank, lines::plain},
    kinds::{Kind, has_initials, is_title, kind},
    parts::Entry,
};

/// A cell of a row with the column of the page where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    pub start: usize,
    pub text: String,
}

/// A line of the block in its cells; none where it is blank.
#[derive(Debug)]
pub(super) struct Row {
    pub cells: Vec<Cell>,
    pub line: u32,
}

/// How the rows of a block stand.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// One below the other.
    Single,
    /// "Заместитель Министра                А.В. Примеров"
    PostAndName,
    /// Each who signs in a column of its own.
    Joint,
}

/// The cells of a line, parted by tabs, wide spaces or a table's bars.
pub(super) fn cells(text: &str) -> Vec<Cell> {
    const FAR: usize = 1000;
    const GAP: &str = "    ";
    let trimmed = text.trim_matches(is_blank);
    if trimmed.starts_with('|') {
        let cells = trimmed.split('|').skip(1).enumerate();
        let cells = cells.map(|(at, text)| Cell { start: at * FAR, text: plain(text) });
        return cells.filter(|cell| !cell.text.is_empty()).collect();
    }
    let text = text.replace('\t', GAP);
    let text = text.strip_prefix("> ").unwrap_or(&text);
    let (mut cells, mut start) = (Vec::new(), 0);
    for piece in text.split(GAP) {
        let lead = piece.chars().take_while(|c| is_blank(*c)).count();
        let printed = plain(piece);
        if !printed.is_empty() {
            cells.push(Cell { start: start + lead, text: printed });
        }
        start += piece.chars().count() + GAP.len();
    }
    // what is parted into many is a table or letter-spaced, and no row of those who sign
    const MOST: usize = 4;
    if cells.len() > MOST { vec![Cell { start: 0, text: plain(text) }] } else { cells }
}

pub(super) fn layout(rows: &[Row]) -> Layout {
    let mut wide = rows.iter().filter(|row| row.cells.len() > 1).peekable();
    if wide.peek().is_none() {
        return Layout::Single;
    }
    let mut beside = false;
    for row in wide {
        let named = is_post_and_name(&row.cells);
        let first = kind(&row.cells[0].text);
        let alike = row.cells.iter().all(|cell| kind(&cell.text) == first);
        if alike && !named {
            return Layout::Joint;
        }
        beside |= named;
    }
    if beside { Layout::PostAndName } else { Layout::Joint }
}

/// "Заместитель Министра                А.В. Примеров": who signs stands beside the post.
pub(super) fn is_post_and_name(cells: &[Cell]) -> bool {
    let [post, name] = cells else { return false };
    let (post, name) = (&post.text, &name.text);
    let other = kind(post) != Kind::Name || (has_initials(name) && !has_initials(post));
    kind(name) == Kind::Name && other
}

/// The rows as columns, each with its blank rows; what stands above the columns and in none is a column before them.
pub(super) fn columns(rows: Vec<Row>) -> Vec<Vec<Vec<Entry>>> {
    const NEAR: usize = 10;
    let widest = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let Some(first) = rows.iter().position(|row| row.cells.len() == widest) else { return Vec::new() };
    let starts: Vec<usize> = rows[first].cells.iter().map(|cell| cell.start).collect();
    let mut columns: Vec<Vec<Vec<Entry>>> = vec![vec![Vec::new()]; widest + 1];
    for (at, row) in rows.into_iter().enumerate() {
        if row.cells.is_empty() {
            columns.iter_mut().for_each(|column| column.push(Vec::new()));
        }
        let full = row.cells.len() == widest;
        for (index, cell) in row.cells.into_iter().enumerate() {
            let distance = |column: &usize| starts[*column].abs_diff(cell.start);
            let nearest = (0..widest).min_by_key(distance).unwrap_or(0);
            let column = match nearest {
                _ if full => index + 1,
                // "BANCO CENTRAL DE EJEMPLIA", in the middle above both
                _ if at < first && distance(&nearest) > NEAR => 0,
                _ => nearest + 1,
            };
            if let Some(group) = columns[column].last_mut() {
                group.extend(Entry::of(&cell.text, row.line));
            }
        }
    }
    columns
}

/// Those who sign beside their posts: a post may take several lines, and its name stand beside any of them.
pub(super) fn beside(rows: Vec<Row>) -> Vec<(Entry, Vec<String>)> {
    const NEAR: usize = 10;
    let of_names = rows.iter().filter(|row| is_post_and_name(&row.cells)).map(|row| row.cells[1].start).min();
    let of_names = of_names.unwrap_or(0).saturating_sub(NEAR);
    let mut found: Vec<(Entry, Vec<String>)> = Vec::new();
    let mut posts: Vec<String> = Vec::new();
    let mut begun = false;
    for row in rows {
        if row.cells.is_empty() {
            begun = false;
            continue;
        }
        let whole = is_post_and_name(&row.cells);
        for (at, Cell { start, text }) in row.cells.into_iter().enumerate() {
            // "Председателя Банка" begins as a name does, and stands in the column of posts
            let beside = if whole { at == 1 } else { start >= of_names || has_initials(&text) };
            if beside && kind(&text) == Kind::Name {
                found.push((Entry { text, line: row.line, kind: Kind::Name }, std::mem::take(&mut posts)));
                begun = true;
                continue;
            }
            match found.last_mut().filter(|_| begun && !is_title(&text)) {
                // "Заместитель Председателя          Б. О. Примеров" / "Исполнительного комитета"
                Some((_, own)) => go_on(own, text),
                None => go_on(&mut posts, text),
            }
        }
    }
    if let Some((_, own)) = found.last_mut() {
        own.append(&mut posts);
    }
    found
}

/// A line of a post: it begins another, or goes on with the one above.
fn go_on(posts: &mut Vec<String>, text: String) {
    match posts.last_mut().filter(|_| !is_title(&text)) {
        Some(post) => *post = format!("{post} {text}"),
        None => posts.push(text),
    }
}
