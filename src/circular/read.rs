//! One dropped file becomes a [`Letter`]: decode, optional head, printed head, body, signature, problems.
//!
//! What the optional head gives is taken instead of what the letter prints. Never fails: what cannot be read is a
//! [`Problem`] of the letter.

use chrono::{Datelike, NaiveDate};

use super::{
    AddresseeLine, Found, Head, Language, Letter, PrintedDate, Problem, Reference, Severity,
    addressee_lines::{in_two, says_elsewhere},
    addressee_sentence::arabic,
    annexes::annexes,
    cases::repeats,
    deadlines::deadlines,
    detect,
    faults::{self, ToLabel},
    file_name::form_and_language,
    fold::{fold, is_blank},
    foot_date, head,
    head_lines::cells,
    impossible,
    lines::{Line, lines},
    office::{Source, source},
    printed_head::{self, PrintedHead},
    signature::{self, Foot, Sought},
    supplement,
};

/// Reads a letter from the octets of a file; `name` is the file's name without its folder, `today` the house's day.
pub fn read(name: &str, octets: &[u8], today: NaiveDate) -> Letter {
    let (form, named) = form_and_language(name);
    let Source { text, places, mut problems } = source(name, form, octets);
    // of a file that is not read nothing is missing but itself; what cannot be sent may be all of a body
    let unread = text.trim_matches(is_blank).is_empty();
    let obscured = problems.iter().any(|problem| problem.severity == Severity::Error);
    let all = lines(&text);
    let (head, taken, of_head) = head::read(&all);
    problems.extend(of_head);
    let rest = &all[taken..];
    let (cells, of_columns) = cells(rest);
    problems.extend(of_columns);
    let mut printed = printed_head::read(&cells);
    let below = &rest[printed.body.min(rest.len())..];
    let below: Vec<Line> = below.iter().filter(|line| !printed.set_apart.contains(&line.number)).copied().collect();
    let elsewhere = elsewhere(&printed.to);
    let sought = if elsewhere.is_some() || !printed.has_to { Sought::To } else { Sought::Nothing };
    let mut foot = signature::read(&below, sought);
    if sought == Sought::To {
        let below = if foot.to.is_empty() { &mut foot.distribution } else { &mut foot.to };
        if !below.is_empty() {
            printed.to = std::mem::take(below);
        } else if let Some(problem) = elsewhere {
            problems.push(problem);
        }
    }
    problems.append(&mut printed.problems);
    problems.append(&mut foot.problems);
    problems.extend(faults::of_lines(rest));

    let has_to = if printed.has_to { ToLabel::Printed } else { ToLabel::Missing };
    let annexes = annexes(rest);
    let date = printed.date.clone().or(foot.date.take());
    let known_place = printed.place.take().or(foot.place.take());
    let below_head = if date.is_some() && known_place.is_some() {
        foot_date::Below::default()
    } else {
        foot_date::read(&below, date.as_ref().map(|date| date.value))
    };
    let date = date.or(below_head.date);
    let body = joined(&foot.body, &all).unwrap_or_else(|| Found { value: String::new(), line: last_line(&all) });
    let language = language(&head, named, [&body.value, &text], &mut problems);
    let date = date.or_else(|| printed.ambiguous.take().and_then(|two| settled(two, language, &mut problems)));
    let place = known_place.or(below_head.place);
    let own = head.date.as_ref().or(date.as_ref()).map(|date| date.value);
    let subject = head.subject.as_ref().or(printed.subject.as_ref());
    let (mut deadlines, of_days) = deadlines_of(rest, &printed, &foot, subject, first_day(own).unwrap_or(today));
    problems.extend(of_days);
    deadlines.retain(|deadline| date.as_ref().is_none_or(|date| !before(deadline.value, date.value)));
    let mut letter = Letter {
        form,
        places,
        language,
        letterhead: printed.letterhead,
        remarks: printed.remarks,
        reference: printed.reference,
        supplement: printed.supplement,
        place,
        date,
        to: printed.to,
        copy: printed.copy,
        subject: printed.subject,
        salutation: printed.salutation,
        body,
        closing: foot.closing,
        signature_mark: foot.mark,
        signatories: foot.signatories,
        after_signature: joined(&foot.after, &all),
        annexes,
        deadlines,
        problems,
        head: Head::default(),
    };
    foot.distribution.retain(|line| !repeats(&letter.to, &line.text));
    foot.copy.append(&mut foot.distribution);
    with_copies(&mut letter, foot.copy);
    overrule(&mut letter, head);
    if !unread {
        let mut of_letter = faults::of_letter(&letter, has_to, today);
        of_letter.retain(|problem| !(obscured && problem.message == faults::NO_BODY));
        letter.problems.extend(of_letter);
    }
    letter.problems.sort_by_key(|problem| (problem.line, std::cmp::Reverse(problem.severity)));
    letter
}

/// Deadlines of the subject, the head's remarks and the body; annexes and lists below the signature have their own. Days that no
/// calendar has are named wherever they stand, down to the signature.
fn deadlines_of(
    rest: &[Line],
    printed: &PrintedHead,
    foot: &Foot,
    subject: Option<&Found<String>>,
    from: NaiveDate,
) -> (Vec<Found<NaiveDate>>, Vec<Problem>) {
    let remark = |line: &&Line| printed.remarks.iter().any(|remark| remark.line == line.number);
    let mut places: Vec<Line> =
        subject.map(|found| Line { number: found.line, text: &found.value }).into_iter().collect();
    places.extend(places.first().map(|subject| Line { text: "", ..*subject }));
    places.extend(rest.iter().filter(remark));
    // Where nobody signs, annexes stand below the letter as if they were its own text.
    let own = foot.body.iter().position(|line| signature::is_annex_heading(line)).unwrap_or(foot.body.len());
    places.extend(&foot.body[..own]);
    places.extend(signature::postscript(&foot.after));
    let (found, mut problems) = deadlines(&places, from);
    let head = rest.iter().take(printed.body).filter(|line| !remark(line));
    // the subject stands in the head
    let of_head: Vec<Problem> =
        impossible::of_lines(head).into_iter().filter(|slip| !problems.contains(slip)).collect();
    problems.extend(of_head);
    (found, problems)
}

/// The first day that a printed date can be.
fn first_day(date: Option<PrintedDate>) -> Option<NaiveDate> {
    match date? {
        PrintedDate::Day(day) => Some(day),
        PrintedDate::Month(year, month) => NaiveDate::from_ymd_opt(year, month, 1),
    }
}

/// "Before 1 March 2020 the rules were others": a day before the letter's own is none that it asks for.
fn before(day: NaiveDate, date: PrintedDate) -> bool {
    match date {
        PrintedDate::Day(own) => day < own,
        PrintedDate::Month(year, month) => (day.year(), day.month()) < (year, month),
    }
}

/// "3/12/2026": only English is written where the month stands first; in the others it is the third of December.
fn settled(
    two: Found<(NaiveDate, NaiveDate)>,
    language: Language,
    problems: &mut Vec<Problem>,
) -> Option<Found<PrintedDate>> {
    let (day_first, month_first) = two.value;
    if [Language::FR, Language::ES, Language::RU, Language::AR].contains(&language) {
        return Some(Found { value: PrintedDate::Day(day_first), line: two.line });
    }
    let message =
        format!("the date can be {day_first} or {month_first}: print the month as a word, or give date: in the head");
    problems.push(Problem::warning(two.line, message));
    None
}

/// What is to be said if "See distribution list" stands for To and no list is found.
fn elsewhere(to: &[AddresseeLine]) -> Option<Problem> {
    let [only] = to else { return None };
    says_elsewhere(&only.text).then(|| {
        let message = format!(
            "To says \"{}\", and no such list stands below the signature: write \"Distribution list:\" and one \
             addressee per line",
            only.text
        );
        Problem::error(only.line, message)
    })
}

/// A Copy or Distribution list below the signature may repeat To and the Copy above: each counts once, also where one
/// line says what two do, "Administrations and Sector Members".
fn with_copies(letter: &mut Letter, below: Vec<AddresseeLine>) {
    let listed: Vec<String> = below.iter().map(|line| fold(&line.text)).collect();
    for line in below {
        let text = fold(&line.text);
        let known: Vec<String> = letter.to.iter().chain(&letter.copy).map(|known| fold(&known.text)).collect();
        let both = in_two(&text).any(|(one, other)| [one, other].iter().all(|half| known.iter().any(|k| k == half)));
        let half = known.iter().flat_map(|known| in_two(known)).any(|(one, other)| {
            (one == text && listed.iter().any(|l| l == other)) || (other == text && listed.iter().any(|l| l == one))
        });
        let again = arabic::repeats(&line.text, &known);
        if !known.contains(&text) && !both && !half && !again {
            letter.copy.push(line);
        }
    }
}

/// From the head, the file's name, the body; a body of a few words is read with all of the letter.
fn language(head: &Head, named: Option<Language>, texts: [&str; 2], problems: &mut Vec<Problem>) -> Language {
    let given = head.language.as_ref().map(|found| found.value).or(named);
    if let Some(given) = given.filter(|given| Language::OFFICIAL.contains(given))
        && let Some(seems) = detect::language(texts[0]).filter(|seems| *seems != given)
    {
        let line = head.language.as_ref().map_or(0, |found| found.line);
        let (given, seems) = (given.english_name(), seems.english_name());
        let message = format!("it is named {given} and reads as {seems}: check that the right text lies here");
        problems.push(Problem::warning(line, message));
    }
    given.or_else(|| texts.iter().find_map(|text| detect::language(text))).unwrap_or_else(|| {
        if !texts[0].trim().is_empty() {
            let message = "the language is not plain from the text; English is taken: write language: in the head";
            problems.push(Problem::warning(0, message));
        }
        Language::EN
    })
}

/// What the head gives stands instead of what the letter prints.
fn overrule(letter: &mut Letter, head: Head) {
    if let Some(given) = &head.reference {
        match Reference::new(&given.value) {
            Some(value) => {
                letter.supplement =
                    supplement::in_reference(&given.value).map(|(found, _)| found).or(letter.supplement.take());
                letter.reference = Some(Found { value, line: given.line });
            }
            None => {
                let message = format!("reference: \"{}\" is not a reference: write it as it is printed", given.value);
                letter.problems.push(Problem::error(given.line, message));
            }
        }
    }
    letter.subject = head.subject.clone().or(letter.subject.take());
    letter.date = head.date.clone().or(letter.date.take());
    let lines = |found: &Found<Vec<String>>| {
        let line = found.line;
        found.value.iter().map(|text| AddresseeLine { text: text.clone(), line }).collect()
    };
    if let Some(to) = &head.to {
        letter.to = lines(to);
    }
    if let Some(copy) = &head.copy {
        letter.copy = lines(copy);
    }
    letter.head = head;
}

fn last_line(lines: &[Line]) -> u32 {
    lines.last().map_or(1, |line| line.number)
}

/// The lines as one text, without blank lines at both ends; `None` where nothing is left. `all` are the lines of the file: where
/// the line that one was broken off from went elsewhere (the closing, a Copy list), the sign that breaks it goes too.
fn joined(lines: &[Line], all: &[Line]) -> Option<Found<String>> {
    let first = lines.iter().position(|line| !line.is_blank())?;
    let last = lines.iter().rposition(|line| !line.is_blank())?;
    let lines = &lines[first..=last];
    let broken = |at: usize| {
        let Line { number, text } = lines[at];
        let signs = text.len() - text.trim_end_matches('\\').len();
        // two of them are one that is printed
        let breaks = signs % 2 == 1 && all.get(number as usize).is_some_and(|below| !below.is_blank());
        breaks && lines.get(at + 1).is_none_or(|next| next.is_blank() || next.number != number + 1)
    };
    let texts: Vec<&str> = (0..lines.len())
        .map(|at| if broken(at) { &lines[at].text[..lines[at].text.len() - 1] } else { lines[at].text })
        .collect();
    Some(Found { value: texts.join("\n"), line: lines[0].number })
}
