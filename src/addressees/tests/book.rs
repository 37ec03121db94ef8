//! `groups.toml`: labels, lines, selections, and what is wrong with a book.

use std::collections::BTreeMap;

use crate::{
    addressees::{GroupBook, GroupName, Matched, Term},
    circular::Language,
};

const BOOK: &str = r#"
[administrations]
labels.en = ["Administrations of ITU Member States", "All administrations"]
labels.fr = ["Administrations des États Membres de l'UIT"]

[regulators]
labels.en = ["Regulators"]

[sector-members]
name = "Members"
labels.en = ["ITU-D Sector Members"]
labels.ru = ["Члены Сектора МСЭ-D"]

[chairs]
labels.en = ["Chairpersons and Vice-Chairpersons of Study Groups"]

[academia]
labels.en = ["Academia"]
labels.zh = ["学术成员"]

[study-group-3]
of = "sector-members"
where = { "Study group" = 3 }
labels.en = ["Sector Members participating in the work of Study Group 3"]

[african-study-group-3]
of = "study-group-3"
where = { Pays = "Kenya ", region = "AFR" }

[development]
groups = ["administrations", "regulators", "press"]
except = ["associates"]
"#;

fn group(name: &str) -> GroupName {
    GroupName::new(name).unwrap()
}

fn term(source: &str, conditions: &[(&str, &str)]) -> Term {
    let conditions: BTreeMap<_, _> = conditions.iter().map(|(c, v)| ((*c).to_owned(), (*v).to_owned())).collect();
    Term { source: group(source), conditions }
}

#[test]
fn a_line_means_a_group_whatever_its_typography() {
    let book = GroupBook::parse(BOOK).unwrap();
    for (line, groups) in [
        ("To the administrations of ITU member states,", vec!["administrations"]),
        ("Administrations of the ITU Member States", vec!["administrations"]),
        ("administrations", vec!["administrations"]),
        ("Administrations des Etats membres de l’UIT.", vec!["administrations"]),
        ("Члены сектора МСЭ–D", vec!["sector-members"]),
        ("Study-group-3", vec!["study-group-3"]),
        ("study group 3", vec!["study-group-3"]),
        ("press", vec!["press"]),
        ("Press Office", vec!["press-office"]),
        ("Regulators and Academia", vec!["regulators", "academia"]),
        ("Regulators & academia", vec!["regulators", "academia"]),
        ("Regulators, Academia, and to the ITU-D Sector Members", vec!["regulators", "academia", "sector-members"]),
        ("Regulators and Regulators", vec!["regulators"]),
        ("Chairpersons and Vice-Chairpersons of Study Groups", vec!["chairs"]),
        ("Chairpersons and Vice-Chairpersons of Study Groups and Academia", vec!["chairs", "academia"]),
        ("Administrations of ITU Member State", vec!["administrations"]),
        ("Chairmen and Vice-Chairmen of Study Groups", vec!["chairs"]),
        ("Chairs and Vice-Chairs of Study Group", vec!["chairs"]),
        ("Chair and Vice-Chair of Study Groups", vec![]),
        ("Членам Сектора МСЭ-D", vec!["sector-members"]),
        ("Члену Сектора МСЭ-D", vec![]),
        ("Régulateurs", vec![]),
    ] {
        let matched = book.match_line(line, &[group("press"), group("press-office")]);
        let found = match matched {
            Matched::Groups(groups) => groups,
            _ => Vec::new(),
        };
        assert_eq!(found.iter().map(GroupName::as_str).collect::<Vec<_>>(), groups, "{line}");
    }
}

#[test]
fn a_line_that_means_no_group_says_why_and_how_to_mend_it() {
    let book = GroupBook::parse(BOOK).unwrap();
    for (line, wanted) in [
        (
            "ITU-D Sector Member",
            "no group is called \"ITU-D Sector Member\"; did you mean \"ITU-D Sector Members\" (sector-members)?",
        ),
        ("Regulator", "no group is called \"Regulator\"; did you mean \"Regulators\" (regulators)?"),
        ("Acadmia", "no group is called \"Acadmia\"; did you mean \"Academia\" (academia)?"),
        ("pres", "no group is called \"pres\"; did you mean \"press\" (press)?"),
        (
            "Administrations of ITU Member States of the Africa region",
            "\"Administrations of ITU Member States of the Africa region\" says \"of the Africa region\" beyond the group \
             administrations, and no group is called that; add it to recipients/groups.toml with of = \"administrations\" \
             and where = { … }, or correct the line",
        ),
        (
            "Kindergartens",
            "no group is called \"Kindergartens\"; add the label to one of academia, administrations, \
             african-study-group-3, chairs, development, press, regulators, sector-members, study-group-3 in \
             recipients/groups.toml, or correct the line",
        ),
    ] {
        assert_eq!(book.explain_unmatched(line, &[group("press")]), wanted);
    }
    let empty = GroupBook::default().explain_unmatched("Regulators", &[]);
    assert!(empty.contains("there are no groups yet"), "{empty}");
}

#[test]
fn a_qualifier_narrows_a_group_and_never_falls_back_to_it() {
    let book = GroupBook::parse(BOOK).unwrap();
    for (line, bigger, qualifier) in [
        ("Administrations of ITU Member States of the Africa region", "administrations", "of the Africa region"),
        ("ITU-D Sector Members participating in Study Group 3", "sector-members", "participating in Study Group 3"),
        ("Arab Regulators of 2026", "regulators", "Arab … of 2026"),
        ("参加第9研究组工作的学术成员", "academia", "参加第9研究组工作的"),
        ("Regulators and Others", "regulators", "and Others"),
        ("Regulators (Africa)", "regulators", "(Africa)"),
        ("ITU-T Academia", "academia", "ITU-T"),
    ] {
        let wanted = Matched::NarrowerThan { group: group(bigger), qualifier: qualifier.to_owned() };
        assert_eq!(book.match_line(line, &[]), wanted, "{line}");
    }
}

#[test]
fn words_that_could_change_the_meaning_are_never_tolerated() {
    let book =
        GroupBook::parse("[y]\nlabels.en = [\"Region Y offices\"]\n[e]\nlabels.en = [\"Region E offices\"]").unwrap();
    assert_eq!(book.match_line("Region Y offices", &[]), Matched::Groups(vec![group("y")]));
    assert_eq!(book.match_line("Region E offices", &[]), Matched::Groups(vec![group("e")]));
    let book = GroupBook::parse("[a]\nlabels.en = [\"Study Groups 1-3\"]").unwrap();
    assert_eq!(book.match_line("study groups 1 – 3", &[]), Matched::Groups(vec![group("a")]));
    for line in ["Study Groups 13", "Study Groups 1–3 bis", "Study Group 1-3", "Study Groups 11-3"] {
        assert!(!matches!(book.match_line(line, &[]), Matched::Groups(_)), "{line}");
    }
    let book = GroupBook::parse(BOOK).unwrap();
    for line in ["Region Z offices", "Non-regulators", "", "…", "and", "the"] {
        assert!(!matches!(book.match_line(line, &[]), Matched::Groups(_)), "{line}");
    }
}

#[test]
fn a_label_that_is_another_groups_file_is_ambiguous() {
    let book = GroupBook::parse("[media]\nlabels.en = [\"Press\"]").unwrap();
    let both = Matched::Ambiguous(vec![group("media"), group("press")]);
    assert_eq!(book.match_line("Press", &[group("press"), group("media")]), both);
}

#[test]
fn a_group_is_selected_from_files_on_conditions() {
    let book = GroupBook::parse(BOOK).unwrap();
    let select = |name: &str| book.select(&group(name)).unwrap();
    assert_eq!(select("regulators").terms, [term("regulators", &[])]);
    assert_eq!(select("press").terms, [term("press", &[])]);
    assert_eq!(select("study-group-3").terms, [term("sector-members", &[("study_group", "3")])]);
    assert_eq!(
        select("african-study-group-3").terms,
        [term("sector-members", &[("study_group", "3"), ("country", "kenya"), ("region", "afr")])]
    );
    let development = select("development");
    assert_eq!(development.terms, ["administrations", "regulators", "press"].map(|source| term(source, &[])));
    assert_eq!(development.except, [term("associates", &[])]);
    assert_eq!(development.sources().len(), 4);
    assert!(book.has_own_file(&group("regulators")) && book.has_own_file(&group("press")));
    assert!(!book.has_own_file(&group("development")) && !book.has_own_file(&group("study-group-3")));
}

#[test]
fn a_row_meets_conditions_in_any_case() {
    let mut met = Vec::new();
    let file = "email,country,study_group\na@b.example,KENYA, 3 \nc@d.example,Kenya,2\ne@f.example,,3\n";
    let wanted = term("x", &[("country", "kenya"), ("study_group", "3")]);
    crate::addressees::read_group(std::io::Cursor::new(file), &crate::addressees::Limits::default(), |member| {
        met.push(wanted.admits(&member));
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(met, [true, false, false]);
}

#[test]
fn a_country_that_is_spelled_in_two_ways_meets_one_condition() {
    let book = GroupBook::parse("[ivory]\nof = \"offices\"\nwhere = { country = \"Cote d'Ivoire\" }").unwrap();
    let [wanted] = book.select(&group("ivory")).unwrap().terms.try_into().unwrap();
    let mut met = Vec::new();
    let file = "email,country\na@b.example,Côte d’Ivoire\nc@d.example,COTE D'IVOIRE\ne@f.example,Ivory Coast\n";
    crate::addressees::read_group(std::io::Cursor::new(file), &crate::addressees::Limits::default(), |member| {
        met.push(wanted.admits(&member));
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(met, [true, true, false]);
}

#[test]
fn a_group_has_a_title_in_the_readers_language() {
    let book = GroupBook::parse(BOOK).unwrap();
    for (name, language, title) in [
        ("sector-members", Language::EN, "ITU-D Sector Members"),
        ("sector-members", Language::RU, "Члены Сектора МСЭ-D"),
        ("sector-members", Language::FR, "Members"),
        ("regulators", Language::FR, "Regulators"),
        ("press", Language::EN, "press"),
    ] {
        assert_eq!(book.title(&group(name), language), title, "{name} {language}");
    }
}

#[test]
fn a_book_that_is_wrong_is_refused_with_its_lines() {
    for (text, wanted) in [
        ("[a]\nlabel.en = [\"A\"]", "2: unknown key \"label\"; did you mean \"labels\"?"),
        (
            "[a]\ncolour = 1",
            "2: unknown key \"colour\"; the keys are labels, of, where, groups, except, name, description",
        ),
        (
            "[a]\nlabels.en = [\"X\"]\n\n[b]\nlabels.fr = [\n  \"the x\"\n]",
            "6: \"the x\" (b) already means a on line 2; a label can mean one group only",
        ),
        ("[a]\nlabels.en = [\"B\"]\n[b]", "2: \"B\" (a) already means b on line 3; a label can mean one group only"),
        (
            "[a]\ngroups = [\"b\"]\n[b]\ngroups = [\"a\"]",
            "1: the groups go in a circle: a → b → a; take one of them out",
        ),
        ("[a]\nof = \"a\"", "1: the groups go in a circle: a → a; take one of them out"),
        ("[a]\nwhere = { x = \"1\" }", "1: `where` needs `of`, the group whose rows it narrows"),
        ("[a]\nof = \"b\"\ngroups = [\"c\"]", "1: `of` and `groups` exclude each other; keep one"),
        ("[A B]\n", "1: not TOML:"),
        ("[\"A B\"]\n", "1: \"A B\" is not the name of a group; use lower-case letters a-z, digits, - and _"),
        ("[a]\nlabels = [\"A\"]", "2: write labels by language: labels.en = [\"…\"]"),
        ("[a]\nlabels.en = \"A\"", "2: `labels` is a list: [\"…\", \"…\"]"),
        ("[a]\nlabels.en = [1]", "2: `labels` takes a text in quotation marks, and this is integer"),
        ("[a]\nlabels.klingon = [\"A\"]", "2: \"klingon\" is not a language; write labels.en, labels.fr, …"),
        ("[a]\nlabels.en = [\"…\"]", "2: the label \"…\" says nothing"),
        ("[a]\nof = \"b\"\nwhere = { x = [1] }", "3: a condition is a text such as \"3\", and this is array"),
        ("[a]\nof = \"b\"\nwhere = { language = \"fr\" }", "3: the column language cannot narrow a group"),
        ("[a]\nof = \"b\"\nwhere = {}", "3: write the columns and their values: where = { study_group = \"3\" }"),
        ("name = \"x\"", "1: \"name\" stands outside a group; begin one with [name]"),
        ("[a]\n[a]", "2: not TOML:"),
        (
            "[a]\nof = \"b\"\nwhere = { x = \"1\" }\n[c]\nof = \"a\"\nwhere = { x = \"2\" }",
            "4: no row can meet both x = \"1\" and x = \"2\"; correct `where`",
        ),
        (
            "[a]\nexcept = [\"b\"]\n[c]\ngroups = [\"a\", \"d\"]",
            "3: \"a\" has exceptions of its own and cannot be part of another group; name its parts instead",
        ),
    ] {
        let problems = GroupBook::parse(text).map(|_| ()).unwrap_err();
        let said: Vec<String> = problems.iter().map(|p| format!("{}: {}", p.line, p.message)).collect();
        assert!(said.iter().any(|said| said.starts_with(wanted)), "{text}\n{said:#?}");
    }
}

#[test]
fn a_group_narrowed_from_one_with_exceptions_keeps_them() {
    let book = GroupBook::parse("[a]\nexcept = [\"b\"]\n[c]\nof = \"a\"\nwhere = { x = \"1\" }").unwrap();
    let selection = book.select(&group("c")).unwrap();
    assert_eq!((selection.terms, selection.except), (vec![term("a", &[("x", "1")])], vec![term("b", &[])]));
}
