//! The letter as a whole: the sample that ships, what parks, what only warns, and any text at all.

use super::*;

mod addressees;
mod below;
mod feet;
mod heads;
mod lists;
mod strays;

const SAMPLE: &str = include_str!("../../templates/_sample.txt");

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn read_text(text: &str) -> Letter {
    read("letter.md", text.as_bytes(), day(2021, 12, 10))
}

fn errors(letter: &Letter) -> Vec<String> {
    letter.problems.iter().filter(|p| p.severity == Severity::Error).map(|p| p.located("f")).collect()
}

fn warnings(letter: &Letter) -> Vec<String> {
    letter.problems.iter().filter(|p| p.severity == Severity::Warning).map(|p| p.located("f")).collect()
}

fn texts(lines: &[AddresseeLine]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

/// A letter with one of its lines replaced or, by "", left out.
fn sample_with(line: &str, replacement: &str) -> String {
    assert!(SAMPLE.contains(line), "{line}");
    SAMPLE.replacen(line, replacement, 1)
}

#[test]
fn the_sample_is_read_field_by_field_with_its_lines() {
    let letter = read("_sample.txt", SAMPLE.as_bytes(), day(2021, 12, 10));
    assert_eq!(errors(&letter), Vec::<String>::new());
    assert_eq!(letter.form, Form::Text);
    assert_eq!(letter.language, Language::EN);
    let head: Vec<&str> = letter.letterhead.iter().map(|line| line.value.as_str()).collect();
    assert_eq!(head, ["Telecommunication", "Development Bureau (BDT)"]);
    let reference = letter.reference.unwrap();
    assert_eq!((reference.value.as_str(), reference.line), ("Circular BDT/DNS/DGS/112", 10));
    assert_eq!(letter.supplement, None);
    assert_eq!(letter.place, Some(Found { value: "Geneva".to_owned(), line: 12 }));
    assert_eq!(letter.date, Some(Found { value: PrintedDate::Day(day(2021, 12, 3)), line: 12 }));
    assert_eq!(
        texts(&letter.to),
        [
            "Administrations of ITU Member States",
            "Regulators",
            "ITU-D Sector Members",
            "Academia",
            "Permanent Missions"
        ]
    );
    assert_eq!(letter.to.iter().map(|line| line.line).collect::<Vec<_>>(), [16, 17, 18, 19, 20]);
    assert!(letter.copy.is_empty());
    let subject = letter.subject.unwrap();
    assert_eq!(subject.value, "Updates on the Child Online Protection (COP) Initiative");
    assert_eq!(letter.salutation, Some(Found { value: "Dear Sir/Madam,".to_owned(), line: 24 }));
    assert_eq!(letter.body.line, 26);
    assert!(letter.body.value.starts_with("I have the honour") && letter.body.value.ends_with("have grown up."));
    assert_eq!(letter.closing.unwrap().value, "Yours faithfully,");
    assert_eq!(letter.signature_mark.unwrap().value, "[Original signed]");
    let [signatory] = letter.signatories.as_slice() else { panic!("{:?}", letter.signatories) };
    assert_eq!((signatory.name.as_str(), signatory.title.as_deref()), ("Doreen Bogdan-Martin", Some("Director")));
    assert_eq!((letter.annexes, letter.deadlines, letter.after_signature), (None, vec![], None));
}

#[test]
fn what_a_letter_cannot_go_without_parks_it() {
    let table = [
        ("Ref.: Circular BDT/DNS/DGS/112\n", "no reference"),
        ("Subject: Updates on the Child Online Protection (COP) Initiative\n", "no subject"),
        (
            "To\n\n- Administrations of ITU Member States\n- Regulators\n- ITU-D Sector Members\n- Academia\n- Permanent Missions\n",
            "no To",
        ),
    ];
    for (lines, missing) in table {
        let found = errors(&read_text(&sample_with(lines, "")));
        assert!(found.len() == 1 && found[0].contains(missing), "{missing}: {found:?}");
    }
    let start = SAMPLE.find("I have the honour").unwrap();
    let end = SAMPLE.find("Yours faithfully").unwrap();
    let found = errors(&read_text(&format!("{}{}", &SAMPLE[..start], &SAMPLE[end..])));
    assert!(found.len() == 1 && found[0].contains("no body"), "{found:?}");
}

#[test]
fn what_a_letter_may_lack_only_warns() {
    let table = [
        ("Geneva, 3 December 2021", "", "no date"),
        ("Geneva, 3 December 2021", "3 December 2021", "no place"),
        ("Dear Sir/Madam,", "", "no salutation"),
        ("Yours faithfully,", "", "no closing"),
        ("[reports](#)", "[reports](#), [pages]()", "\"reports\", \"pages\""),
        ("Geneva, 3 December 2021", "Geneva, 3 November 2021", "more than 30 days ago"),
        ("grown up.", "grown up. Please reply by 9 December 2021.", "deadline 2021-12-09 has passed"),
        ("Geneva, 3 December 2021", "Geneva, 3/12/2021", "2021-12-03 or 2021-03-12"),
    ];
    for (line, replacement, expected) in table {
        let letter = read_text(&sample_with(line, replacement));
        assert_eq!(errors(&letter), Vec::<String>::new(), "{expected}");
        assert!(warnings(&letter).iter().any(|found| found.contains(expected)), "{expected}: {:?}", warnings(&letter));
    }
}

#[test]
fn blank_lines_line_ends_marks_and_emphasis_change_nothing() {
    let plain = read_text(SAMPLE);
    let variants = [
        SAMPLE.replace('\n', "\r\n"),
        SAMPLE.replace('\n', "\r"),
        format!("\u{feff}{SAMPLE}"),
        sample_with("Ref.: Circular", "**Ref.:** Circular")
            .replace("Subject:", "**Subject:**")
            .replace("\nTo\n", "\n**To**\n"),
        SAMPLE.replace("Subject: ", "Subject:\n\n\n").replace("Ref.: ", "Ref.\n\n"),
        SAMPLE.replace("\n- ", "\n\n* ").replace("Ref.:", "REF :").replace("To\n", "TO:\n"),
        SAMPLE
            .replace("\nTo\n", "\nTo:\n")
            .replace("- Adm", "Adm")
            .replace("- Reg", "Reg")
            .replace("- ITU", "ITU")
            .replace("- Aca", "Aca")
            .replace("- Perm", "Perm"),
    ];
    for (at, variant) in variants.iter().enumerate() {
        let letter = read_text(variant);
        assert_eq!(errors(&letter), Vec::<String>::new(), "{at}");
        assert_eq!(letter.reference.map(|r| r.value), plain.reference.clone().map(|r| r.value), "{at}");
        assert_eq!(letter.subject.map(|s| s.value), plain.subject.clone().map(|s| s.value), "{at}");
        assert_eq!(texts(&letter.to), texts(&plain.to), "{at}");
        assert_eq!(letter.date.map(|d| d.value), plain.date.clone().map(|d| d.value), "{at}");
        assert_eq!(letter.signatories.len(), 1, "{at}");
    }
}

#[test]
fn the_optional_head_supplies_what_the_letter_lacks_and_overrules_what_it_prints() {
    let head = "---\nSend: 7 December 2026, 09:00\nreference: CL-26/12\nsubject: C# and *: a note\ndate: 7 December 2026\n\
        to: administrations, regulators\ncopy: none\nreply_to: a@itu.example, b@itu.example\nlanguage: French\n\
        attachments: brief.pdf\nwait-for: fr, es\nexclude: academia\nfrom: bdt\nrepeat: 0 9 1 * *\nkind: official\n---\n";
    let letter = read_text(&format!("{head}{SAMPLE}"));
    assert_eq!(errors(&letter), Vec::<String>::new());
    let at = day(2026, 12, 7).and_hms_opt(9, 0, 0).unwrap();
    assert_eq!(letter.head.send, Some(Found { value: Send::At(at), line: 2 }));
    assert_eq!(letter.reference.map(|r| (r.value.to_string(), r.line)), Some(("CL-26/12".to_owned(), 3)));
    assert_eq!(letter.subject.map(|s| s.value), Some("C# and *: a note".to_owned()));
    assert_eq!(texts(&letter.to), ["administrations", "regulators"]);
    assert_eq!(letter.language, Language::FR);
    assert_eq!(letter.head.copy, Some(Found { value: vec![], line: 7 }));
    assert_eq!(letter.head.reply_to.map(|r| r.value.len()), Some(2));
    assert_eq!(letter.head.wait_for.map(|w| w.value), Some(vec![Language::FR, Language::ES]));
    assert_eq!(letter.salutation.map(|s| s.line), Some(24 + 16));
}

#[test]
fn a_slip_in_the_optional_head_parks_with_its_remedy() {
    let table = [
        ("---\nsned: now\n---\n", "f:2: the head has no key \"sned\"; did you mean \"send\"?"),
        ("---\nsend: now\nsend: now\n---\n", "f:3: send stands twice"),
        ("---\nsend:\n---\n", "f:2: send has no value"),
        ("---\nsend: 7 December 2026\n---\n", "f:2: send: \"7 December 2026\" has no clock"),
        ("---\nhello\n---\n", "f:2: \"hello\" is not a line of the head"),
        ("---\nkind: subscription\n---\n", "f:2: kind: only official circulars"),
        ("---\nlanguage: klingon\n---\n", "f:2: \"klingon\" is not a language"),
        ("---\ndate: soon\n---\n", "f:2: date: \"soon\" is not a date"),
        ("---\nsend: now\n", "f:1: the head is not closed"),
        ("\n\n---\nbanana: 1\n---\n", "f:4: the head has no key \"banana\"; it has send"),
    ];
    for (head, expected) in table {
        let found = errors(&read_text(&format!("{head}{SAMPLE}")));
        assert!(found.len() == 1 && found[0].starts_with(expected), "{expected}: {found:?}");
    }
}

#[test]
fn a_list_that_may_narrow_one_group_or_all_is_refused() {
    let text = "Ref.: CL/1\n\nTo: Administrations, Regulators and Academia of the Africa region\n\nSubject: A\n\nDear Sir,\n\nText.\n";
    let found = errors(&read_text(text));
    assert!(found.len() == 1 && found[0].starts_with("f:3: ") && found[0].contains("more than one way"), "{found:?}");
}

#[test]
fn body_lines_that_begin_like_fields_stay_in_the_body() {
    let text = sample_with(
        "I have the honour",
        "To\n\n- all who read this\n\nSubject: nothing\n\nRef.: none\n\nI have the honour",
    );
    let letter = read_text(&text);
    assert_eq!(letter.to.len(), 5);
    assert_eq!(letter.reference.unwrap().value.as_str(), "Circular BDT/DNS/DGS/112");
    assert!(letter.body.value.contains("- all who read this"));
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,400}") {
            read_text(&text);
        }

        #[test]
        fn no_octets_make_the_reader_panic(octets in proptest::collection::vec(any::<u8>(), 0..600)) {
            read("x.txt", &octets, day(2021, 12, 10));
        }

        #[test]
        fn no_mixture_of_the_letters_own_pieces_makes_the_reader_panic(
            picks in proptest::collection::vec((0usize..60, 0usize..12), 1..40)
        ) {
            let lines: Vec<&str> = SAMPLE.lines().collect();
            let joints = ["\n", " ", "", "\r", " / ", "|", "**", ": ", "---\n", "،", "的", "(\u{301}"];
            let text: String = picks.iter().map(|(line, joint)| format!("{}{}", lines[line % lines.len()], joints[*joint])).collect();
            read_text(&text);
        }

        #[test]
        fn a_letter_cut_or_struck_anywhere_is_read_without_panic(at in 0usize..4000, length in 0usize..40, with in "\\PC{0,6}") {
            let boundary = |mut at: usize| { while !SAMPLE.is_char_boundary(at) { at -= 1; } at };
            let start = boundary(at.min(SAMPLE.len()));
            let end = boundary((start + length).min(SAMPLE.len()));
            read_text(&format!("{}{with}{}", &SAMPLE[..start], &SAMPLE[end.max(start)..]));
            read_text(&SAMPLE[..start]);
        }

        #[test]
        fn a_reference_and_its_key_survive_any_text(text in "\\PC{0,80}") {
            if let Some(reference) = Reference::new(&text) {
                prop_assert_eq!(reference.key(), reference.key());
            }
        }

        #[test]
        fn any_name_of_a_file_is_understood(name in "\\PC{0,40}") {
            FileName::parse(&name);
        }
    }
}

#[test]
fn a_day_that_no_calendar_has_is_a_warning_with_its_line() {
    let table = [
        ("Much remains to be done.", "Please reply by 30 February 2022.", 30),
        ("Geneva, 3 December 2021", "Geneva, 31 November 2021", 12),
        ("Geneva, 3 December 2021", "Date: 31 November 2021", 12),
        ("Initiative", "Initiative (Geneva, 31 June 2022)", 22),
    ];
    for (line, replacement, at) in table {
        let letter = read_text(&sample_with(line, replacement));
        let found: Vec<String> = warnings(&letter).into_iter().filter(|text| text.contains("is no day")).collect();
        assert!(found.len() == 1 && found[0].starts_with(&format!("f:{at}: ")), "{replacement}: {found:?}");
        assert!(letter.deadlines.is_empty(), "{replacement}");
    }
    assert!(!warnings(&read_text(SAMPLE)).iter().any(|text| text.contains("is no day")));
}
