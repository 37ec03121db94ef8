//! That the count finds what it is there to find: sound figures, and each of them doctored once.

use std::collections::BTreeMap;

use super::{
    count::{Figures, Row, Run, count},
    sink::Taken,
};

/// List, journal and ledger of three offices, one of which was taken twice and announced.
type Case = (BTreeMap<String, String>, Vec<Taken>, Vec<Row>);
/// What was done to it, the figure that must show it, and how it is done.
type Doctored = (&'static str, &'static str, fn(&mut Case));

fn taken(n: u8) -> Taken {
    let rcpt = format!("office{n}@one.example");
    let tokens = vec![format!("token{n}")];
    Taken { mail: "b@one.example".into(), rcpt, dot: true, said_250: true, sha256: format!("hash{n}"), tokens }
}

fn row(n: u8) -> Row {
    let (address, sha256) = (format!("office{n}@one.example"), format!("hash{n}"));
    Row { address, state: "accepted".into(), possible_duplicate: false, sha256, doubts: 0 }
}

fn sound() -> Case {
    let list = (1..=3).map(|n| (format!("office{n}@one.example"), format!("token{n}"))).collect();
    let unanswered = Taken { said_250: false, ..taken(3) };
    let cut_short = Taken { dot: false, said_250: false, sha256: String::new(), tokens: Vec::new(), ..taken(2) };
    let twice = Row { possible_duplicate: true, doubts: 1, ..row(3) };
    (list, vec![taken(1), cut_short, taken(2), unanswered, taken(3)], vec![row(1), row(2), twice])
}

fn figures((list, journal, rows): &Case) -> Figures {
    count(list, journal, rows, Run::Finished)
}

#[test]
fn sound_figures_have_nothing_wrong() {
    let figures = figures(&sound());
    assert_eq!(figures.wrong(), []);
    assert_eq!((figures.accepted, figures.duplicates, figures.doubts, figures.held), (3, 1, 1, 0));
}

#[test]
fn every_doctored_figure_is_found() {
    let table: [Doctored; 17] = [
        ("accepted, and no 250 written", "false accepts", |case| case.1[0].said_250 = false),
        ("accepted, and the copy that had the 250 was another's", "false accepts", |case| {
            case.2[1].address = "x@y.example".into()
        }),
        ("accepted, and no dot came", "lost", |case| drop(case.1.remove(0))),
        ("queued after the end", "lost", |case| case.2[0].state = "queued".into()),
        ("in a transaction after the end", "lost", |case| case.2[0].state = "in_transaction".into()),
        ("refused by a server that refuses nobody", "lost", |case| case.2[0].state = "refused".into()),
        ("held without a doubt", "lost", |case| case.2[0].state = "held".into()),
        ("not frozen", "lost", |case| drop(case.2.remove(0))),
        ("an envelope to nobody we know", "strangers", |case| case.1[0].rcpt = "else@two.example".into()),
        ("frozen, and not listed", "strangers", |case| drop(case.0.remove("office1@one.example"))),
        ("another office's letter", "strangers", |case| case.1[0].tokens = vec!["token2".into()]),
        ("two offices' letters in one", "strangers", |case| case.1[0].tokens.push("token2".into())),
        ("a letter to nobody", "strangers", |case| case.1[0].tokens.clear()),
        ("a second dot without a doubt", "unannounced duplicates", |case| case.2[2].doubts = 0),
        ("a second dot that the log does not show", "unannounced duplicates", |case| {
            case.2[2].possible_duplicate = false
        }),
        ("a third dot on one doubt", "unannounced duplicates", |case| case.1.push(taken(3))),
        ("a second copy of other octets", "byte differences", |case| case.1[3].sha256 = "other".into()),
    ];
    for (what, name, doctor) in table {
        let mut case = sound();
        doctor(&mut case);
        let wrong = figures(&case).wrong();
        assert!(wrong.iter().any(|(found, count)| *found == name && *count == 1), "{what}: {wrong:?}");
    }
}
