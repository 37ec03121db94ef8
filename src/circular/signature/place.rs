//! Where those who sign stand in a letter whose closing is none, or in words that nobody has listed.
//!
//! Between the last paragraph and the lists below: lines that are short, and of which one is a person and one a post.

use super::{
    super::{
        fold::{breadth, digit, is_blank},
        formulas::{is_closing, signature_mark},
        labels::label,
        lines::{Line, bullet, is_page_number, is_rule, plain},
        routing::is_path,
        words::Field,
    },
    asks, ends_block, has_label, has_telephone, is_annex_heading, is_note, is_number_alone,
    kinds::{Kind, is_approval, is_delegation, is_drafter, is_furniture, is_sent_by, kind},
    rows::cells,
};

/// The broadest that a line of those who sign is.
const BROADEST: usize = 70;

/// The first line of a name and a post above the lists at the end of the letter.
pub(super) fn bare_signature(lines: &[Line]) -> Option<usize> {
    let own = lines.iter().position(is_annex_heading).unwrap_or(lines.len());
    let ends = |printed: &str| has_label(printed) || is_drafter(printed) || is_note(printed);
    let begins = |at: &usize| ends(&plain(lines[*at].text)) && !runs_on(lines, *at);
    let ends: Vec<usize> = (0..own).filter(begins).chain([own]).collect();
    // "Приложение: на 3 л." may stand above the one who signs, "Телефон: …" in the text
    let annexes = |at: &usize| label(&plain(lines[*at].text)).is_some_and(|label| label.field == Field::Annexes);
    let sentences: Vec<usize> = (0..own).filter(|at| is_sentence(&lines[*at])).collect();
    let texts = ends.iter().find(|end| sentences.last().is_none_or(|last| last < *end));
    let listed = ends.iter().find(|end| **end == own || !annexes(end));
    // "Ms Example" / "Programme Officer" / "Tel.: …": whom to ask, unless nobody else signs
    let asked = |end: &&usize| **end > 0 && **end < own && !lines[**end - 1].is_blank() && is_contact(&lines[**end]);
    let tried = [ends.first(), listed, texts, ends.last()].into_iter().flatten();
    let (last, first): (Vec<&usize>, Vec<&usize>) = tried.partition(asked);
    first.into_iter().chain(last).find_map(|end| {
        let text_below = sentences.len() - sentences.partition_point(|at| at < end);
        signature_above(&lines[..*end]).filter(|_| text_below <= 2)
    })
}

/// "diríjase al Sr. Ejemplo (tel.: +41 22 730 00 04," / "correo-e: …": a line of running text, whatever word it begins with.
fn runs_on(lines: &[Line], at: usize) -> bool {
    let Some(above) = at.checked_sub(1).map(|above| &lines[above]) else { return false };
    let printed = plain(above.text);
    let whole = printed.ends_with(['.', '。', ':', '：', ';', '!', '?']);
    breadth(&printed) > BROADEST && !whole && bullet(above.text).is_none() && !has_label(&printed)
}

fn is_contact(line: &Line) -> bool {
    label(&plain(line.text)).is_some_and(|label| label.field == Field::Contact)
}

/// A line of text: long, and with its full stop.
pub(super) fn is_sentence(line: &Line) -> bool {
    let printed = plain(line.text);
    breadth(&printed) >= 60
        && printed.ends_with(['.', '。', '؟', '?'])
        && bullet(line.text).is_none()
        && !is_note(&printed)
}

fn signature_above(lines: &[Line]) -> Option<usize> {
    let lines = without_foot(lines);
    let fits = |line: &Line| line.is_blank() || is_rule(line.text) || fits(line);
    let run = lines.iter().rposition(|line| !fits(line)).map_or(0, |above| above + 1);
    let paragraphs = paragraphs(lines, run);
    let (mut named, mut posted, mut begin) = (false, false, None);
    for (first, last) in paragraphs.into_iter().rev() {
        let kinds: Vec<Kind> = lines[first..=last].iter().flat_map(kinds).collect();
        if begin.is_some() {
            // more who sign, one above the other
            let more = kinds.iter().all(|kind| *kind != Kind::Other) && !is_formula(&lines[first..=last]);
            if !more {
                break;
            }
            begin = Some(first);
            continue;
        }
        named |= kinds.contains(&Kind::Name);
        posted |= kinds.contains(&Kind::Post);
        begin = (named && posted).then_some(first);
    }
    let begin = begin.or_else(|| below_formula(lines, run)).or_else(|| alone(lines, run));
    begin.filter(|first| lines[..*first].iter().any(|line| !line.is_blank()))
}

/// A name and nothing else below the text: with initials or a courtesy, or far to the right; below a colon it is asked for.
fn alone(lines: &[Line], run: usize) -> Option<usize> {
    const FAR: usize = 20;
    let first = (run..lines.len()).find(|at| !lines[*at].is_blank())?;
    let is_mark = |line: &Line| signature_mark(line.text).is_some_and(|(_, name)| name.is_none());
    let line = lines[first..].iter().filter(|line| !line.is_blank() && !is_mark(line)).collect::<Vec<_>>();
    let ([line], true) = (line.as_slice(), first > 0 && lines[first - 1].is_blank()) else { return None };
    let printed = plain(line.text);
    let certain = super::kinds::has_initials(&printed) || super::kinds::has_prefix(&printed);
    let right = line.text.chars().take_while(|c| is_blank(*c)).count() >= FAR;
    let above = lines[..first].iter().rposition(|line| !line.is_blank())?;
    // below the items of an annex list one signs who stands apart, far to the right
    let listed = bullet(lines[above].text).is_some() && !(certain && right);
    let asked = lines[above].trimmed().ends_with([':', '：']) || listed;
    (kinds(line) == [Kind::Name] && (certain || right) && !asked).then_some(first)
}

/// A name below a line that ends as closings do: its post may be in words that nobody has listed.
fn below_formula(lines: &[Line], run: usize) -> Option<usize> {
    let paragraphs = paragraphs(lines, run);
    let formula = paragraphs.iter().rposition(|(first, last)| is_formula(&lines[*first..=*last]))?;
    let below = &paragraphs[formula + 1..];
    let (first, _) = below.first()?;
    let mut kinds = below.iter().flat_map(|(first, last)| &lines[*first..=*last]).flat_map(kinds);
    kinds.any(|kind| kind == Kind::Name).then_some(*first)
}

/// "С любовью о Господе,": a line that ends with a comma, and no post.
pub(super) fn is_formula(paragraph: &[Line]) -> bool {
    let [line] = paragraph else { return false };
    let printed = plain(line.text);
    let ends = printed.ends_with([',', '،', '，', '!', '！']);
    ends && breadth(&printed) <= BROADEST
        && kind(&printed) != Kind::Post
        && !printed.chars().any(|c| digit(c).is_some())
}

/// The first and the last line of each paragraph from `run` on.
fn paragraphs(lines: &[Line], run: usize) -> Vec<(usize, usize)> {
    let mut paragraphs: Vec<(usize, usize)> = Vec::new();
    for at in (run..lines.len()).filter(|at| !lines[*at].is_blank()) {
        match paragraphs.last_mut() {
            Some((_, last)) if *last + 1 == at => *last = at,
            _ => paragraphs.push((at, at)),
        }
    }
    paragraphs
}

/// The kinds of what a line holds, without marks, approvals and the line to sign on.
fn kinds(line: &Line) -> Vec<Kind> {
    let printed = plain(line.text);
    if let Some((_, name)) = signature_mark(line.text) {
        return name.iter().map(|name| kind(name)).collect();
    }
    if is_rule(line.text) || is_approval(&printed) || is_sent_by(&printed) || is_delegation(&printed) {
        return Vec::new();
    }
    let signed = |text: &str| match signature_mark(text) {
        Some((_, name)) => name.iter().map(|name| kind(name)).collect::<Vec<Kind>>(),
        None => super::parts::Entry::of(text, line.number).into_iter().map(|entry| entry.kind).collect(),
    };
    cells(line.text).iter().flat_map(|cell| signed(&cell.text)).collect()
}

/// Whether a line can belong to names and posts.
fn fits(line: &Line) -> bool {
    let cells = cells(line.text);
    let narrow = cells.iter().all(|cell| breadth(&cell.text) <= BROADEST);
    // a row stops as its last cell does
    let printed = cells.last().map_or_else(String::new, |cell| cell.text.clone());
    let last = printed.rsplit(' ').next().unwrap_or_default();
    let stops = printed.ends_with(['.', '。', '?', '؟', ';', '；', ':', '：']);
    // "Ph.D.", "p.o.", "For the Director-General:"
    let letters = last.trim_end_matches('.').chars().all(|c| c.is_alphabetic() || c == '.');
    let short = letters && last.chars().count() <= 5 && matches!(kind(&printed), Kind::Name | Kind::Post);
    let behalf = super::parts::is_introduction(&printed) || signature_mark(line.text).is_some();
    narrow && (!stops || short || behalf) && !ends_block(line.text) && !is_closing(line.text)
}

/// The lines without what stands below those who sign: drafters, numbers, addresses, dates of the stamp.
fn without_foot<'l, 'a>(lines: &'l [Line<'a>]) -> &'l [Line<'a>] {
    let mut lines = lines;
    loop {
        let Some(last) = lines.iter().rposition(|line| !line.is_blank()) else { return &[] };
        let first = lines[..last].iter().rposition(Line::is_blank).map_or(0, |blank| blank + 1);
        let (above, below) = (plain(lines[first].text), plain(lines[last].text));
        let drafted = asks(&above)
            || is_drafter(&above)
            || is_number_alone(&below)
                && last > first
                && last - first == 1
                && kind(&above) == Kind::Name
                && signs_above(&lines[..first]);
        lines = match lines[last] {
            _ if drafted => &lines[..first],
            line if is_foot(&line) => &lines[..last],
            _ => return &lines[..=last],
        };
    }
}

/// Whether a post stands in the paragraph above: then a name and a number below it are whom to ask.
fn signs_above(lines: &[Line]) -> bool {
    let is_mark = |line: &Line| signature_mark(line.text).is_some_and(|(_, name)| name.is_none());
    let Some(last) = lines.iter().rposition(|line| !line.is_blank() && !is_mark(line)) else { return false };
    kinds(&lines[last]).iter().any(|kind| matches!(kind, Kind::Post | Kind::Name))
}

fn is_foot(line: &Line) -> bool {
    let printed = plain(line.text);
    let stars = !printed.is_empty() && printed.chars().all(|c| matches!(c, '*' | ' ' | '_' | '-' | '/' | '.'));
    stars
        || is_note(&printed)
        || is_number_alone(&printed)
        || has_telephone(&printed)
        || is_furniture(&printed)
        || is_path(&printed)
        || is_page_number(&printed)
        || super::super::dateline::dateline(&printed).is_some()
}
