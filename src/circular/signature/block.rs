//! Names and titles of those who sign, in one column or side by side.

use super::{
    super::{
        Found, Signatory,
        fold::{after_word, fold, is_blank, is_han},
        formulas::signature_mark,
        lines::{Line, plain},
        routing::is_path,
        words::WORDS,
    },
    Foot,
};

impl<'a> Foot<'a> {
    pub(super) fn block(&mut self, lines: &[Line<'a>]) {
        let mut groups: Vec<Vec<(String, u32)>> = vec![Vec::new()];
        for line in lines {
            let printed = plain(line.text);
            if printed.is_empty() {
                groups.push(Vec::new());
            } else if let Some(columns) =
                columns(line.text).filter(|columns| columns.iter().all(|text| signature_mark(text).is_some()))
            {
                self.marks(columns, line.number);
            } else if let Some((mark, name)) = signature_mark(line.text) {
                self.mark.get_or_insert(Found { value: mark, line: line.number });
                groups.push(name.map(|name| (name, line.number)).into_iter().collect());
            } else if is_bare_mark(&printed) || is_motto(&printed) {
                self.mark.get_or_insert(Found { value: printed, line: line.number });
                groups.push(Vec::new());
            } else if self.dateline(&printed, line.number) || is_path(&printed) {
                groups.push(Vec::new());
            } else if let Some(columns) = columns(line.text).filter(|columns| is_office_and_name(columns)) {
                let mut beside = columns.into_iter().map(|text| (text, line.number));
                match groups.last_mut() {
                    // "Первый заместитель" / "Председателя Банка            О.Н. Образцова"
                    Some(office) if !office.is_empty() && office.iter().all(|(text, _)| is_title(text)) => {
                        let more = beside.next();
                        match (office.last_mut(), more) {
                            (Some((title, _)), Some((text, _))) if !is_title(&text) => {
                                *title = format!("{title} {text}");
                            }
                            (_, more) => office.extend(more),
                        }
                        office.extend(beside);
                    }
                    _ => groups.push(beside.collect()),
                }
            } else if let Some(columns) = columns(line.text) {
                for (column, text) in columns.into_iter().enumerate() {
                    self.column(column, text, line.number);
                }
            } else if let Some(group) = groups.last_mut() {
                match office_and_name(&printed) {
                    Some((office, name)) => group.extend([(office, line.number), (name, line.number)]),
                    None => group.push((printed, line.number)),
                }
            }
        }
        groups.retain(|group| !group.is_empty());
        let office = match groups.as_slice() {
            [first, second, ..] if self.signatories.is_empty() => {
                first.iter().all(|(text, _)| is_title(text)) && !is_title(&second[0].0)
            }
            _ => false,
        };
        // "For the Director," above the name of the one who signs.
        let above = if office { groups.remove(0) } else { Vec::new() };
        groups.into_iter().for_each(|group| self.group(group));
        if let Some(first) = self.signatories.first_mut().filter(|_| office) {
            let below = first.title.take();
            above.iter().map(|(text, _)| text).chain(&below).for_each(|text| add_title(first, text));
        }
        for signatory in &mut self.signatories {
            signatory.title = signatory.title.take().map(|title| without_comma(&title));
        }
    }

    /// Marks side by side in a joint letter, with or without their names.
    fn marks(&mut self, columns: Vec<String>, line: u32) {
        for (column, text) in columns.iter().enumerate() {
            let Some((mark, name)) = signature_mark(text) else { continue };
            self.mark.get_or_insert(Found { value: mark, line });
            if let Some(name) = name {
                self.column(column, name, line);
            }
        }
    }

    /// Names side by side in a joint letter, then their titles.
    fn column(&mut self, column: usize, text: String, line: u32) {
        match self.signatories.get_mut(column) {
            Some(signatory) => add_title(signatory, &text),
            None => self.signatories.push(Signatory { name: text, title: None, line }),
        }
    }

    /// A name with its titles, or titles of the name above.
    fn group(&mut self, group: Vec<(String, u32)>) {
        let first_is_title = is_title(&group[0].0);
        if let Some(last) = self.signatories.last_mut().filter(|last| first_is_title && last.title.is_none()) {
            group.iter().for_each(|(text, _)| add_title(last, text));
            return;
        }
        let name = match group.iter().rposition(|(text, _)| !is_title(text)) {
            Some(last) if first_is_title && last + 1 == group.len() => last,
            _ => 0,
        };
        let mut signatory = Signatory { name: person(&group[name].0), title: None, line: group[name].1 };
        for (at, (text, _)) in group.iter().enumerate() {
            if at != name {
                add_title(&mut signatory, text);
            }
        }
        self.signatories.push(signatory);
    }
}

/// "signé", alone between an office and a name.
fn is_bare_mark(printed: &str) -> bool {
    WORDS.has("signature_marks", &fold(printed.trim_end_matches([':', '.', ','])))
}

/// A line all in quotation marks, below the closing.
fn is_motto(printed: &str) -> bool {
    printed.starts_with(['"', '“', '«']) && printed.ends_with(['"', '”', '»']) && printed.chars().count() > 2
}

fn without_comma(text: &str) -> String {
    text.trim_end_matches([',', '،', '，']).to_owned()
}

/// "(Prof. E. Example)" is printed below the line to sign on.
fn person(text: &str) -> String {
    let text = without_comma(text);
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).filter(|inner| !inner.contains('('));
    inner.map_or(text.clone(), str::to_owned)
}

/// Another line of a title: joined by a comma, or by a blank where the line before is not whole.
fn add_title(signatory: &mut Signatory, text: &str) {
    signatory.title = Some(match signatory.title.take() {
        Some(title) if title.ends_with([',', '،', '，']) || wraps(&title, text) => format!("{title} {text}"),
        Some(title) => format!("{title}, {text}"),
        None => text.to_owned(),
    });
}

/// Whether a title goes on in the next line: in lower case, after a small word, or after the name of an office that
/// lacks its noun ("Director of the Telecommunication" / "Standardization Bureau").
fn wraps(title: &str, next: &str) -> bool {
    let lower = next.chars().next().is_some_and(char::is_lowercase);
    let last = title.rsplit(is_blank).next().unwrap_or_default();
    let small = last.chars().count() <= 3 && last.chars().all(char::is_lowercase);
    let holds = |text: &str| {
        let words: Vec<String> = text.split(is_blank).map(|word| fold(word.trim_matches([',', '.']))).collect();
        WORDS.list("units").iter().any(|unit| words.contains(unit))
    };
    let named = [" of the ", " du ", " de la ", " del ", " de l'"].iter().find_map(|of| title.split_once(of));
    let open = named.is_some_and(|(_, office)| !holds(office)) && holds(next) && !is_title(next);
    lower || small || open
}

/// Whether a line names an office rather than a person.
pub(in super::super) fn is_title(text: &str) -> bool {
    // "Coordinating Director", "Исполнительный секретарь": few words, of which the last is an office.
    const FEW: usize = 3;
    let articled = WORDS.list("to_articles").iter().find_map(|article| after_word(text, article));
    let text = articled.map_or(text, |rest| rest.trim_start_matches(is_blank));
    // "Le sous-ministre adjoint": no name goes on in lower case after its article.
    if articled.is_some() && text.starts_with(char::is_lowercase) && text.split(is_blank).count() <= 6 {
        return true;
    }
    let words: Vec<&str> = text.split(is_blank).collect();
    let last = words.last().map(|word| fold(word)).unwrap_or_default();
    let ends = (2..=FEW).contains(&words.len()) && words[0].chars().count() > 2 && WORDS.has("titles", &last);
    ends || WORDS.list("titles").iter().any(|title| after_word(text, title).is_some())
        || WORDS.list("titles").iter().any(|title| title.chars().all(is_han) && text.ends_with(title.as_str()))
}

/// "主任 安娜": in Chinese the office stands before the name, with a blank between.
fn office_and_name(text: &str) -> Option<(String, String)> {
    let (office, name) = text.split_once(is_blank)?;
    let name = name.trim_matches(is_blank);
    let han = |text: &str| text.chars().next_back().is_some_and(is_han);
    (han(office) && han(name) && is_title(office) && !is_title(name)).then(|| (office.to_owned(), name.to_owned()))
}

/// "Заместитель Министра                А.В. Примеров": who signs stands beside the office.
pub(super) fn is_office_and_name(columns: &[String]) -> bool {
    let [office, name] = columns else { return false };
    super::is_name(name) && (is_title(office) || (has_initials(name) && !has_initials(office)))
}

/// "А.В. Примеров", "K. Sample"
fn has_initials(name: &str) -> bool {
    let first: Vec<char> = name.chars().take(2).collect();
    matches!(first.as_slice(), [initial, '.'] if initial.is_uppercase())
}

/// Two or three names side by side, parted by tabs, wide spaces or a table's bars.
pub(super) fn columns(text: &str) -> Option<Vec<String>> {
    let text = text.trim_matches(is_blank);
    let parts: Vec<String> = if text.starts_with('|') {
        text.split('|').map(plain).filter(|part| !part.is_empty()).collect()
    } else {
        text.replace('\t', "    ").split("    ").map(plain).filter(|part| !part.is_empty()).collect()
    };
    (2..=3).contains(&parts.len()).then_some(parts)
}
