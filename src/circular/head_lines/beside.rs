//! Fields side by side on one line: number and date, letterhead and date, number and contact.
//!
//! Columns of addressees are never parted, since the lines below them would be read under the wrong label.

use super::super::{
    dateline,
    fold::{fold, is_blank},
    labels::{Label, behind_letter_spaced, label},
    numbering,
    words::{Field, WORDS},
};

/// "Ref.: CL 12      Tel.: +41 22", "MINISTRY OF HEALTH      3 March 2026": the fields, where each piece is one or, beside
/// one, letterhead.
pub(super) fn side_by_side(text: &str) -> Option<Vec<&str>> {
    let pieces = pieces(text);
    let [first, .., last] = pieces.as_slice() else { return None };
    // "To Administrations          Geneva, 3 March 2026": the corner beside a list
    if pieces.len() == 2
        && names_addressees(first)
        && (is_labelled(last) || is_date(last) || numbering::is_reference(last))
    {
        return Some(pieces);
    }
    let labelled = |text: &str| label(text).filter(|label| label.colon).is_some_and(opens_list);
    // "To:  Regulators      Academia", "Subject:   Survey of 3 March": what follows the gap belongs to the label
    if labelled(first) || numbering::is_kind_of_letter(first) {
        return None;
    }
    let fields = pieces.iter().all(|piece| is_field(piece));
    let beside = pieces.len() == 2
        && (is_labelled(last)
            || (is_letterhead(first) && (is_field(last) || numbering::is_like_a_number(last)))
            || (is_letterhead(last) && (is_date(first) || is_number(first)))
            || (is_season(last) && is_number(first)));
    (fields || beside).then_some(pieces)
}

/// "Ref.: 12/2026 Date: 3 March 2026": a second small field begins where its label stands with a colon.
pub(super) fn run_together(text: &str) -> Option<Vec<&str>> {
    let first = label(text).filter(|label| label.colon && is_small(label.field) && !label.rest.is_empty())?;
    let start = text.len() - first.rest.len();
    let begins = |at: &usize| {
        let next = label(&text[*at..]).filter(|next| next.colon && is_small(next.field) && next.field != first.field);
        next.is_some() && text[*at..].starts_with(char::is_alphabetic)
    };
    let blanks = text.char_indices().filter(|(at, c)| *at >= start && is_blank(*c));
    let at = blanks.map(|(at, c)| at + c.len_utf8()).find(begins)?;
    let lead =
        text[..at].trim_end_matches(|c| is_blank(c) || matches!(c, '-' | '–' | ';' | ',' | '/' | '|' | '•' | '·'));
    // "Your ref.: • Date: 3 March 2026": a field without a value
    let marked = text[lead.len()..at].contains(['•', '·', '|']);
    let rest = text[at..].trim_matches(is_blank);
    let rest = run_together(rest).unwrap_or_else(|| vec![rest]);
    (lead.len() > start || marked).then(|| [vec![lead], rest].concat())
}

fn opens_list(label: Label) -> bool {
    matches!(label.field, Field::To | Field::Copy | Field::Distribution | Field::Attention | Field::Subject)
}

/// A To or Copy with its value.
fn names_addressees(text: &str) -> bool {
    let list = |field| matches!(field, Field::To | Field::Copy | Field::Distribution);
    label(text).is_some_and(|label| list(label.field) && label.rest.chars().any(char::is_alphabetic))
}

/// Whether what stands beside a piece is read after the lines below it, which go on with it.
pub(super) fn goes_on_below(text: &str) -> bool {
    is_letterhead(text) || names_addressees(text)
}

/// What gaps part, a label kept with its value.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces: Vec<&str> = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(found) = gap(&text[at..]) {
        let (open, close) = (at + found.0, at + found.1);
        let piece = text[start..open].trim_matches(is_blank);
        let alone = label(piece).is_some_and(|label| label.rest.is_empty() && !is_way(piece))
            || behind_letter_spaced(&text[start..]).is_some_and(|value| close <= start + value);
        if !piece.is_empty() && !alone {
            pieces.push(piece);
            start = close;
        }
        at = close;
    }
    pieces.push(text[start..].trim_matches(is_blank));
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// The next tab or run of at least four blanks.
fn gap(text: &str) -> Option<(usize, usize)> {
    const WIDE: usize = 4;
    let mut from = None;
    let mut count = 0;
    for (at, c) in text.char_indices().chain([(text.len(), 'x')]) {
        if is_blank(c) {
            from = from.or(Some(at));
            count += if c == '\t' { WIDE } else { 1 };
        } else {
            if let Some(open) = from.filter(|_| count >= WIDE && at < text.len()) {
                return Some((open, at));
            }
            (from, count) = (None, 0);
        }
    }
    None
}

fn is_date(text: &str) -> bool {
    dateline::dateline(text).is_some()
}

/// A dateline, a number, or a label of one of the small fields with its value.
fn is_field(text: &str) -> bool {
    let small = label(text).is_some_and(|label| {
        let small = matches!(
            label.field,
            Field::Reference
                | Field::Cited
                | Field::Contact
                | Field::Date
                | Field::Place
                | Field::From
                | Field::Annexes
        );
        small && !label.rest.is_empty()
    });
    small || is_date(text) || numbering::is_reference(text) || dateline::is_marked_place(text)
}

/// "По вопросам обращаться:          Дата: 3 марта 2026 г.": a small field with its colon and value, whatever stands before it.
fn is_labelled(text: &str) -> bool {
    label(text).is_some_and(|label| label.colon && is_small(label.field) && !label.rest.is_empty())
}

/// "E-mail          Bern, 3 March 2026": how the letter travels.
fn is_way(text: &str) -> bool {
    WORDS.has("sent_by", &fold(text))
}

/// A field of one short value.
fn is_small(field: Field) -> bool {
    use Field::{Annexes, Cited, Contact, Date, From, Place, Reference};
    matches!(field, Reference | Cited | Contact | Date | Place | From | Annexes)
}

/// A number and no list: "CIRCULAR Nº 34      URGENTE".
fn is_number(text: &str) -> bool {
    numbering::is_reference(text) && label(text).is_none()
}

/// "TEMPORADA 2026/2027": what the circulars of a year or season are kept under.
fn is_season(text: &str) -> bool {
    const WORDS_MOST: usize = 3;
    let year = |part: &str| matches!(part.len(), 2 | 4) && part.bytes().all(|b| b.is_ascii_digit());
    let words: Vec<&str> = text.split(is_blank).filter(|word| !word.is_empty()).collect();
    let Some((years, words)) = words.split_last() else { return false };
    let spoken = words.iter().all(|word| word.chars().all(char::is_alphabetic));
    let parts: Vec<&str> = years.split(['/', '-', '–']).collect();
    spoken && (1..WORDS_MOST).contains(&words.len()) && parts.len() <= 2 && parts.into_iter().all(year)
}

/// Words without a number or label, such as stand above a letter.
fn is_letterhead(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
        && !text.chars().any(|c| super::super::fold::digit(c).is_some())
        && (label(text).is_none() || is_way(text))
        && !text.ends_with([',', '.', ':', ';'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_beside_each_other_are_parted_and_columns_of_addressees_are_not() {
        let table: [(&str, &[&str]); 18] = [
            ("To Administrations         Geneva, 3 March 2026", &["To Administrations", "Geneva, 3 March 2026"]),
            ("Copy: Academia         Ref.: CL 12", &["Copy: Academia", "Ref.: CL 12"]),
            ("E-mail              Bern, 3 March 2026", &["E-mail", "Bern, 3 March 2026"]),
            (
                "По вопросам обращаться:      Дата: 3 марта 2026 г.",
                &["По вопросам обращаться:", "Дата: 3 марта 2026 г."],
            ),
            ("г. Москва      № 12-34      3 марта 2026 г.", &["г. Москва", "№ 12-34", "3 марта 2026 г."]),
            ("Contact: A. Example     Ref.: CL 12", &["Contact: A. Example", "Ref.: CL 12"]),
            ("CIRCULAR Nº 34        TEMPORADA 2026/2027", &["CIRCULAR Nº 34", "TEMPORADA 2026/2027"]),
            ("Circular No. 12       Session 2026-27", &["Circular No. 12", "Session 2026-27"]),
            ("Circulaire n° 12      DIFFUSION GENERALE", &["Circulaire n° 12", "DIFFUSION GENERALE"]),
            ("文    号：12      日    期：2026年4月17日", &["文    号：12", "日    期：2026年4月17日"]),
            ("Ref.: CL 12        Tel.: +41 22", &["Ref.: CL 12", "Tel.: +41 22"]),
            ("Geneva, 3 March 2026        Ref.:   CL 12", &["Geneva, 3 March 2026", "Ref.:   CL 12"]),
            ("MINISTRY OF HEALTH          3 March 2026", &["MINISTRY OF HEALTH", "3 March 2026"]),
            ("SECRETARIAT GENERAL         N° 0123/MS/SG", &["SECRETARIAT GENERAL", "N° 0123/MS/SG"]),
            ("3 March 2026                REPUBLIC OF EXAMPLE", &["3 March 2026", "REPUBLIC OF EXAMPLE"]),
            ("COMUNICACIÓN \"B\" 12.618       14/08/2026", &["COMUNICACIÓN \"B\" 12.618", "14/08/2026"]),
            ("Date:    3 March 2026      Ref.:   CL 12", &["Date:    3 March 2026", "Ref.:   CL 12"]),
            ("Our ref.: CL 12     Your ref.: 4", &["Our ref.: CL 12", "Your ref.: 4"]),
        ];
        for (text, parts) in table {
            assert_eq!(side_by_side(text).as_deref(), Some(parts), "{text}");
        }
        for text in [
            "FECHA:           17 de febrero de 2026",
            "To:      Regulators        Academia",
            "Regulators            Academia",
            "E-mail       office@house.example",
            "Subject:    Survey      3 March 2026",
            "行政通函                   2026年7月20日",
            "日    期：2026年4月17日",
            "事    由：第12号通函",
            "Rodrigo J. Ejemplo        Estela M. del Modelo",
        ] {
            assert_eq!(side_by_side(text), None, "{text}");
        }
        let parts = run_together("Ref.: 12/2026 Date: 3 March 2026");
        assert_eq!(parts.as_deref(), Some(["Ref.: 12/2026", "Date: 3 March 2026"].as_slice()));
        let parts = run_together("Nos réf. : A/12 – Vos réf. : B/13");
        assert_eq!(parts.as_deref(), Some(["Nos réf. : A/12", "Vos réf. : B/13"].as_slice()));
        let parts = run_together("Our ref.: A/12 • Your ref.: • Date: 3 March 2026");
        assert_eq!(parts.as_deref(), Some(["Our ref.: A/12", "Your ref.:", "Date: 3 March 2026"].as_slice()));
        for text in ["Subject: Survey. Date: 3 March", "Ref.: Circular No.: 12", "To: Regulators Copy: Academia"] {
            assert_eq!(run_together(text), None, "{text}");
        }
    }
}
