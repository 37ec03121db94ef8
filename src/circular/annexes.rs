//! The number of annexes that a letter states: "Annexes: 2", "Annex: 1", "附件：3份", or a numbered list below the label.

use counts::{in_a_row, kinds, number, titled};
use lists::{aligned, enumerated, marks};

use super::{
    Found,
    fold::{after_word, digit, fold, is_blank, is_han},
    lines::{Line, bullet, plain},
    words::WORDS,
};

mod counts;
mod lists;

const ROMAN: [&str; 10] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"];

/// No letter lists more annexes; a longer row of numbers is something else.
const MOST: u32 = 99;

/// The first statement among the lines.
pub(super) fn annexes(lines: &[Line]) -> Option<Found<u32>> {
    let stated = lines.iter().enumerate().find_map(|(at, line)| {
        let printed = in_table(line).unwrap_or_else(|| plain(line.text));
        let (value, kind) = after_label(&printed)?;
        if line.trimmed().starts_with('|') {
            return number(value).map(|value| Found { value, line: line.number });
        }
        let below = &lines[at + 1..];
        let stated = in_a_row(value)
            .or_else(|| kinds(value))
            .or_else(|| number(value))
            .or_else(|| enumerated(value, below))
            .or_else(|| in_brackets(value))
            .or_else(|| (!is_elsewhere(value)).then(|| by_titles(value, kind, line, below))?);
        stated.map(|value| Found { value, line: line.number })
    });
    let stated = stated.or_else(|| one_by_one(lines)).or_else(|| lines.iter().find_map(number_first));
    stated.or_else(|| alone_at_the_end(lines))
}

/// "| **Annexes** | 3 |" as "Annexes: 3"
fn in_table(line: &Line) -> Option<String> {
    let inner = line.trimmed().strip_prefix('|')?.trim_end_matches('|');
    let (label, value) = inner.split_once('|')?;
    let label = plain(label);
    Some(format!("{}: {}", label.trim_end_matches([':', '：', ' ']), plain(value)))
}

/// "Attachment", alone below the names: one, as its word says.
fn alone_at_the_end(lines: &[Line]) -> Option<Found<u32>> {
    let last =
        lines.iter().rposition(|line| !line.is_blank()).filter(|last| *last > 0 && lines[last - 1].is_blank())?;
    let printed = fold(&plain(lines[last].text));
    let one = WORDS.has("annex_alone", printed.trim_matches(['(', ')', '.', ':']));
    one.then_some(Found { value: 1, line: lines[last].number })
}

/// Titles on the label's line; where there is one, those below it in its column count too.
fn by_titles(value: &str, kind: Kind, line: &Line, below: &[Line]) -> Option<u32> {
    let own = titled(value, kind);
    let several = own.is_some_and(|own| own > 1) || kind == Kind::One;
    if several { own } else { aligned(line, value, below).or(own) }
}

/// "as mentioned", "如文": it counts nothing.
fn is_elsewhere(value: &str) -> bool {
    let bare = |text: &str| fold(text.trim_matches(|c| is_blank(c) || matches!(c, '.' | '。' | ',')));
    let lead = value.split(['(', '（']).next().unwrap_or_default();
    WORDS.has("annex_elsewhere", &bare(lead))
}

/// "如文（2份）", "as mentioned (2)"
fn in_brackets(value: &str) -> Option<u32> {
    let (_, inner) = value.split_once(['(', '（']).filter(|_| is_elsewhere(value))?;
    number(inner.trim_end_matches([')', '）', '.', '。']))
}

/// "2 enclosures", "附件2份": a line of its own.
fn number_first(line: &Line) -> Option<Found<u32>> {
    let printed = plain(bullet(line.text).unwrap_or(line.text));
    let found = |value| Some(Found { value, line: line.number });
    let end = printed.find(|c| digit(c).is_none()).unwrap_or(printed.len());
    let label = fold(printed[end..].trim_matches(|c| is_blank(c) || c == '.'));
    if end > 0 && printed[end..].starts_with(is_blank) && WORDS.has("label_annexes", &label) {
        return number(&printed[..end]).and_then(found);
    }
    let rest = WORDS.list("label_annexes").iter().find_map(|word| after_word(&printed, word))?;
    let han = printed.starts_with(is_han) && printed.ends_with(is_han) && rest.starts_with(|c| digit(c).is_some());
    number(rest).filter(|_| han).and_then(found)
}

/// "Annex A: Programme" / "Annex B: Form": as many as stand in order, from the first on.
fn one_by_one(lines: &[Line]) -> Option<Found<u32>> {
    let mut found: Option<Found<u32>> = None;
    for line in lines {
        let next = found.as_ref().map_or(1, |found| found.value + 1);
        let printed = plain(bullet(line.text).unwrap_or(line.text));
        if next <= MOST && names_annex(&printed, next) {
            found = Some(Found { value: next, line: found.map_or(line.number, |first| first.line) });
        }
    }
    found
}

/// Whether a line is the title of the annex of this number: "Annex 2 – Form", "Annex B: Form", "Annex II. Form", "附件二：表".
fn names_annex(printed: &str, number: u32) -> bool {
    let Some(rest) = WORDS.list("annex_singular").iter().find_map(|word| after_word(printed, word)) else {
        return false;
    };
    let rest = rest.trim_start_matches(is_blank);
    let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    let (mark, title) = rest.split_at(end);
    let title = title.trim_start_matches(is_blank).strip_prefix([':', '-', '–', '—', '：', '.', '．', '、']);
    lists::bare_marks(number).iter().any(|own| fold(own) == fold(mark))
        && title.is_some_and(|title| title.chars().any(char::is_alphabetic))
}

/// Whether a label speaks of one annex or leaves the number open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    One,
    Any,
}

/// What follows "Annexes:", "Annexes (2)" or "Annexes" alone.
fn after_label(printed: &str) -> Option<(&str, Kind)> {
    let (label, rest) =
        WORDS.list("label_annexes").iter().find_map(|label| Some((label, after_word(printed, label)?)))?;
    if let Some(counted) = in_brackets_behind(rest) {
        return Some((counted, Kind::Any));
    }
    let point = rest.strip_prefix('.');
    let rest = point.unwrap_or(rest).trim_matches(is_blank);
    let colon = rest.strip_prefix([':', '：']).or_else(|| behind_gap(printed, rest));
    let kind = if colon.is_some() && WORDS.has("annex_singular", label) { Kind::One } else { Kind::Any };
    match colon {
        Some(value) => Some((value.trim_matches(is_blank), kind)),
        None if rest.is_empty() || rest.starts_with(['(', '（']) => {
            Some((rest.trim_matches(['(', ')', '（', '）']), kind))
        }
        // "Encl. 1. Form", "Encl. 2", "Encl. as mentioned"
        None if point.is_some() && (number(rest).is_some() || marks(1).iter().any(|mark| rest.starts_with(mark))) => {
            Some((rest, kind))
        }
        // "Encl. Calendar of sessions"
        None if point.is_some() && WORDS.has("annex_singular", label) && rest.starts_with(char::is_uppercase) => {
            Some((rest, Kind::One))
        }
        None => None,
    }
}

/// "Приложения (3):  предварительная повестка дня": the number behind the label counts what is listed.
fn in_brackets_behind(rest: &str) -> Option<&str> {
    let inner = rest.trim_start_matches(is_blank).strip_prefix(['(', '（'])?;
    let (counted, behind) = inner.split_once([')', '）'])?;
    let listed = behind.trim_start_matches(is_blank).starts_with([':', '：', '-', '–', '—']);
    (listed && number(counted).is_some()).then_some(counted)
}

/// "Annexes      2": in columns a label needs no colon.
fn behind_gap<'a>(printed: &str, rest: &'a str) -> Option<&'a str> {
    let before = &printed[..printed.len() - rest.len()];
    (!rest.is_empty() && (before.ends_with("   ") || before.ends_with('\t'))).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::{super::lines::lines, *};

    #[test]
    fn the_stated_number_is_read_and_a_heading_states_none() {
        let table = [
            ("Annexes: 2", Some(2)),
            ("Annex: 1", Some(1)),
            ("**Annexes:** 3", Some(3)),
            ("Annexes (2)", Some(2)),
            ("Annexes: 2 (available in English only)", Some(2)),
            ("Annexes: 1. Programme 2. Registration form", Some(2)),
            ("Enclosures: (i) Programme\n            (ii) Form\n", Some(2)),
            ("Annexes:\n\n1. Programme\n2. Registration form\n", Some(2)),
            ("Annexes: 1. Programme\n2. Form\n", Some(2)),
            ("Приложения: 2", Some(2)),
            ("الملحقات: ٣", Some(3)),
            ("附件：2份", Some(2)),
            ("Enclosures: 12 pages", None),
            ("Annex A: Programme\nAnnex B: Form\n", Some(2)),
            ("- Annex 1 – Programme\n- Annex 2 – Form\n", Some(2)),
            ("Annex 2: Form", None),
            ("Annex 1", None),
            ("Annex", None),
            ("Annexes 1 and 2 hold the forms", None),
            ("Annexes: Docs. 3/6 (Rev. 1)", None),
            ("Annex: Registration form", Some(1)),
            ("Annexes: Programme; Form", Some(2)),
            ("Annexes: Programme and form", None),
            ("Enclosures:\nA — Background\nB — Form\n\nText", Some(2)),
            ("Приложение: на 3 л. в 1 экз.", Some(1)),
            ("附件：1．范围\n2．表格", Some(2)),
            ("المرفقات: لائحة البطولة + استمارة المشاركة", Some(2)),
            ("Encl. 1. Form 1: Proposal for a new field\n         of activity\n      2. Scoping study\n", Some(2)),
            ("Encl.: 2", Some(2)),
            ("Encl. 2", Some(2)),
            ("Encls. (3)", Some(3)),
            ("ENCLOSURES: (2)", Some(2)),
            ("Enclosures: (i) Programme (ii) Form", Some(2)),
            ("Encl. as mentioned", None),
            ("Annexes: two", Some(2)),
            ("Annexes: 2 documents", Some(2)),
            ("2 enclosures", Some(2)),
            ("Annexes      2", Some(2)),
            ("Annexes: Programme of the seminar\n         Registration form\n", Some(2)),
            ("Annexes: a) Programme b) Form", Some(2)),
            ("Attachments: 1) Programme\n2) Form\n3) Map", Some(3)),
            ("Pièces jointes :\n  1. Description des tâches\n     détaillée\n  2. Formulaire\n", Some(2)),
            ("P.J. : 3", Some(3)),
            ("Anexo: 1 hoja", Some(1)),
            ("Anexos: 3 hojas", None),
            ("Adj.: Lo indicado", None),
            ("Приложение: 1. Регламент на 6 л.\n            2. Форма на 1 л.", Some(2)),
            ("Приложения: форма на 2 л., регламент на 6 л.", Some(2)),
            ("Приложение: по тексту", None),
            ("المرفقات:\n١- البرنامج\n٢- الاستمارة", Some(2)),
            ("附件：如文", None),
            ("附件：如文（2份）", Some(2)),
            ("附件：共2件", Some(2)),
            ("附件：1. 推荐表\n      2. 课程安排\n      3. 责任书", Some(3)),
            ("附件：\n一、推荐表\n二、课程安排", Some(2)),
            ("附件2份", Some(2)),
            ("附：推荐表", Some(1)),
            ("附件一：提名表\n附件二：格式", Some(2)),
            ("附件1．提名表\n附件2．格式\n附件3．日程", Some(3)),
            ("*Enclosures:* agenda (N 1288); information (N 1289)", Some(2)),
            ("Text.\n\nMLP/jd\n\nAttachment\n", Some(1)),
            ("Text.\n\nEnclosure.\n", Some(1)),
            ("Text.\n\nEnclosures\n", None),
            ("PJ : 1 formulaire, 1 grille d'évaluation", Some(2)),
            ("Pièces jointes : un formulaire et une grille d'évaluation", Some(2)),
            ("Anexos: 2 formularios y 1 mapa", Some(3)),
            ("Anexos: 1 formulario, 3 hojas", Some(1)),
            ("Attachments: one form", Some(1)),
            ("Adj.: agenda provisional", Some(1)),
            ("Attachments: Programme of the seminar", Some(1)),
            ("المرفقات: مشروع جدول الأعمال", Some(1)),
            ("المرفقات: جدول الأعمال ومذكرة شارحة", None),
            ("المرفقات: نموذج واحد", Some(1)),
            ("المرفقات: استمارة عدد (2)", Some(2)),
            ("المرفقات: ثلاثة نماذج", Some(3)),
            ("المرفقات: بدون", None),
            ("Приложения (3):  предварительная повестка дня\n                 программа\n", Some(3)),
            ("Приложения: А, Б", Some(2)),
            ("Приложения: 1, 2 и 3", Some(3)),
            ("Annexes: A, B and C", Some(3)),
            ("Annexes: 1 to 4", Some(4)),
            ("Annexes : I à III", Some(3)),
            ("Annexes: 1-2", Some(2)),
            ("Annexes: 2 and 3", None),
            ("| **Annexes** | 3 |", Some(3)),
            ("| المرفقات | ٣ |", Some(3)),
            ("| Annex | Title |", None),
            ("P.J. : – fiche\n       – plan\n       – attestation\n\nTexte", Some(3)),
            ("Enclosures: - Form\n            - Map\n", Some(2)),
            ("Anexos: programa preliminar, guía logística y formato de informe.", Some(3)),
            ("Se adjuntan: programa preliminar, guía logística y formato de informe.", Some(3)),
        ];
        let read = table.map(|(text, expected)| (text, annexes(&lines(text)).map(|found| found.value), expected));
        let wrong: Vec<_> = read.into_iter().filter(|(_, found, expected)| found != expected).collect();
        assert!(wrong.is_empty(), "text, found, expected: {wrong:#?}");
    }
}
