//! Group files, with the traps that lie in them.

use std::{
    io::{self, Cursor, Read, Seek, SeekFrom},
    ops::ControlFlow,
};

use crate::{
    addressees::{GroupBook, GroupName, Limits, Member, Summary, read_good_rows, read_group, read_labelled_group},
    circular::{Language, Problem},
};

fn read(file: impl AsRef<[u8]>) -> Result<(Summary, Vec<Member>), Vec<String>> {
    let mut members = Vec::new();
    let summary = read_group(Cursor::new(file.as_ref()), &Limits::default(), |member| {
        members.push(member);
        ControlFlow::Continue(())
    });
    summary.map(|summary| (summary, members)).map_err(|problems| said(&problems))
}

fn said(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(|problem| problem.located("x.csv")).collect()
}

fn addresses(file: impl AsRef<[u8]>) -> Vec<String> {
    match read(file) {
        Ok((_, members)) => members.iter().map(|member| format!("{} {}", member.line, member.address)).collect(),
        Err(problems) => problems,
    }
}

fn first_problem(file: impl AsRef<[u8]>) -> String {
    read(file).map(|_| "accepted".to_owned()).unwrap_or_else(|problems| problems[0].clone())
}

#[test]
fn a_row_becomes_a_member_with_all_its_columns() {
    let file = "E-mail,Name,Title,Salutation,Organisation,Pays,Région,Langue,Cc,Valid from,Valid until,Time zone,Group,Study group (ITU-D)\n\
        Dg@regul.example,KOUASSI Aya,Mme,\"Madame,\",\"Autorité, Abidjan\",Côte d'Ivoire,AFR,F;en,cc@regul.example,2026-01-01,31.12.2026,Africa/Abidjan,regulators; missions,3\n";
    let (summary, members) = read(file).unwrap();
    let member = &members[0];
    assert_eq!((member.line, member.address.as_str()), (2, "Dg@regul.example"));
    assert_eq!(member.name.as_deref(), Some("KOUASSI Aya"));
    assert_eq!(member.title.as_deref(), Some("Mme"));
    assert_eq!(member.salutation.as_deref(), Some("Madame,"));
    assert_eq!(member.organization.as_deref(), Some("Autorité, Abidjan"));
    assert_eq!(member.country.as_deref(), Some("Côte d'Ivoire"));
    assert_eq!(member.region.as_deref(), Some("AFR"));
    assert_eq!(member.languages, [Language::FR, Language::EN]);
    assert_eq!(member.copy_to[0].as_str(), "cc@regul.example");
    assert_eq!(member.valid_from.unwrap().to_string(), "2026-01-01");
    assert_eq!(member.valid_until.unwrap().to_string(), "2026-12-31");
    assert_eq!(member.time_zone, Some(chrono_tz::Africa::Abidjan));
    assert_eq!(member.groups, ["regulators", "missions"].map(|name| GroupName::new(name).unwrap()));
    assert_eq!(member.fields["study_group_itu_d"], "3");
    assert_eq!(summary.columns.first().map(String::as_str), Some("email"));
    assert_eq!(summary.columns.last().map(String::as_str), Some("study_group_itu_d"));
    assert_eq!((summary.rows, summary.members, summary.groups.len()), (1, 1, 2));
}

#[test]
fn headers_are_recognised_in_six_languages() {
    for (header, column) in [
        ("Courriel,Pays", "country"),
        ("Correo-e,País", "country"),
        ("Эл. почта,Страна", "country"),
        ("البريد الإلكتروني,الدولة", "country"),
        ("电子邮件,国家", "country"),
        ("E-MAIL ADDRESS,Member State", "country"),
        ("e_mail,Titre", "title"),
        ("mail,Copy to", "copy_to"),
        ("email,Valable jusqu’au", "valid_until"),
        ("email,Job title", "job_title"),
        ("email,1st contact", "_1st_contact"),
    ] {
        let (summary, _) = read(format!("{header}\na@b.example,\n")).unwrap();
        assert_eq!(summary.columns, ["email", column], "{header}");
    }
}

#[test]
fn commas_semicolons_tabs_marks_and_line_ends_are_all_one() {
    let rows = ["2 a@b.example", "3 c@d.example"];
    for file in [
        "email,name\na@b.example,A\nc@d.example,C\n",
        "email;name\na@b.example;A, B\nc@d.example;C\n",
        "email\tname\na@b.example\tA; B\nc@d.example\tC",
        "\u{feff}email;name\r\na@b.example;A\r\nc@d.example;C\r\n",
        "email,name\ra@b.example,A\rc@d.example,C\r",
        "\"email\";\"name\"\na@b.example;\"A\"\"B\"\nc@d.example;\"C\"\n",
        "email\na@b.example\nc@d.example",
        "email,name,,\na@b.example,A,,\nc@d.example,C,,,\n",
    ] {
        assert_eq!(addresses(file), rows, "{file:?}");
    }
    assert_eq!(addresses("sep=;\nemail;name\na@b.example;A"), ["3 a@b.example"]);
    assert_eq!(addresses("\u{feff}sep=\t\r\nemail\tname\r\na@b.example\tA\r\n"), ["3 a@b.example"]);
    assert_eq!(addresses("email\na@b.example; c@d.example\n"), ["2 a@b.example", "2 c@d.example"]);
    assert_eq!(addresses("email\na@b.example, c@d.example\n"), ["2 a@b.example", "2 c@d.example"]);
}

#[test]
fn lines_are_those_of_the_file_past_blank_rows_and_line_breaks_in_cells() {
    let file = "\n\nemail,name\n\na@b.example,A\n,,\n\"c@d.example\n e@f.example\",C\n  \n\ng@h.example,G\n";
    let rows = ["5 a@b.example", "7 c@d.example", "7 e@f.example", "11 g@h.example"];
    assert_eq!(addresses(file), rows);
    assert_eq!(addresses(file.replace('\n', "\r\n")), rows);
    assert_eq!(addresses(file.replace('\n', "\r")), rows);
}

#[test]
fn the_first_row_of_a_mailbox_counts_and_the_other_is_noted() {
    let (summary, members) =
        read("email,name\nMission@b.example,First\nc@d.example,C\nmission@B.example,Second\n").unwrap();
    assert_eq!(members.iter().map(|m| m.name.as_deref().unwrap()).collect::<Vec<_>>(), ["First", "C"]);
    assert_eq!(said(&summary.notes), ["x.csv:4: mission@b.example has the mailbox of line 2, and that row counts"]);
    assert_eq!((summary.rows, summary.members), (3, 2));
}

#[test]
fn a_mailbox_that_comes_again_for_another_group_is_put_into_that_too() {
    let file = "email,group\na@b.example,regulators\nA@b.example,regulators; missions\na@b.example,missions\n";
    let (summary, members) = read(file).unwrap();
    let groups: Vec<(u32, String)> = members.iter().map(|m| (m.line, format!("{:?}", m.groups))).collect();
    assert_eq!(groups, [(2, "[regulators]".to_owned()), (3, "[missions]".to_owned())]);
    assert_eq!((summary.members, summary.notes.len()), (1, 2));
}

#[test]
fn the_group_column_takes_printed_labels_where_a_book_knows_them() {
    let book = GroupBook::parse("[missions]\nlabels.en = [\"Permanent Missions\"]").unwrap();
    let file = "email,group\na@b.example,\"Permanent Missions, regulators\"\n";
    let mut groups = Vec::new();
    read_labelled_group(Cursor::new(file), &Limits::default(), &book, |member| {
        groups.extend(member.groups);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(groups, ["missions", "regulators"].map(|name| GroupName::new(name).unwrap()));
    assert_eq!(
        first_problem("email,group\na@b.example,Permanent Missions\n"),
        "x.csv:2: column group: no group is called \"Permanent Missions\"; write the name of a list, such as \
         regulators, or a label of groups.toml"
    );
}

#[test]
fn each_trap_is_refused_with_its_line_and_its_remedy() {
    let five_thousand = format!("email,name\na@b.example,{}\n", "x".repeat(5000));
    for (file, wanted) in [
        ("", "x.csv: no addressees: the file is empty; its first row names the columns"),
        ("email,name\n", "x.csv: no addressees: the file has a header and no rows"),
        ("email,name\n,\n\n", "x.csv: no addressees: the file has a header and no rows"),
        (
            "emial,name\na@b.example,A\n",
            "x.csv:1: no column is called email; found \"emial\", \"name\"; is \"emial\" meant for email?",
        ),
        (
            "address,name\na@b.example,A\n",
            "x.csv:1: no column is called email; found \"address\", \"name\"; the first row must name the columns, email, \
             name, country and so on",
        ),
        (
            "a@b.example,A\n",
            "x.csv:1: the first row must name the columns, and here it holds an address: \"a@b.example\", \"A\"; add a \
             header row",
        ),
        (
            "email,Name,NAME\na@b.example,A,B\n",
            "x.csv:1: columns 2 (\"Name\") and 3 (\"NAME\") are both name; rename or delete one of them",
        ),
        (
            "E-mail;Name;Full name\na@b.example;;\n",
            "x.csv:1: columns 2 (\"Name\") and 3 (\"Full name\") are both name; rename or delete one of them",
        ),
        ("email,name\na@@b.example,A\n", "x.csv:2: column email: \"a@@b.example\" is not an address: two @ signs"),
        ("email,name\nn/a,Ann\n", "x.csv:2: no address in the row of \"n/a\"; add one, or delete the row"),
        (
            "email;name\na@b.example;A\n;Total SA\n",
            "x.csv:3: no address in the row of \"Total SA\"; add one, or delete the row",
        ),
        ("email,name,country\na@b.example,A\n", "x.csv:2: 2 cells where the header has 3; add the missing separators"),
        (
            "email;name\na@b.example; c@d.example;A\n",
            "x.csv:2: 3 cells where the header has 2; put a cell that contains the separator between quotation marks",
        ),
        (
            "email,name\na@b.example,\"Ann\nc@d.example,C\n",
            "x.csv:2: a quotation mark (\") opened in this row is never closed; close or delete it",
        ),
        (
            "name,email\nAnn,\"a@b.example\nBob,c@d.example",
            "x.csv:2: a quotation mark (\") opened in this row is never closed; close or delete it",
        ),
        (
            "email,name\na@b.example,\"Name\r\nBcc: x@y.example\"\n",
            "x.csv:2: column name: a line break inside \"Name\\nBcc: x@y.example\"; put the text on one line, or close the \
             quotation mark that this row opens",
        ),
        (
            "email,name\na@b.example,\u{202e}nnA\u{0}\n",
            "x.csv:2: column name: the character U+0000 inside \"nnA\\u{0}\" cannot be printed; type the text anew",
        ),
        (
            "email,valid_until\na@b.example,3/4/2026\n",
            "x.csv:2: column valid_until: \"3/4/2026\" can be read in two ways; write 2026-04-03 or 2026-03-04",
        ),
        (
            "email,valid_from,valid_until\na@b.example,2026-02-01,2026-01-01\n",
            "x.csv:2: valid_from 2026-02-01 is later than valid_until 2026-01-01; correct one of them",
        ),
        (
            "email,language\na@b.example,xx1\n",
            "x.csv:2: column language: \"xx1\" is not a language; write two letters, such as fr or fr;en",
        ),
        ("email,\na@b.example,A\n", "x.csv:2: column 2 (without a header): \"A\"; give the column a name"),
        (
            &five_thousand,
            &format!("x.csv:2: column name: 5000 octets, and a cell holds 1024 at most: \"{}…\"", "x".repeat(80)),
        ),
    ] {
        assert_eq!(first_problem(file), wanted, "{file:?}");
    }
}

#[test]
fn other_encodings_are_refused_by_their_likely_name() {
    for (encoding, name) in [
        (encoding_rs::WINDOWS_1251, "Мария Сергеевна Ковалёва"),
        (encoding_rs::WINDOWS_1256, "وزارة الاتصالات وتكنولوجيا المعلومات"),
        (encoding_rs::GBK, "工业和信息化部"),
    ] {
        let (file, ..) = encoding.encode("email,name\nx@b.example,X\na@b.example,");
        let (cell, ..) = encoding.encode(name);
        let problem = first_problem([&file, &cell, b"\n".as_slice()].concat());
        assert!(problem.starts_with(&format!("x.csv:3: not UTF-8 but probably {}", encoding.name())), "{problem}");
        assert!(problem.contains(name) && problem.contains("save the file as \"CSV UTF-8\""), "{problem}");
    }
}

#[test]
fn all_problems_are_told_at_once_up_to_a_hundred() {
    let bad = |count: usize| format!("email\n{}", "nobody\n".repeat(count));
    assert_eq!(read(bad(3)).unwrap_err().len(), 3);
    let many = read(bad(250)).unwrap_err();
    assert_eq!(many.len(), 101);
    assert_eq!(many[100], "x.csv: and 150 more");
}

#[test]
fn names_that_lost_their_letters_are_warned_about() {
    let (summary, _) = read("email,name\na@b.example,????? ???\n").unwrap();
    assert!(said(&summary.notes)[0].contains("seems to have lost letters"));
}

#[test]
fn the_limits_hold() {
    let refused = |limits: Limits, file: &str| {
        said(&read_group(Cursor::new(file), &limits, |_| ControlFlow::Continue(())).unwrap_err())
    };
    let file = "email\na@b.example\nc@d.example\n";
    assert_eq!(refused(Limits { rows: 1, ..Limits::default() }, file), ["x.csv:3: more than 1 rows, the limit"]);
    let large = format!("email\n{}", "a@b.example\n".repeat(200_000));
    assert_eq!(
        refused(Limits { bytes: 1 << 20, ..Limits::default() }, &large),
        ["x.csv: the file is larger than 1 MiB, the limit"]
    );
}

#[test]
fn an_open_quotation_mark_does_not_swallow_a_large_file_into_memory() {
    /// Eight MiB, of which the second reading must not want all.
    struct Large {
        at: u64,
        passes: u32,
    }
    impl Read for Large {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            assert!(self.passes == 1 || self.at < 4 << 20, "read on and on");
            let count = out.len().min(usize::try_from((8_u64 << 20) - self.at).unwrap());
            out[..count].fill(b'x');
            if self.at == 0 {
                out[..8].copy_from_slice(b"email\n\"a");
            }
            self.at += count as u64;
            Ok(count)
        }
    }
    impl Seek for Large {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            assert_eq!(to, SeekFrom::Start(0));
            (self.at, self.passes) = (0, self.passes + 1);
            Ok(0)
        }
    }
    let problems =
        read_group(Large { at: 0, passes: 1 }, &Limits::default(), |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(
        said(&problems),
        ["x.csv:2: a quotation mark (\") opened in this row is never closed; close or delete it"]
    );
}

#[test]
fn a_failing_disk_refuses_the_file() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("input/output error"))
        }
    }
    impl Seek for Broken {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            Ok(0)
        }
    }
    let problems = read_group(Broken, &Limits::default(), |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(said(&problems), ["x.csv: reading failed: input/output error"]);
}

#[test]
fn line_ends_are_found_however_the_octets_come() {
    struct Drip<'a>(Cursor<&'a [u8]>);
    impl Read for Drip<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let most = out.len().min(1);
            self.0.read(&mut out[..most])
        }
    }
    impl Seek for Drip<'_> {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }
    let mut lines = Vec::new();
    let file = "email\r\n\r\na@b.example\r\nc@d.example\r\n";
    read_group(Drip(Cursor::new(file.as_bytes())), &Limits::default(), |member| {
        lines.push(member.line);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(lines, [3, 4]);
}

#[test]
fn who_reads_may_break_off() {
    let mut met = 0;
    let summary = read_group(Cursor::new("email\na@b.example\nc@d.example\n"), &Limits::default(), |_| {
        met += 1;
        ControlFlow::Break(())
    });
    assert_eq!((met, summary.map(|summary| summary.members)), (1, Ok(1)));
}

#[test]
fn good_rows_are_handed_over_and_bad_ones_are_listed_with_whom_they_stand_for() {
    let file = "email,name,valid_until\na@b.example,A,\nx@@b.example,B,\nc@b.example,C,31/04/2026\n,D,\nonly@b.example\nz@b.example,Z,\n";
    let mut good = Vec::new();
    let summary = read_good_rows(Cursor::new(&file), &Limits::default(), &GroupBook::default(), |member| {
        good.push(member.address.as_str().to_owned());
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(good, ["a@b.example", "z@b.example"]);
    let bad: Vec<(u32, &str)> = summary.bad.rows.iter().map(|row| (row.line, row.whom.as_str())).collect();
    assert_eq!(bad, [(3, "x@@b.example"), (4, "c@b.example"), (5, "D"), (6, "only@b.example")]);
    assert!(summary.bad.rows.iter().all(|row| row.problems.len() == 1), "{:?}", summary.bad);
    assert_eq!((summary.rows, summary.members, summary.bad.count()), (6, 2, 4));
    // the strict reader refuses the same file for the same rows
    let lines: Vec<u32> = read_group(Cursor::new(&file), &Limits::default(), |_| ControlFlow::Continue(()))
        .unwrap_err()
        .iter()
        .map(|problem| problem.line)
        .collect();
    assert_eq!(lines, [3, 4, 5, 6]);
}

#[test]
fn a_list_without_one_good_row_is_refused_as_a_whole() {
    let read = |file: &str| {
        let each = |_| ControlFlow::Continue(());
        read_good_rows(Cursor::new(&file), &Limits::default(), &GroupBook::default(), each).map_err(|all| said(&all))
    };
    assert!(read("email\nx@@b.example\n").unwrap_err()[0].starts_with("x.csv:2: "));
    // more bad rows than are kept by name: the rest is counted
    let many = format!("email\na@b.example\n{}", "x@@b.example\n".repeat(1_005));
    let summary = read(&many).unwrap();
    assert_eq!((summary.bad.rows.len(), summary.bad.more, summary.bad.count()), (1_000, 5, 1_005));
}
