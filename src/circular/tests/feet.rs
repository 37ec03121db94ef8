//! The feet of letters: closing and those who sign, as houses of six languages print them.
//!
//! They stand in `feet.txt`: a foot, then behind `====>` its closing and behind each `====|` one who signs.

use super::*;

const HEAD: &str = "Geneva, 3 December 2021\n\nRef.: Circular C/1\n\nTo Offices\n\nSubject: Test\n\n";
const TEXT: &str = "The forms are to be returned to the house that sends this letter, which keeps them.\n\n";
const FEET: &str = include_str!("feet.txt");

/// The closing and those who sign, "name — post", of a letter with this foot.
fn foot(text: &str) -> (String, Vec<String>) {
    let letter = read("x.txt", format!("{HEAD}{TEXT}{text}\n").as_bytes(), day(2021, 12, 10));
    let signers = letter.signatories.into_iter().map(|s| match s.title {
        Some(title) => format!("{} — {title}", s.name),
        None => s.name,
    });
    (letter.closing.map(|found| found.value).unwrap_or_default(), signers.collect())
}

/// The feet of the table with what they say.
fn feet() -> Vec<(String, (String, Vec<String>))> {
    let cases = FEET.split("\n====\n").filter_map(|case| case.split_once("\n====> "));
    let feet = cases.map(|(text, expected)| {
        let text: Vec<&str> = text.lines().filter(|line| !line.starts_with("####")).collect();
        let mut expected = expected.split("\n====| ").map(str::to_owned);
        (text.join("\n"), (expected.next().unwrap_or_default(), expected.collect()))
    });
    feet.collect()
}

fn all_read(change: &dyn Fn(&str) -> String) {
    let feet = feet();
    let found = feet.iter().map(|(text, expected)| (change(text), expected));
    let wrong = found.map(|(text, expected)| (foot(&text), text, expected)).filter(|(found, _, said)| found != *said);
    let wrong: Vec<String> =
        wrong.map(|(found, text, said)| format!("{text}\n  found    {found:?}\n  expected {said:?}")).collect();
    assert!(feet.len() > 180, "{}", feet.len());
    assert!(wrong.is_empty(), "{} of {}:\n\n{}", wrong.len(), feet.len(), wrong.join("\n\n"));
}

#[test]
fn every_foot_is_read_as_printed() {
    all_read(&str::to_owned);
}

#[test]
fn every_foot_is_read_in_other_layouts() {
    all_read(&|text| text.replace('\n', "\r\n"));
    all_read(&|text| text.replace("\n\n", "\n\n\n"));
    let each = |text: &str, change: &dyn Fn(&str) -> String| text.lines().map(change).collect::<Vec<_>>().join("\n");
    all_read(&|text| each(text, &|line| if line.is_empty() { String::new() } else { format!("  {line}") }));
    all_read(&|text| each(text, &|line| format!("{line}  ")));
}

#[test]
fn text_that_only_looks_like_a_foot_is_text() {
    for text in [
        "Contact\n\nMs Example, desk officer for the forms of the house, answers all questions about them.",
        "Thank you for your help.",
    ] {
        assert_eq!(foot(text), (String::new(), Vec::new()), "{text}");
    }
}

#[test]
fn salutations_that_no_list_has_are_told_by_their_place() {
    let table = [
        ("Ваши Высокопреподобия, всечестные отцы!", true),
        ("Досточтимые отцы, братья и сестры!", true),
        ("¡Amigos del deporte!", true),
        ("Liebe Kolleginnen und Kollegen,", true),
        ("Estimades companyes i companys:", true),
        ("敬啟者：", true),
        ("敬启者：", true),
        ("تحية رياضية وبعد،،", true),
        ("تحية طيبة وبعد،", true),
        ("Chères consœurs, chers confrères,", true),
        ("Reverendos Padres:", true),
        ("Reply before 3 March 2022,", false),
        ("Your Eminence,", true),
        ("To all our friends in the houses of the Union:", false),
        ("Mes chers confrères,", true),
        ("Monseigneur,", true),
        ("Madame la Rectrice, Monsieur le Recteur,", true),
        ("Compañeras y compañeros:", true),
        ("Excmo. Sr. Ministro:", true),
        ("De mi consideración:", true),
        ("Дорогие братья и сестры!", true),
        ("Здравствуйте, коллеги!", true),
        ("Глубокоуважаемый Иван Иванович!", true),
        ("السلام عليكم ورحمة الله وبركاته وبعد،", true),
        ("أصحاب السعادة،", true),
        ("حضرة السيد الرئيس المحترم،", true),
        ("الزملاء الأعزاء،", true),
        ("各位會員：", true),
        ("女士/先生：", true),
        ("尊敬的各位同仁：", true),
        ("各位同事，", true),
    ];
    for (line, salutes) in table {
        let letter = read("x.txt", format!("{HEAD}{line}\n\n{TEXT}").as_bytes(), day(2021, 12, 10));
        assert_eq!(letter.salutation.map(|found| found.value).as_deref(), salutes.then_some(line), "{line}");
        assert_eq!(texts(&letter.to), ["Offices"], "{line}");
    }
}
