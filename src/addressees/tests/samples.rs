//! The sample lists: what they hold, and what a letter's addressee lines mean by them.

use std::{collections::BTreeSet, ops::ControlFlow};

use crate::{
    addressees::{GroupBook, GroupName, Limits, Mailbox, Matched, Member, read_group},
    circular::Language,
};

const LISTS: [(&str, &[u8]); 5] = [
    ("administrations", include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/recipients/administrations.csv"))),
    ("regulators", include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/recipients/regulators.csv"))),
    ("sector-members", include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/recipients/sector-members.csv"))),
    ("academia", include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/recipients/academia.csv"))),
    ("missions", include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/recipients/missions.csv"))),
];
const BOOK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/recipients/groups.toml"));

fn members(file: &[u8]) -> Vec<Member> {
    let mut members = Vec::new();
    let summary = read_group(std::io::Cursor::new(file), &Limits::default(), |member| {
        members.push(member);
        ControlFlow::Continue(())
    });
    assert_eq!(summary.unwrap().notes, []);
    members
}

#[test]
fn the_sample_lists_hold_85_mailboxes_of_69_countries() {
    let mut all: Vec<Member> = Vec::new();
    for ((name, file), count) in LISTS.into_iter().zip([30, 20, 16, 11, 15]) {
        let members = members(file);
        assert_eq!(members.len(), count, "{name}");
        all.extend(members);
    }
    let mailboxes: BTreeSet<Mailbox> = all.iter().map(|member| member.address.mailbox()).collect();
    assert_eq!((all.len(), mailboxes.len()), (92, 85));
    assert_eq!(all.iter().filter_map(|member| member.country.as_deref()).collect::<BTreeSet<_>>().len(), 69);
    let languages: BTreeSet<Language> = all.iter().flat_map(|member| member.languages.clone()).collect();
    assert_eq!(languages, Language::OFFICIAL.into_iter().collect());
    assert!(all.iter().all(|member| member.address.domain().ends_with(".example")));
    assert!(!all.iter().any(|member| member.address.needs_smtputf8()));
    assert!(all.iter().any(|member| member.address.domain() == "xn--mnchen-3ya.example"));
    assert!(all.iter().any(|member| member.salutation.as_deref() == Some("Excellency,")));
    assert!(all.iter().any(|member| member.fields.get("study_group").is_some_and(|value| value == "2")));
}

#[test]
fn the_addressee_lines_of_letters_mean_the_sample_groups() {
    let book = GroupBook::parse(BOOK).unwrap();
    let existing: Vec<GroupName> = LISTS.iter().filter_map(|(name, _)| GroupName::new(name)).collect();
    for (line, group) in [
        ("Administrations of ITU Member States", "administrations"),
        ("To the Administrations of Member States of the Union", "administrations"),
        ("ALL ADMINISTRATIONS", "administrations"),
        ("Administrations des Etats Membres de l’UIT", "administrations"),
        ("Aux Administrations des États Membres de l'Union", "administrations"),
        ("Administraciones de los Estados Miembros de la Unión", "administrations"),
        ("A las Administraciones de los Estados Miembros de la UIT", "administrations"),
        ("Администрациям Государств-Членов Союза", "administrations"),
        ("إدارات الدول الأعضاء في الاتحاد", "administrations"),
        ("国际电联各成员国主管部门", "administrations"),
        ("Regulators", "regulators"),
        ("Régulateurs", "regulators"),
        ("监管机构", "regulators"),
        ("ITU-D Sector Members", "sector-members"),
        ("ITU‑D Sector Members", "sector-members"),
        ("ITUD  Sector Members;", "sector-members"),
        ("ITU -D Sector Members", "sector-members"),
        ("sector-members", "sector-members"),
        ("Academia", "academia"),
        ("ITU Academia", "academia"),
        ("学术成员", "academia"),
        ("Permanent Missions", "missions"),
        ("Missions permanentes", "missions"),
        ("البعثات الدائمة", "missions"),
    ] {
        let wanted = Matched::Groups(vec![GroupName::new(group).unwrap()]);
        assert_eq!(book.match_line(line, &existing), wanted, "{line}");
    }
}

#[test]
fn a_narrower_line_never_means_the_bigger_sample_group() {
    let book = GroupBook::parse(BOOK).unwrap();
    for line in [
        "Administrations of ITU Member States of the Africa region",
        "ITU-D Sector Members participating in Study Group 3",
        "ITU-T Sector Members",
        "Member States of ITU Council",
        "إدارات الدول الأعضاء في الاتحاد في المنطقة العربية",
        "参加第9研究组工作的ITU-D部门成员",
        "Regulators of the Arab region",
    ] {
        let matched = book.match_line(line, &[]);
        assert!(matches!(matched, Matched::NarrowerThan { .. }), "{line}: {matched:?}");
    }
}
