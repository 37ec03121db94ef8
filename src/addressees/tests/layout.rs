//! What stands around the rows of a list: titles, blanks, totals, notes, headers that come again.

use super::reading::{addresses, good_rows, told};

#[test]
fn the_sample_with_the_traps_in_it_is_read_and_tells_what_it_mended() {
    let file = "Country;Region;Organization;Group;Title;Name;Function;E-mail;Cc;Language;Valid until\r\n\
        Côte d'Ivoire;AFR;Autorité de régulation;administrations, regulators;M.;KOUASSI-N'DRI Aya;Directrice générale;\
        \"dg@regul.example; courrier@regul.example\";;F;\r\n\
        Suisse;EUR;Mission permanente de l'Exemplie;missions;H.E. Ms;Nuñez Ørsted;Ambassador;mission@exemplie.example ;;\
        E/F;31.12.2025\r\n\
        Exemplie;EUR;Ministry of Digital Affairs;administrations;Ms;Nuñez Ørsted;Focal point;MISSION@exemplie.example;\
        minister@gov.example;E;\r\n\
        Testland;ASP;国家无线电办公室;regulators;;李 小明;;lixm@radio.example / intl@radio.example;;C;\r\n\
        Testland;ASP;University of Testland;academia;Dr;\"al-Amin, Noor\";Dean;noor@uni.example, noor@uni.example;;A;\r\n\
        ;;;;;;;;;;\r\n\
        Total: 5;;;;;;;;;;\r\n";
    assert_eq!(
        addresses(file),
        [
            "2 dg@regul.example",
            "2 courrier@regul.example",
            "3 mission@exemplie.example",
            "4 MISSION@exemplie.example",
            "5 lixm@radio.example",
            "5 intl@radio.example",
            "6 noor@uni.example",
        ]
    );
    assert_eq!(
        told(file),
        [
            "x:7: this row is blank and was passed over",
            "x:3: blanks around \"mission@exemplie.example\" were taken off",
            "x:5: 2 addresses in one cell were parted at slashes; the like in 1 row more",
            "x:6: noor@uni.example stands twice in one cell; it counts once",
            "x:8: \"Total: 5\" was taken for a total and passed over",
            "x:4: MISSION@exemplie.example has the mailbox of line 3, and that row counts",
        ]
    );
}

#[test]
fn titles_above_the_header_are_told_and_not_read() {
    let file = "List of members\n\nConfidential,,\nemail,name\na@b.example,A\n";
    assert_eq!(addresses(file), ["5 a@b.example"]);
    assert_eq!(
        told(file),
        ["x:1: the rows above the header, to line 3, are not read: \"List of members\", \"Confidential\""]
    );
    assert_eq!(
        told("Members 2026;;\nE-mail;Name\na@b.example;A\n"),
        ["x:1: this row stands above the header and is not read: \"Members 2026\""]
    );
    let titles = |count| format!("{}email\na@b.example\n", "Title\n".repeat(count));
    assert_eq!(addresses(titles(20)), ["22 a@b.example"]);
    assert!(addresses(titles(21))[0].starts_with("x:1: no column is called email"));
}

#[test]
fn an_address_above_the_header_is_refused() {
    assert_eq!(
        told("z@b.example,Z\nemail,name\na@b.example,A\n"),
        ["x:1: this row stands above the header and holds an address; move it below the header, or delete it"]
    );
}

#[test]
fn the_row_most_like_a_header_is_the_one_that_is_blamed() {
    assert_eq!(
        told("List of members\nemial,name,country\na@b.example,A,Kenya\n")[0],
        "x:2: no column is called email; found \"emial\", \"name\", \"country\"; is \"emial\" meant for email?"
    );
}

#[test]
fn a_header_that_comes_again_is_passed_over_and_another_is_refused() {
    let file = "email,name\na@b.example,A\nE-mail,NAME\nc@d.example,C\nemail,name\n";
    assert_eq!(addresses(file), ["2 a@b.example", "4 c@d.example"]);
    assert_eq!(told(file), ["x:3: the header stands here once more and was passed over; the like in 1 row more"]);
    assert_eq!(
        told("email,name\na@b.example,A\ncountry,email\nKenya,c@d.example\n"),
        ["x:3: a second header with other columns; put the rows below it into a list of their own"]
    );
}

#[test]
fn notes_below_the_list_are_told_and_between_the_rows_refused() {
    let file = "email,name\na@b.example,A\n,Note: provisional\n";
    assert_eq!(
        (addresses(file), told(file)),
        (
            vec!["2 a@b.example".to_owned()],
            vec!["x:3: \"Note: provisional\" stands below the list and was not read".to_owned()]
        )
    );
    assert_eq!(
        told("email,name\na@b.example,A\n,Note: the rows below are retired\nc@d.example,C\n"),
        [
            "x:3: \"Note: the rows below are retired\" stands between the rows; move the note below the list, or delete it"
        ]
    );
}

#[test]
fn an_office_called_total_is_never_passed_over() {
    assert_eq!(
        told("email,organization,country\na@b.example,A,Kenya\n,Total,France\n"),
        ["x:3: no address in the row of \"Total\"; add one, or delete the row"]
    );
}

#[test]
fn blank_rows_are_counted() {
    assert_eq!(
        told("email,name\n,\na@b.example,A\n,\n,\n"),
        ["x:2: this row and 2 more are blank and were passed over"]
    );
}

#[test]
fn the_good_rows_can_be_had_with_the_names_of_the_bad_ones() {
    let mut octets =
        b"email;name;valid_until\na@b.example;A;\nc@@d.example;C;\n;Office D;\ne@f.example;E;3/4/2026\ng@h.example;"
            .to_vec();
    octets.extend(b"M\xfcller;\ni@j.example;\xc3\xa9;\n");
    let (summary, members) = good_rows(&octets).unwrap();
    assert_eq!(members.iter().map(|m| m.address.as_str()).collect::<Vec<_>>(), ["a@b.example", "i@j.example"]);
    let bad: Vec<(u32, &str, &str)> =
        summary.bad.rows.iter().map(|row| (row.line, row.whom.as_str(), row.problems[0].as_str())).collect();
    assert_eq!(
        bad.iter().map(|(line, whom, _)| (*line, *whom)).collect::<Vec<_>>(),
        [(3, "c@@d.example"), (4, "Office D"), (5, "e@f.example"), (6, "g@h.example")]
    );
    assert_eq!(bad[0].2, "column email: \"c@@d.example\" is not an address: two @ signs");
    assert!(bad[2].2.contains("can be read in two ways") && bad[3].2.starts_with("not UTF-8"), "{bad:?}");
    assert_eq!((summary.rows, summary.members), (6, 2));
    assert_eq!(good_rows("email\nnobody\n").unwrap_err().len(), 1);
}

#[test]
fn a_row_that_a_remark_wants_gone_counts_and_is_warned_about() {
    let file = "email;name;Remarks\na@b.example;A;DELETE\nc@d.example;C;vegetarian\n";
    assert_eq!(addresses(file), ["2 a@b.example", "3 c@d.example"]);
    assert_eq!(
        told(file),
        ["x:2: column remarks: \"DELETE\", and the row counts all the same; delete it, or give it a valid_until"]
    );
}
