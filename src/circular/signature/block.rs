//! The block of those who sign: one below the other, beside their posts, or each in a column.

use super::{
    super::{
        Found, Signatory,
        fold::fold,
        formulas::{gap_for_mark, signature_mark},
        lines::{Line, plain},
        routing::is_path,
        words::WORDS,
    },
    Foot,
    kinds::{CROSSES, Kind, has_initials, has_prefix, is_approval, is_body, is_delegation, is_sent_by, kind},
    parts::{Entry, Part, is_in_place_of, is_introduction, parts_of, person, with_line, without_comma},
    rows::{Cell, Layout, Row, beside, cells, columns, layout},
};

impl<'a> Foot<'a> {
    pub(super) fn block(&mut self, lines: &[Line<'a>]) {
        let mut rows: Vec<Row> = lines.iter().map(|line| self.row(line)).collect();
        self.mark_of_bishop(&mut rows);
        match layout(&rows) {
            Layout::PostAndName => beside(rows).into_iter().for_each(|(name, posts)| self.sign(name, posts)),
            Layout::Joint => columns(rows).into_iter().for_each(|column| self.column(column)),
            Layout::Single => {
                let certain = |cell: &Cell| kind(&cell.text) == Kind::Name && is_certain(&cell.text);
                let named = rows.iter().flat_map(|row| &row.cells).any(certain);
                let mut groups: Vec<Vec<Entry>> = vec![Vec::new()];
                for row in rows {
                    if row.cells.is_empty() {
                        groups.push(Vec::new());
                    } else if let Some(group) = groups.last_mut() {
                        group.extend(row.cells.iter().flat_map(|cell| match Entry::of(&cell.text, row.line) {
                            // "DIRECTOR-GENERAL: HEALTH", where the name stands in another line
                            halves if named && is_post_of(&cell.text, &halves) => {
                                vec![Entry::post(&cell.text, row.line)]
                            }
                            entries => entries,
                        }));
                    }
                }
                self.column(groups);
            }
        }
        self.signatories.sort_by_key(|signatory| signatory.line);
        // a body above those who sign for it signs nothing itself
        if self.signatories.iter().any(|signatory| kind(&signatory.name) == Kind::Name) {
            self.signatories.retain(|signatory| signatory.title.is_some() || !is_body(&signatory.name));
        }
    }

    /// "+ Margaret Sampleford" / "The Rt Revd Margaret Ensample", "Gregor Example" / "Dr Gregor Example": above the full name
    /// the cross or the bare name stands for the signature.
    fn mark_of_bishop(&mut self, rows: &mut [Row]) {
        let text = |row: &Row| row.cells.first().filter(|_| row.cells.len() == 1).map(|cell| cell.text.clone());
        let crossed = |text: &String| text.starts_with(CROSSES) && kind(text) == Kind::Name;
        let filled: Vec<usize> = (0..rows.len()).filter(|at| !rows[*at].cells.is_empty()).collect();
        let marks = filled.windows(2).find(|pair| {
            let (Some(one), Some(other)) = (text(&rows[pair[0]]), text(&rows[pair[1]])) else { return false };
            let words: Vec<String> = other.split(' ').map(fold).collect();
            let shared = one
                .trim_start_matches(CROSSES)
                .split(' ')
                .map(fold)
                .any(|word| word.chars().count() > 2 && words.contains(&word));
            let signed = words.len() > 1
                && one.split(' ').count() > 1
                && one.split(' ').map(fold).all(|word| words.contains(&word));
            let signed = signed && !has_prefix(&one) && has_prefix(&other);
            ((crossed(&one) && shared) || signed) && !crossed(&other) && kind(&other) == Kind::Name
        });
        if let Some(mark) = marks.map(|pair| pair[0]) {
            let value = rows[mark].cells.drain(..).map(|cell| cell.text).collect();
            self.mark.get_or_insert(Found { value, line: rows[mark].line });
        }
    }

    /// A line in its cells, without marks in place of a signature and without what is printed around names.
    fn row(&mut self, line: &Line) -> Row {
        let mut row = Row { cells: Vec::new(), line: line.number };
        let printed = plain(line.text);
        // "and", between two who sign
        let joins = WORDS.has("to_last_joins", &fold(&printed));
        if joins || is_path(&printed) || self.dateline(&printed, line.number) {
            return row;
        }
        let between = gap_for_mark(line.text).filter(|_| signature_mark(line.text).is_none());
        if let Some((mark, gapped)) = between {
            self.mark.get_or_insert(Found { value: mark, line: line.number });
            row.cells = cells(&gapped);
        } else {
            row.cells = cells(line.text);
        }
        let marks = row.cells.iter().filter(|cell| signature_mark(&cell.text).is_some()).count();
        if signature_mark(line.text).is_some() && marks < 2 {
            let start = row.cells.first().map_or(0, |cell| cell.start);
            row.cells = vec![Cell { start, text: printed }];
        }
        row.cells.retain_mut(|cell| {
            if let Some((mark, name)) = signature_mark(&cell.text) {
                self.mark.get_or_insert(Found { value: mark, line: line.number });
                cell.text = name.unwrap_or_default();
            } else if is_bare_mark(&cell.text) || is_motto(&cell.text) {
                self.mark.get_or_insert(Found { value: std::mem::take(&mut cell.text), line: line.number });
            } else if is_approval(&cell.text)
                || is_sent_by(&cell.text)
                || is_delegation(&cell.text)
                || is_introduction(&cell.text)
            {
                cell.text.clear();
            }
            !cell.text.is_empty()
        });
        row
    }

    /// The paragraphs of one column, from the top down.
    fn column(&mut self, groups: Vec<Vec<Entry>>) {
        let own = self.signatories.len();
        let parts = parts_of_column(groups);
        let last = parts.iter().rposition(|part| matches!(part, Part::Person(..)));
        let (mut above, mut issuers): (Vec<Entry>, Vec<Entry>) = (Vec::new(), Vec::new());
        for (at, part) in parts.into_iter().enumerate() {
            match part {
                Part::Person(name, posts) => {
                    above.extend(posts);
                    self.sign(name, texts(std::mem::take(&mut above)));
                }
                Part::Posts(posts) => match self.signatories[own..].last_mut() {
                    Some(signatory) if signatory.title.is_none() || last.is_none_or(|last| at > last) => {
                        let title = signatory.title.take();
                        signatory.title = posts.iter().fold(title, |title, post| Some(with_line(title, &post.text)));
                    }
                    _ => above.extend(posts),
                },
                Part::Issuer(body) => issuers.push(body),
            }
        }
        if last.is_none() && !issuers.is_empty() {
            // bodies that sign themselves
            for body in issuers {
                self.sign(body, texts(std::mem::take(&mut above)));
            }
        } else if last.is_none() && !above.is_empty() {
            // a name that reads like a post, or a post that signs
            let name = above.remove(0);
            self.sign(name, texts(above));
        }
    }

    fn sign(&mut self, name: Entry, mut posts: Vec<String>) {
        // "pour le Secrétaire général," above one who has a post of his own
        if posts.len() > 1 && is_in_place_of(&posts[0]) {
            posts.remove(0);
        }
        let title = posts.iter().fold(None, |title, post| Some(with_line(title, post)));
        let title = title.map(|title| without_comma(&title));
        self.signatories.push(Signatory { name: person(&name.text), title, line: name.line });
    }
}

/// The parts of all paragraphs; one that begins with a post below a name without any holds no further name.
fn parts_of_column(groups: Vec<Vec<Entry>>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for group in groups.into_iter().filter(|group| !group.is_empty()) {
        let below = match parts.as_slice() {
            [.., Part::Posts(_), Part::Person(..)] => false,
            [.., Part::Person(name, posts)] => posts.is_empty() && name.kind != Kind::Body,
            _ => false,
        };
        let named = group.iter().any(|entry| entry.kind == Kind::Name);
        match group[0].kind {
            Kind::Post if below && !named => parts.push(Part::Posts(group)),
            _ => parts.extend(parts_of(group)),
        }
    }
    parts
}

fn is_certain(name: &str) -> bool {
    has_prefix(name) || has_initials(name)
}

/// Whether the second half of "DIRECTOR-GENERAL: HEALTH" may be what the post is for.
fn is_post_of(text: &str, halves: &[Entry]) -> bool {
    let [post, of] = halves else { return false };
    text.contains([':', '：']) && post.kind == Kind::Post && of.kind == Kind::Name && !is_certain(&of.text)
}

fn texts(entries: Vec<Entry>) -> Vec<String> {
    entries.into_iter().map(|entry| entry.text).collect()
}

/// "signé", alone between a post and a name; "[L.S.]"
fn is_bare_mark(printed: &str) -> bool {
    let bracketed = printed.starts_with('[') && printed.ends_with(']');
    bracketed || WORDS.has("signature_marks", &fold(printed.trim_end_matches([':', '.', ','])))
}

/// A line all in quotation marks, below the closing.
pub(super) fn is_motto(printed: &str) -> bool {
    printed.starts_with(['"', '“', '«']) && printed.ends_with(['"', '”', '»']) && printed.chars().count() > 2
}
