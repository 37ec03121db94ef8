//! What a stranger met when he tried the reader: signs that are not the letter's, and complaints that are not the cause.

use super::*;

const HEAD: &str =
    "Geneva, 3 December 2021\n\nRef.: Circular C/1\n\nTo Offices\n\nSubject: Test\n\nDear Sir/Madam,\n\n";

fn with_text(name: &str, text: &str) -> Letter {
    read(name, format!("{HEAD}{text}").as_bytes(), day(2021, 12, 10))
}

#[test]
fn no_backslash_goes_out_where_the_closing_follows_without_a_blank_line() {
    for (text, body) in [
        ("Short body.\\\nYours faithfully,\\\nA. Person\\\nDirector\n", "Short body."),
        ("One.\\\nTwo.\\\nYours faithfully,\n\nA. Person\nDirector\n", "One.\\\nTwo."),
        // what was typed is printed
        ("In C:\\\\\nYours faithfully,\n\nA. Person\nDirector\n", "In C:\\\\"),
        ("In C:\\\n\nYours faithfully,\n\nA. Person\nDirector\n", "In C:\\"),
    ] {
        let letter = with_text("x.md", text);
        assert_eq!((letter.body.value.as_str(), errors(&letter)), (body, Vec::new()), "{text}");
        assert_eq!(letter.closing.map(|found| found.value).as_deref(), Some("Yours faithfully,"), "{text}");
    }
    let page = ["Geneva, 3 December 2021", "Ref.: Circular C/1", "To Offices", "Subject: Test", "Dear Sir/Madam,"];
    let page: String = page.map(|line| format!("<p>{line}</p>")).concat();
    let page = format!("{page}<p>Short body.<br>Yours faithfully,<br>A. Person<br>Director</p>");
    let letter = read("x.html", page.as_bytes(), day(2021, 12, 10));
    assert_eq!((letter.body.value.as_str(), errors(&letter)), ("Short body.", Vec::new()));
}

#[test]
fn of_a_file_that_nobody_has_read_only_the_first_cause_is_told() {
    let huge = "x".repeat(1_100_000);
    for (name, octets, cause) in
        [("x.txt", "", "is empty"), ("x.md", " \n", "is empty"), ("x.txt", &huge, "at most 1024 KiB")]
    {
        let letter = read(name, octets.as_bytes(), day(2021, 12, 10));
        let said: Vec<&str> = letter.problems.iter().map(|problem| problem.message.as_str()).collect();
        assert!(matches!(said.as_slice(), [only] if only.contains(cause)), "{said:?}");
    }
    let head = ["Ref.: Circular C/1", "To Offices", "Subject: Test", "Dear Sir/Madam,"];
    let head: String = head.map(|line| format!("<p>{line}</p>")).concat();
    let formula = format!("{head}<p><math><mi>x</mi></math></p><p>Yours faithfully,</p><p>A. Person</p>");
    let letter = read("x.html", formula.as_bytes(), day(2021, 12, 10));
    assert!(matches!(errors(&letter).as_slice(), [only] if only.contains("formula")), "{:?}", errors(&letter));
}

#[test]
fn a_deadline_stands_in_the_subject_too_and_without_its_year() {
    let deadlines = |subject: &str, text: &str| -> Vec<String> {
        let letter = format!("{}{text}\n\nYours faithfully,\n", HEAD.replace("Test", subject));
        let letter = read("x.txt", letter.as_bytes(), day(2021, 12, 10));
        letter.deadlines.iter().map(|found| format!("{}:{}", found.line, found.value)).collect()
    };
    assert_eq!(deadlines("Call for papers, deadline 15 January 2022", "Text."), ["7:2022-01-15"]);
    assert_eq!(deadlines("Appel, date limite 16 janvier", "Texte."), ["7:2022-01-16"]);
    assert_eq!(deadlines("Test", "Please reply by 3 December."), ["11:2021-12-03"]);
    assert_eq!(deadlines("Test", "Please reply by 2 December."), ["11:2022-12-02"]);
}

#[test]
fn a_text_in_another_language_than_its_name_says_is_told() {
    let english =
        "We have the honour to inform you that the meeting of the group will be held in the house of the Union.\n";
    let told = |name: &str, head: &str| -> Vec<String> {
        let letter = read(name, format!("{head}{HEAD}{english}").as_bytes(), day(2021, 12, 10));
        warnings(&letter).into_iter().filter(|warning| warning.contains("reads as")).collect()
    };
    for (name, head) in [("a.fr.txt", ""), ("a.txt", "---\nlanguage: fr\n---\n")] {
        let said = told(name, head);
        assert!(
            matches!(said.as_slice(), [only] if only.contains("named French and reads as English")),
            "{name}: {said:?}"
        );
    }
    // of a language without words here nothing is known
    for (name, head) in [("a.en.txt", ""), ("a.txt", ""), ("a.pt.txt", "")] {
        assert_eq!(told(name, head), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn the_commonest_printed_forms_of_confidential_are_marks_too() {
    for mark in [
        "Private and confidential",
        "PRIVATE & CONFIDENTIAL",
        "Confidential - for addressees only",
        "Confidential – not for publication",
        "Classification: Confidential",
        "C O N F I D E N T I A L",
        "Personnel et confidentiel",
    ] {
        let letter = read("x.txt", format!("{mark}\n\n{HEAD}Text.\n").as_bytes(), day(2021, 12, 10));
        assert_eq!(letter.confidential().map(|found| found.line), Some(1), "{mark}");
    }
    for line in ["Unit for confidential data", "Data Protection Service", "A B"] {
        let letter = read("x.txt", format!("{line}\n\n{HEAD}Text.\n").as_bytes(), day(2021, 12, 10));
        assert!(letter.confidential().is_none(), "{line}");
    }
}
