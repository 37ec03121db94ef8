//! What shares its lines with those who sign, or ends the page below them: a list of copies in the other column, a box of
//! notes beside the closing, the colophon of Chinese documents.

use super::{
    super::{
        fold::{after_word, breadth, digit, fold, is_blank, is_han},
        formulas::{is_closing, signature_mark},
        labels::{Label, label},
        lines::{Line, bullet, is_rule, plain},
        words::{Field, WORDS},
    },
    closing,
    kinds::{Kind, before_han_word, is_title, kind},
    rows::Cell,
};

/// The lower part of a letter, one column after the other.
pub(super) struct Sorted<'a> {
    pub lines: Vec<Line<'a>>,
    pub colophon: Vec<Line<'a>>,
    /// What a box beside the closing holds.
    pub boxed: Vec<Line<'a>>,
}

/// The lines one column after the other, without what shares them and what ends the page.
pub(super) fn sorted<'a>(lines: &[Line<'a>]) -> Sorted<'a> {
    let (lines, boxed) = without_box(lines);
    let lines = beside_list(&lines).unwrap_or(lines);
    let own: Vec<Line> = lines.iter().flat_map(closing::parted).collect();
    let own = without_stamp(&own);
    let at = colophon(&own).or_else(|| footer_of_mail(&own)).unwrap_or(own.len());
    let (own, below) = own.split_at(at);
    let colophon = below.iter().filter(|line| !is_rule(line.text)).copied().collect();
    Sorted { lines: own.to_vec(), colophon, boxed }
}

/// "Yours faithfully,          | Study Group 11" / "                  | Latest news": what stands in a box on the right is the page's.
fn without_box<'a>(lines: &[Line<'a>]) -> (Vec<Line<'a>>, Vec<Line<'a>>) {
    let boxed = |line: &Line| {
        let inner = line.trimmed();
        let bars = inner.matches('|').count();
        (bars == 1 && !inner.ends_with('|')).then(|| line.text.find('|')).flatten()
    };
    let begins = |line: &Line<'a>| boxed(line).filter(|at| is_closing(line.text[..*at].trim_matches(is_blank)));
    let Some((first, column)) = lines.iter().enumerate().find_map(|(at, line)| Some((at, begins(line)?))) else {
        return (lines.to_vec(), Vec::new());
    };
    let indent = lines[first].text[..column].chars().count();
    let same = |line: &Line| boxed(line).is_some_and(|at| line.text[..at].chars().count().abs_diff(indent) <= 2);
    let end = first + lines[first..].iter().take_while(|line| same(line)).count();
    let (mut own, mut boxed) = (lines.to_vec(), Vec::new());
    for line in &mut own[first..end] {
        let (left, right) = line.text.split_at(line.text.find('|').unwrap_or(line.text.len()));
        boxed.push(Line { text: right.trim_start_matches(['|', ' ']), ..*line });
        line.text = left;
    }
    (own, boxed)
}

/// "Ampliations :              Le Directeur" / "- Cabinet              A. Exemple": a list on the left, who signs on the right.
fn beside_list<'a>(lines: &[Line<'a>]) -> Option<Vec<Line<'a>>> {
    const NEAR: usize = 6;
    let first = lines.iter().position(|line| heads_list_beside(line).is_some())?;
    let column = heads_list_beside(&lines[first])?;
    let above = lines[..first]
        .iter()
        .rposition(|line| !line.is_blank())
        .map_or(0, |last| lines[..=last].iter().rposition(Line::is_blank).map_or(0, |blank| blank + 1));
    // who signs may begin above the list, in the same column
    let right = |line: &Line| halves(line, column, NEAR).is_none() && indent(line) + NEAR >= column;
    let begin = if lines[above..first].iter().all(|line| line.is_blank() || right(line)) { above } else { first };
    let end = first + lines[first..].iter().position(Line::is_blank).unwrap_or(lines.len() - first);
    // and end below it
    let below = |line: &&Line| line.is_blank() || right(line);
    let end = end + lines[end..].iter().take_while(below).count();
    let (mut left, mut beside) = (Vec::new(), Vec::new());
    for line in &lines[begin..end] {
        match halves(line, column, NEAR) {
            Some((one, other)) => {
                left.push(Line { text: one, ..*line });
                beside.push(Line { text: other, ..*line });
            }
            None if line.is_blank() || right(line) => beside.push(*line),
            None => {
                left.push(*line);
                beside.push(Line { text: "", ..*line });
            }
        }
    }
    let named = beside.iter().any(|line| matches!(kind(&plain(line.text)), Kind::Name));
    let blank = Line { text: "", ..lines[first] };
    let mut sorted = lines[..begin].to_vec();
    sorted.extend(beside);
    sorted.push(blank);
    sorted.extend(left);
    sorted.push(blank);
    sorted.extend(&lines[end..]);
    named.then_some(sorted)
}

/// The column of who signs, beside "Copies:" with nothing behind its colon.
fn heads_list_beside(line: &Line) -> Option<usize> {
    let [head, signs] = super::rows::cells(line.text).try_into().ok()?;
    let Cell { text, .. } = head;
    let list = |label: Label| {
        matches!(label.field, Field::Copy | Field::Distribution | Field::Annexes)
            && label.colon
            && label.rest.is_empty()
    };
    let post = matches!(kind(&signs.text), Kind::Post | Kind::Name);
    (label(&text).is_some_and(list) && post).then_some(signs.start)
}

fn indent(line: &Line) -> usize {
    line.text.chars().take_while(|c| is_blank(*c)).count()
}

/// A line in two, where something begins near the column behind a gap.
fn halves<'a>(line: &Line<'a>, column: usize, near: usize) -> Option<(&'a str, &'a str)> {
    const GAP: &str = "   ";
    let gap = line.text.match_indices(GAP).map(|(at, _)| at);
    let whole = |at: &usize| line.text[..*at].chars().any(|c| !is_blank(c));
    let at = gap.filter(whole).find(|at| {
        let behind = line.text[*at..].chars().take_while(|c| is_blank(*c)).count();
        (line.text[..*at].chars().count() + behind).abs_diff(column) <= near
    })?;
    Some(line.text.split_at(at))
}

/// "抄送：…" and "某省教育厅办公室   2026年5月13日印发", between rules at the foot of a Chinese document: where they begin.
fn colophon(lines: &[Line]) -> Option<usize> {
    const MOST: usize = 12;
    let last = lines.iter().rposition(|line| !line.is_blank() && !is_rule(line.text))?;
    let from = last.saturating_sub(MOST);
    let copies = |line: &Line| {
        let printed = plain(line.text);
        printed.starts_with(is_han) && label(&printed).is_some_and(|label| label.colon && label.field == Field::Copy)
    };
    let imprint = is_imprint(&plain(lines[last].text));
    let begin = (from..=last).find(|at| copies(&lines[*at]) || is_sent_within(&plain(lines[*at].text)));
    let begin = begin.or(imprint.then_some(last))?;
    let ruled =
        lines[from..begin].iter().rposition(|line| !line.is_blank()).filter(|at| is_rule(lines[from + at].text));
    // a list below the names stands where it is read anyway
    let listed = lines[begin..=last].iter().all(|line| line.is_blank() || bullet(line.text).is_none());
    (listed && (imprint || ruled.is_some())).then(|| ruled.map_or(begin, |at| from + at))
}

/// "--" above the address and the notice of a mail: where it stands.
fn footer_of_mail(lines: &[Line]) -> Option<usize> {
    const MOST: usize = 16;
    let at = lines.iter().rposition(|line| line.trimmed() == "--")?;
    let below = lines[at..].iter().filter(|line| !line.is_blank()).count();
    (at > 0 && below <= MOST).then_some(at)
}

/// "Документ подписан электронной подписью" / "Сертификат 00E1" / "Владелец Примеров Андрей": what a stamp says below its
/// first line names nobody.
fn without_stamp<'a>(lines: &[Line<'a>]) -> Vec<Line<'a>> {
    let says = |line: &Line| {
        let printed = plain(line.text);
        let begins = WORDS.openings("stamp_words", &printed).iter().any(|word| after_word(&printed, word).is_some());
        begins && !is_title(&printed)
    };
    let mut stamped = false;
    let mut own = lines.to_vec();
    for line in &mut own {
        stamped = !line.is_blank() && (stamped || signature_mark(line.text).is_some());
        if stamped && says(line) {
            line.text = "";
        }
    }
    own
}

/// "示例省教育厅办公室    2026年5月13日印发"
fn is_imprint(printed: &str) -> bool {
    let digits = printed.chars().filter(|c| digit(*c).is_some()).count();
    digits >= 4 && breadth(printed) <= 150 && before_han_word(printed, "imprints").is_some()
}

/// "内部发送：办公室，调查统计处。": it stays within the house.
fn is_sent_within(printed: &str) -> bool {
    let folded = fold(printed);
    WORDS
        .list("sent_within")
        .iter()
        .any(|word| folded.strip_prefix(word.as_str()).is_some_and(|rest| rest.trim_start().starts_with([':', '：'])))
}
