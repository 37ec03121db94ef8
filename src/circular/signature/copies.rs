//! What stands below the names: copies, notes of the house, text to send on.

use super::{
    super::{
        AddresseeLine, Problem, Signatory,
        addressee_lines::{
            Part, begins_addressee, begins_channel, clean, is_note_alone, is_party, names_persons, part_of,
        },
        addressee_sentence::{
            goes_on,
            posts::{ONE_OR_MORE, may_be_one, several},
            split, split_line,
        },
        fold::{after, after_word, breadth, digit, fold, is_blank, is_han, push_line},
        labels::{Label, label},
        lines::{Line, bullet, is_rule, plain},
        routing::{self, is_path},
        words::{Field, WORDS},
    },
    Foot, Sought, is_annex_heading, is_title, issuers,
    kinds::before_han_word,
    names_annex, row,
};

impl<'a> Foot<'a> {
    /// A Copy list may stand straight below the salutation or straight above the closing; so may "正本：…" above "副本：…".
    pub(super) fn copies_of_body(&mut self, sought: Sought) {
        let Some(first) = self.body.iter().position(|line| !line.is_blank()) else { return };
        let end = first + paragraph_length(&self.body[first..]);
        if is_copy_list(&self.body[first..end], sought) {
            let taken: Vec<Line> = self.body.drain(first..end).collect();
            self.below(&taken, sought);
        }
        let own = self.body.iter().position(is_annex_heading).unwrap_or(self.body.len());
        // "抄送：…" stands between rules, and below it who has printed the letter
        let parts = |line: &Line| line.is_blank() || is_rule(line.text);
        let ends = |line: &Line| !parts(line) && !is_imprint(&row(line.text));
        let Some(last) = self.body[..own].iter().rposition(ends) else { return };
        let begin = self.body[..last].iter().rposition(parts).map_or(0, |blank| blank + 1);
        if is_copy_list(&self.body[begin..=last], sought) {
            let ruled = self.body[..begin].iter().rposition(|line| !is_rule(line.text)).map_or(0, |line| line + 1);
            let taken: Vec<Line> = self.body.drain(ruled..own).filter(|line| !is_rule(line.text)).collect();
            self.below(&taken, sought);
        }
    }

    /// A copy that stands where no list is read, beside a title or in brackets, is an office left out: it is refused.
    pub(super) fn refuse_hidden_copies(&mut self, block: &[Line]) {
        let below_names = |at: usize| at > 0 && block[at - 1].is_blank() && names_copy_by_letter(&block[at..]);
        let lettered = (0..block.len()).filter(|at| below_names(*at)).map(|at| &block[at]);
        let hidden = block.iter().chain(&self.after).filter(|line| hides_copy(&plain(line.text)));
        let begun = block.iter().chain(outside_annexes(&self.after)).filter(|line| begins_as_copy(line));
        let mut refused: Vec<&Line> = hidden.chain(lettered).chain(begun).collect();
        refused.sort_by_key(|line| line.number);
        refused.dedup_by_key(|line| line.number);
        for line in refused {
            let message = format!(
                "\"{}\" may name copies, and is not read as a list: write \"Copy:\" and one addressee per line",
                plain(line.text)
            );
            self.problems.push(Problem::error(line.number, message));
        }
    }

    /// What stands below the block: addressees if the head has none, copies, paths of the file copy, text to send on.
    pub(super) fn below(&mut self, lines: &[Line<'a>], sought: Sought) {
        let mut at = 0;
        while at < lines.len() {
            let printed = row(lines[at].text);
            if let Some(rest) = distribution_in_annex(&printed).filter(|_| sought == Sought::To) {
                at += self.list(&lines[at..], rest, Field::Distribution);
                continue;
            }
            if names_annex(&printed) {
                // "Annex 1" / "Distribution list"
                let list =
                    lines[at..].iter().position(|line| label_of_list(&row(line.text)) == Some(Field::Distribution));
                let own = list.filter(|_| sought == Sought::To && self.to.is_empty() && self.distribution.is_empty());
                self.after.extend(&lines[at..own.map_or(lines.len(), |list| at + list)]);
                let Some(list) = own else { return };
                at += list;
                continue;
            }
            if let Some(rest) = listed_by_letter(&lines[at..]) {
                at += self.list(&lines[at..], &rest, Field::Copy);
                continue;
            }
            let item = bullet(lines[at].text).and_then(label).filter(|label| label.colon && label.field == Field::Copy);
            let list = item.or_else(|| label(&printed)).filter(|label| match label.field {
                Field::Copy | Field::Distribution => true,
                Field::To => {
                    sought == Sought::To
                        && self.to.is_empty()
                        && (label.colon || label.rest.is_empty() || addressed(&lines[at..], &printed))
                }
                _ => false,
            });
            if let Some(label) = list {
                at += self.list(&lines[at..], label.rest, label.field);
                continue;
            }
            if is_path(&printed) {
                self.problems.push(Problem::note(lines[at].number, format!("\"{printed}\" is a file path: left out")));
            } else if !self.dateline(&printed, lines[at].number) {
                self.after.push(lines[at]);
            } else {
                self.issuer_above_date();
            }
            at += 1;
        }
    }

    /// "附件：…" / "某省人民政府办公厅" / "2026年5月6日": below the annex list the body that issues the letter, above its date.
    fn issuer_above_date(&mut self) {
        if !self.signatories.is_empty() {
            return;
        }
        let end = self.after.iter().rposition(|line| !line.is_blank()).map_or(0, |last| last + 1);
        let begins = |line: &Line| line.is_blank() || issuers(line).is_none();
        let from = self.after[..end].iter().rposition(begins).map_or(0, |at| at + 1);
        if from == end {
            return;
        }
        for (name, line) in self.after.split_off(from).iter().filter_map(issuers).flatten() {
            self.signatories.push(Signatory { name, title: None, line });
        }
    }

    /// A list below the signature; returns how many lines it takes.
    fn list(&mut self, lines: &[Line<'a>], rest: &str, field: Field) -> usize {
        // "Copy of this letter goes to:" names nobody
        let rest = if field != Field::To && rest.ends_with(':') && rest.split(' ').count() <= 6 { "" } else { rest };
        let first = bullet(rest);
        let mut items = vec![(first.unwrap_or(rest).to_owned(), lines[0].number, first.is_some())];
        let mut taken = 1;
        let hanging = if rest.is_empty() { hanging_column(&lines[1..]) } else { None };
        for line in &lines[1..] {
            let printed = if is_rule(line.text) { String::new() } else { row(line.text) };
            let item = bullet(line.text.trim_start_matches("> "));
            let first = rest.is_empty() && items.len() == 1;
            let wraps = !printed.is_empty()
                && (label(&printed).is_none() || (field == Field::Copy && names_persons(&printed)))
                && !is_furniture(&printed)
                && (first || !lines[taken - 1].is_blank());
            if item.and_then(label).is_some_and(|label| label.colon && label.field == Field::Copy) {
                break;
            }
            let straight = item.is_none() && wraps && !lines[taken - 1].is_blank();
            // Where addressees have bullets, a line without one goes on; elsewhere one that is not whole does.
            let deeper = hanging.map(|column| indent(line) > column);
            let wrapped = |(text, _, bulleted): &&mut (String, u32, bool)| {
                let joins = deeper.unwrap_or_else(|| goes_on(text, &printed));
                straight && (*bulleted || (!text.is_empty() && joins))
            };
            if let Some((text, ..)) = items.last_mut().filter(wrapped) {
                push_line(text, &printed);
                taken += 1;
            } else if printed.is_empty() || item.is_some() || wraps {
                let text = item.unwrap_or(&printed).to_owned();
                items.extend((!printed.is_empty()).then(|| (text, line.number, item.is_some())));
                taken += 1;
            } else {
                break;
            }
        }
        items.retain(|(text, ..)| !text.is_empty() && !names_nobody(text));
        if items.is_empty() && field == Field::Copy {
            let message =
                format!("\"{}\" names no copies that are read: write one per line below it", row(lines[0].text));
            self.problems.push(Problem::error(lines[0].number, message));
        }
        let lines: Vec<&str> =
            items.iter().filter(|(_, _, bulleted)| !bulleted).map(|(text, ..)| text.as_str()).collect();
        if may_be_one(&lines) {
            let message = format!("{ONE_OR_MORE}: \"{}\"", lines.join("\" / \""));
            self.problems.push(Problem::error(items[0].1, message));
        }
        let among = items.iter().filter(|(text, ..)| !is_path(text)).count() > 1;
        for (text, line, bulleted) in items {
            let whole = |items: Vec<(String, usize)>| items.into_iter().map(|(item, _)| item).collect::<Vec<String>>();
            // A bullet is one addressee, with the commas that stand in its name; so is a line among several.
            let texts =
                match (bulleted, among) {
                    (true, _) => Ok(several(&text)
                        .map_or_else(|| vec![clean(&text)], |posts| posts.into_iter().map(clean).collect())),
                    (false, true) => Ok(whole(split_line(&text))),
                    (false, false) => split(&text).map(whole),
                };
            let texts = texts.unwrap_or_else(|unclear| {
                let message = format!(
                    "\"{text}\" can be read in more than one way: write one addressee per line, each with its own qualifier"
                );
                self.problems.push(Problem::error(line, message));
                if unclear.nearest.is_empty() { vec![clean(&text)] } else { whole(unclear.nearest) }
            });
            self.add(texts, line, field);
        }
        taken
    }

    fn add(&mut self, texts: Vec<String>, line: u32, field: Field) {
        let texts = texts.into_iter().filter(|text| !text.is_empty()).collect();
        let (texts, notes) = if field == Field::To { (texts, Vec::new()) } else { routing::parted(texts) };
        let note = |note| format!("\"{note}\" among the copies is a note of the house: left out");
        self.problems.extend(notes.into_iter().map(|text| Problem::note(line, note(text))));
        let shared = |text: &str| part_of(text).1 == Some(Part::Information);
        let (informed, texts): (Vec<_>, Vec<_>) =
            texts.into_iter().partition(|text: &String| field == Field::To && shared(text));
        if !informed.is_empty() {
            self.add(informed, line, Field::Copy);
        }
        let texts: Vec<String> = texts.iter().map(|text| part_of(text).0.to_owned()).collect();
        let list = match field {
            Field::To => &mut self.to,
            Field::Distribution => &mut self.distribution,
            _ => &mut self.copy,
        };
        list.extend(texts.into_iter().map(|text| AddresseeLine { text, line }));
    }
}

fn indent(line: &Line) -> usize {
    line.text.chars().take_while(|c| c.is_whitespace()).count()
}

/// Below a label of its own, the column in which every addressee begins, where lines that go on stand deeper.
fn hanging_column(lines: &[Line]) -> Option<usize> {
    let lines: Vec<&Line> =
        lines.iter().skip_while(|line| line.is_blank()).take_while(|line| !line.is_blank()).collect();
    let column = indent(lines.first()?);
    let plain = lines.iter().all(|line| bullet(line.text).is_none() && !line.text.contains('\t'));
    let at = |line: &&&Line| indent(line) == column;
    let deeper = lines.iter().any(|line| indent(line) > column) && lines.iter().all(|line| indent(line) >= column);
    (plain && deeper && lines.iter().filter(at).count() >= 2).then_some(column)
}

/// "A los Ministros de Relaciones Exteriores" in a paragraph of its own below those who sign, as a note has it.
fn addressed(lines: &[Line], printed: &str) -> bool {
    const BROADEST: usize = 80;
    let rest = label(printed).map_or("", |label| label.rest);
    let named = rest.starts_with(char::is_uppercase) || is_party(rest);
    let paragraph = &lines[..paragraph_length(lines)];
    let plain = |line: &Line| breadth(line.text.trim()) <= BROADEST && !line.text.trim_end().ends_with('.');
    named && begins_addressee(printed) && paragraph.iter().all(plain)
}

/// "Ciudad.-" below a list, "s/c de …" within it.
fn names_nobody(text: &str) -> bool {
    let bare = fold(text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '-' | '–' | ':' | ',')));
    WORDS.has("to_closers", &bare) || begins_channel(text) || is_note_alone(text)
}

/// "Calle 12 · Tel. 55 0000 0000 · www.house.example", "JLM/abc": the foot of the page, or who has typed it.
fn is_furniture(printed: &str) -> bool {
    const FEWEST_DIGITS: usize = 7;
    let contact = printed.contains('@') || printed.contains("www.") || printed.contains("://");
    let apart = |c: char| digit(c).is_none() && !matches!(c, ' ' | '-' | '.' | '(' | ')' | '\u{a0}');
    let count = |run: &str| run.chars().filter(|c| digit(*c).is_some()).count();
    let digits = printed.split(apart).map(count).max().unwrap_or(0);
    let initials = printed.split_once('/').is_some_and(|(one, other)| {
        let few = |text: &str| (2..=4).contains(&text.chars().count()) && text.chars().all(char::is_alphabetic);
        few(one) && few(other) && other.chars().all(char::is_lowercase)
    });
    // "Page 1 of 2", "第1页"
    let page = WORDS.list("page_words").iter().find_map(|word| after_word(printed, word));
    let page = page.is_some_and(|rest| rest.trim_start().starts_with(|c| digit(c).is_some()) && breadth(rest) <= 12);
    contact || digits >= FEWEST_DIGITS || initials || page || is_imprint(printed)
}

/// "示例省教育厅办公室    2026年5月13日印发"
fn is_imprint(printed: &str) -> bool {
    let dated = printed.chars().filter(|c| digit(*c).is_some()).count() >= 4;
    dated && before_han_word(printed, "imprints").is_some()
}

/// "Distribution list", bare or with its colon.
fn label_of_list(printed: &str) -> Option<Field> {
    label(printed).filter(|label| label.colon || label.rest.is_empty()).map(|label| label.field)
}

/// "Annex 2 – Distribution list"
fn distribution_in_annex(printed: &str) -> Option<&str> {
    let rest = WORDS.openings("annex_singular", printed).iter().find_map(|word| after_word(printed, word))?;
    let (_, rest) = rest.split_once([':', '-', '–', '—', '：'])?;
    label(rest).filter(|label| label.field == Field::Distribution).map(|label| label.rest)
}

fn paragraph_length(lines: &[Line]) -> usize {
    lines.iter().position(Line::is_blank).unwrap_or(lines.len())
}

/// Whether a paragraph is "cc: Permanent Missions" and the like; "Copy: of the form is attached" is a sentence.
fn is_copy_list(paragraph: &[Line], sought: Sought) -> bool {
    const BROADEST: usize = 120;
    let Some(first) = paragraph.first().map(|line| row(line.text)) else { return false };
    let copied = |line: &Line| label(&row(line.text)).is_some_and(|label| label.colon && label.field == Field::Copy);
    // "正本：…" / "副本：…", above or below the name, whether or not the head names those written to
    let original = |label: &Label| {
        let sought = sought == Sought::To || paragraph[1..].iter().any(copied);
        label.field == Field::To && sought && first.starts_with(is_han)
    };
    let copy = label(&first).filter(|label| label.colon && (label.field == Field::Copy || original(label)));
    // "Копия: епархиальным отделам" names somebody, "Copy: of the form is attached." is a sentence.
    let stops = paragraph.last().is_some_and(|last| row(last.text).ends_with('.'));
    let named = copy.is_some_and(|label| !stops || !label.rest.starts_with(char::is_lowercase));
    named && paragraph.iter().all(|line| breadth(line.text) <= BROADEST)
}

/// "C. Viceministerio" with two further lines or more in its column: a list of copies, and what it begins with; "C. Archivo"
/// is a list of nobody. A shorter one may as well be one more who signs.
pub(super) fn listed_by_letter(lines: &[Line]) -> Option<String> {
    let first = lines.first()?;
    let printed = row(first.text);
    let rest = printed.strip_prefix(['C', 'c']).and_then(|rest| rest.strip_prefix(['.', ':', '/']))?;
    let rest = rest.strip_prefix(' ')?.trim_start();
    let column = first.text.find(rest).map(|at| first.text[..at].chars().count())?;
    let below: Vec<String> = lines[1..]
        .iter()
        .take_while(|line| !line.is_blank() && indent(line).abs_diff(column) <= 1)
        .map(|line| row(line.text))
        .collect();
    let note = |text: &str| WORDS.has("routing", &fold(text.trim_matches([' ', '.'])));
    let offices = || rest.split([',', '/', ';']).chain(below.iter().map(String::as_str));
    let filed = offices().any(note);
    let listed = below.len() > 1 && (filed || !below.iter().any(|text| is_title(text)));
    (listed || offices().all(note)).then(|| rest.to_owned())
}

/// "C. Vicerrectoría" below the names: a copy, or one more who signs, whose office would stand in the next line.
fn names_copy_by_letter(lines: &[Line]) -> bool {
    let first = plain(lines[0].text);
    let marked = first.strip_prefix(['C', 'c']).is_some_and(|rest| rest.starts_with(". ") || rest.starts_with(": "));
    marked && !lines.get(1).is_some_and(|next| is_title(&plain(next.text)))
}

/// The lines below the names that stand in no list of annexes, and above the annexes themselves.
fn outside_annexes<'l, 'a>(after: &'l [Line<'a>]) -> impl Iterator<Item = &'l Line<'a>> {
    let end = after.iter().position(is_annex_heading).unwrap_or(after.len());
    let mut listed = false;
    after[..end].iter().filter(move |line| {
        let annexes = label(&row(line.text)).is_some_and(|label| label.field == Field::Annexes);
        listed = annexes || (listed && !line.is_blank());
        !listed
    })
}

/// "Copies sent to …", "Copie transmise au …": a line that begins as a list of copies would, and is not read as one; "Copy of
/// the form" is an annex.
fn begins_as_copy(line: &Line) -> bool {
    const BROADEST: usize = 120;
    let printed = plain(line.text);
    let text = printed.trim_start_matches(['(', '（', '-', '–', '*', ' ']);
    let mut words = text.split(is_blank).map(|word| fold(word.trim_matches([',', ':', '.', '/', '-'])));
    let noun = words.next().is_some_and(|first| WORDS.has("copy_nouns", &first));
    let words: Vec<String> = words.take(4).collect();
    let of = words.first().is_some_and(|next| {
        !WORDS.has("copy_ends", next) && (WORDS.has("supplement_of", next) || next.starts_with("d'"))
    });
    let own = words.iter().any(|word| WORDS.has("copy_own", word));
    let verb = WORDS.list("copy_verbs").iter().any(|verb| after(text, verb).is_some());
    // "c: Permanent Missions"
    let lettered = text.strip_prefix("c:").is_some_and(|rest| rest.starts_with(' '));
    ((noun && !words.is_empty() && bullet(line.text).is_none() && (!of || own)) || verb || lettered)
        && breadth(text) <= BROADEST * 2
}

/// Whether a word for copies stands in a line, with a colon after it.
fn hides_copy(printed: &str) -> bool {
    let folded = fold(printed);
    WORDS.list("label_copy").iter().any(|word| {
        folded.match_indices(word.as_str()).any(|(at, _)| {
            let edge = !folded[..at].chars().next_back().is_some_and(char::is_alphanumeric);
            edge && folded[at + word.len()..].trim_start_matches([' ', '.']).starts_with(':')
        })
    })
}
