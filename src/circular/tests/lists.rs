//! Lists of addressees and names of those who sign, wherever they stand.

use super::*;

#[test]
fn a_distribution_list_that_repeats_to_adds_nobody_twice() {
    let text = format!("{SAMPLE}\n\nDistribution:\n- Regulators\n- Observers\n");
    let letter = read_text(&text);
    assert_eq!(texts(&letter.copy), ["Observers"]);
    assert_eq!(letter.to.len(), 5);
}

#[test]
fn a_list_of_the_text_below_those_written_to_adds_nobody() {
    for (to, text) in [
        (
            "A las Federaciones y a los clubes",
            "La Junta aprobó el calendario de la temporada siguiente:\n\n– Los clubes se inscribirán",
        ),
        (
            "To the Federations and to the clubs",
            "The Board has approved the calendar for the season:\n\n- The clubs register",
        ),
        (
            "Aux fédérations et aux clubs",
            "Le conseil a approuvé le calendrier de la saison :\n- Les clubs s'inscrivent",
        ),
    ] {
        let letter = read_text(&format!("Circular 34\n\n{to}\n\n{text}\n\nYours faithfully,\n\nA. Example\n"));
        assert_eq!(letter.to.len(), 2, "{:?}", letter.to);
    }
}

#[test]
fn a_label_whose_letters_are_set_apart_is_no_column() {
    let text = "文件编号：HY-1\n日    期：2026年4月17日\n发 送 至：理事单位、会员企业\n抄    送：监事会\n发 件 人：办公室\n\
                主    题：通知\n\n尊敬的会员：\n\n正文。\n";
    let letter = read_text(text);
    assert_eq!((texts(&letter.to), texts(&letter.copy)), (vec!["理事单位", "会员企业"], vec!["监事会"]));
    assert_eq!((errors(&letter), letter.place), (vec![], None));
}

#[test]
fn the_originals_and_copies_at_the_foot_of_a_taiwanese_letter_are_to_and_copy() {
    let text = "受文者：如正、副本\n發文字號：字第1號\n主旨：計畫\n\n說明：\n一、依據辦理。\n\n正本：各學校\n副本：本部、本會\n\n部長　樣本\n";
    let letter = read_text(text);
    assert_eq!((texts(&letter.to), texts(&letter.copy)), (vec!["各學校"], vec!["本部", "本會"]));
}

#[test]
fn a_heading_on_two_lines_is_one_reference() {
    let table = [
        ("Corrigendum 2 to\nCircular BDT/DNS/DGS/112", "Corrigendum 2 to Circular BDT/DNS/DGS/112"),
        ("Circular Letter\nCR/503", "Circular Letter CR/503"),
        ("Administrative Circular\nCACE/1187", "Administrative Circular CACE/1187"),
        ("Office of Signals\nCR/503", "CR/503"),
    ];
    for (heading, reference) in table {
        let letter = read_text(&sample_with("Ref.: Circular BDT/DNS/DGS/112", heading));
        assert_eq!(letter.reference.unwrap().value.as_str(), reference, "{heading}");
    }
}

#[test]
fn a_page_number_and_line_breaks_of_html_leave_the_list_whole() {
    let table = [
        ("- Academia", "- 2 -\n\n- Academia"),
        ("- ITU-D Sector Members\n- Academia", "- ITU-D Sector Members<br>\n- Academia<br/>"),
        (
            "To\n\n- Administrations of ITU Member States\n- Regulators",
            "To: Administrations of ITU Member States<br>Regulators",
        ),
        ("- Regulators\n- ITU-D Sector Members", "• Regulators • ITU-D Sector Members"),
    ];
    for (line, replacement) in table {
        let letter = read_text(&sample_with(line, replacement));
        assert_eq!(texts(&letter.to), texts(&read_text(SAMPLE).to), "{replacement}");
    }
}

#[test]
fn a_copy_for_information_is_a_copy() {
    for label in [
        "Copy for information:",
        "cc to:",
        "Copie pour information :",
        "Copia para información:",
        "Копия для сведения:",
    ] {
        let letter = read_text(&sample_with("Subject:", &format!("{label} Observers\n\nSubject:")));
        assert_eq!((texts(&letter.copy), letter.to.len()), (vec!["Observers"], 5), "{label}");
    }
}

#[test]
fn a_subject_in_slanted_type_is_printed_without_its_marks() {
    let letter = read_text(&sample_with(
        "Subject: Updates on the Child Online Protection (COP) Initiative",
        "**Subject:** *Updates*",
    ));
    assert_eq!(letter.subject.unwrap().value, "Updates");
}

#[test]
fn marks_side_by_side_are_no_signatories_and_an_office_before_a_name_is_its_title() {
    let foot = "[Original signed]\n\nDoreen Bogdan-Martin\nDirector";
    let table = [
        (
            "[Original signed]    [Original signed]\n\nAna    Ben\nDirector    Secretary",
            vec!["Ana, Director", "Ben, Secretary"],
        ),
        ("(signed) Ana    (signed) Ben\nDirector    Secretary", vec!["Ana, Director", "Ben, Secretary"]),
        ("主任 安娜·例子", vec!["安娜·例子, 主任"]),
    ];
    for (printed, expected) in table {
        let letter = read_text(&sample_with(foot, printed));
        let found: Vec<String> = letter
            .signatories
            .iter()
            .map(|s| format!("{}, {}", s.name, s.title.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(found, expected, "{printed}");
    }
}

#[test]
fn a_copy_below_the_signature_is_never_a_signatory_nor_lost() {
    for copy in [
        "c.c. Observers",
        "Copy Observers",
        "Copy to the Observers",
        "With a copy to: Observers",
        "cc: Observers\n    Chrono",
    ] {
        let letter = read_text(&format!("{SAMPLE}\n{copy}\n"));
        assert_eq!((texts(&letter.copy), letter.signatories.len()), (vec!["Observers"], 1), "{copy}");
    }
}

#[test]
fn who_signs_for_an_office_has_it_above_the_name_where_no_post_is_his_own() {
    for (foot, title) in [
        ("For the Director,\n\nDoreen Bogdan-Martin", "For the Director"),
        ("For the Director,\n\nDoreen Bogdan-Martin\nDeputy Head of Office", "Deputy Head of Office"),
        ("pour le Secrétaire général,\n\nDoreen Bogdan-Martin\nChef du département", "Chef du département"),
        ("Por el Director General:\n\nDoreen Bogdan-Martin\nSubdirectora", "Subdirectora"),
    ] {
        let text = sample_with("Doreen Bogdan-Martin\nDirector", foot);
        let signatories = read_text(&text).signatories;
        assert_eq!(signatories.len(), 1, "{foot}");
        assert_eq!(signatories[0].name, "Doreen Bogdan-Martin", "{foot}");
        assert_eq!(signatories[0].title.as_deref(), Some(title), "{foot}");
    }
}

#[test]
fn a_contact_beside_the_number_is_no_part_of_it() {
    for between in ["          ", "\t", "\t\t"] {
        let line = format!("Ref.:{between}Circular BDT/DNS/DGS/112{between}Tel.: +41 22 000 00 00");
        let letter = read_text(&sample_with("Ref.: Circular BDT/DNS/DGS/112", &line));
        assert_eq!(letter.reference.unwrap().value.as_str(), "Circular BDT/DNS/DGS/112", "{between:?}");
    }
}

#[test]
fn a_copy_list_in_a_table_or_beside_salutation_and_closing_is_not_lost() {
    let table = [
        ("Director", "Director\n\n| Copy: | Observers |\n|---|---|\n| | Associates |"),
        ("Yours faithfully,", "cc: Observers\n    Associates\n\nYours faithfully,"),
        ("Dear Sir/Madam,", "Dear Sir/Madam,\n\nCopy:\n- Observers\n- Associates"),
        ("Subject:", "With copy to the Observers; Associates\n\nSubject:"),
    ];
    for (line, replacement) in table {
        let letter = read_text(&sample_with(line, replacement));
        assert_eq!(texts(&letter.copy), ["Observers", "Associates"], "{replacement}");
        assert_eq!((letter.to.len(), letter.signatories.len()), (5, 1), "{replacement}");
        assert!(!letter.body.value.contains("Observers"), "{replacement}");
    }
    let bulleted = "Bogdan-Martin\nDirector\n\n* Copy: Observers\n* Copy: Associates";
    let letter = read_text(&sample_with("Bogdan-Martin\nDirector", bulleted));
    assert_eq!(texts(&letter.copy), ["Observers", "Associates"]);
    let unsigned = SAMPLE.split("Yours faithfully,").next().unwrap_or_default();
    assert_eq!(texts(&read_text(&format!("{unsigned}cc: Observers\n")).copy), ["Observers"]);
    let sentence = sample_with("Yours faithfully,", "Copy: of the form is attached.\n\nYours faithfully,");
    assert!(read_text(&sentence).copy.is_empty());
}

#[test]
fn a_copy_beside_a_title_parks_the_letter() {
    for foot in ["Director        Copy: Observers", "Director\n(cc: Observers)"] {
        let letter = read_text(&sample_with("Bogdan-Martin\nDirector", &format!("Bogdan-Martin\n{foot}")));
        let errors = errors(&letter);
        assert!(errors.len() == 1 && errors[0].contains("may name copies"), "{foot}: {errors:?}");
    }
}

#[test]
fn addressees_at_the_foot_count_where_the_head_names_none() {
    let letter = |head: &str, foot: &str| {
        read_text(&format!(
            "Ref.: Circular 9\n{head}Subject: S\n\nDear Sirs,\n\nText.\n\nYours faithfully,\n\nA. Example\nDirector\n\n{foot}"
        ))
    };
    let to = ["Regulators", "Academia"];
    for (head, foot) in [
        ("", "Addressees:\n- Regulators\n- Academia\n"),
        ("", "To: Regulators\n    Academia\n"),
        ("", "Destinataires :\n- Regulators\n- Academia\n"),
        ("", "Distribution:\n- Regulators\n- Academia\n"),
        ("To: See distribution list\n", "Distribution list:\n1. Regulators\n2. Academia\n"),
        ("Para: Ver lista de distribución\n", "Lista de distribución:\n- Regulators\n- Academia\n"),
        ("To: See distribution list\n", "Annex 1\n\nDistribution list\n\n- Regulators\n- Academia\n"),
        ("To: See distribution list\n", "Annex 1 – Distribution list\n\n- Regulators\n- Academia\n"),
    ] {
        let letter = letter(head, foot);
        assert_eq!((errors(&letter), texts(&letter.to)), (vec![], to.to_vec()), "{head}{foot}");
        assert!(letter.copy.is_empty(), "{head}{foot}");
    }
    // where the head names them, a To below is that of a reply form
    let reply = letter("To: Regulators\n", "Reply form\n\nTo: Academia\n");
    assert_eq!(texts(&reply.to), ["Regulators"]);
    assert!(reply.after_signature.is_some_and(|after| after.value.contains("To: Academia")));
    let nowhere = letter("To: See distribution list\n", "");
    assert_eq!(errors(&nowhere).len(), 1);
    assert!(errors(&nowhere)[0].starts_with("f:2: To says \"See distribution list\""));
}

#[test]
fn a_distribution_list_names_copies_where_the_letter_has_a_to_and_repeats_none() {
    let text = "Ref.: Circular 9\nTo: Administrations and Sector Members\nSubject: S\n\nDear Sirs,\n\nText.\n\n\
         Yours faithfully,\n\nA. Example\nDirector\n\nDistribution:\n- Administrations\n- Sector Members\n- Academia\n";
    assert_eq!(texts(&read_text(text).copy), ["Academia"]);
    // a wider group than To's is none that To has named
    let narrow = text.replace("Administrations and Sector Members", "Sector Members of Study Group 3");
    assert_eq!(texts(&read_text(&narrow).copy), ["Administrations", "Sector Members", "Academia"]);
}

#[test]
fn a_courtesy_straight_above_names_is_to_and_above_a_text_a_salutation() {
    let text = "Ref.: Circular 9\n\nSeñores:\nOperadores\nTalleres\nPresente.-\n\nAsunto: S\n\nDe mi consideración:\n\nTexto.\n";
    let letter = read_text(text);
    assert_eq!(texts(&letter.to), ["Operadores", "Talleres"]);
    assert_eq!(letter.salutation.map(|found| found.value).as_deref(), Some("De mi consideración:"));
    let text = "Ref.: Circular 9\nA: Operadores\nAsunto: S\n\nSeñores:\n\nTexto.\n";
    let letter = read_text(text);
    assert_eq!(texts(&letter.to), ["Operadores"]);
    assert_eq!(letter.salutation.map(|found| found.value).as_deref(), Some("Señores:"));
}

#[test]
fn a_wrapped_sentence_of_addressees_is_never_cut_at_its_line_ends() {
    let text = "Ref.: Circular 9\n\nTo Administrations of Member States of the ITU, Radiocommunication Sector\n\
         Members participating in the work of Study Group 5 and Academia\n\nSubject: S\n\nDear Sirs,\n\nText.\n";
    let letter = read_text(text);
    assert!(!texts(&letter.to).iter().any(|text| text.starts_with("Members")), "{:?}", letter.to);
}

#[test]
fn addressees_of_a_sentence_over_several_lines_stand_each_in_its_own() {
    let list = "To\n\n- Administrations of ITU Member States\n- Regulators\n- ITU-D Sector Members\n- Academia\n\
                - Permanent Missions";
    let table = [
        (
            "To Administrations of ITU Member States, Regulators,\nITU-D Sector Members, Associates\n\
             participating in the work of Study Group 2 and Academia",
            vec![("Regulators", 14), ("ITU-D Sector Members", 15), ("Academia", 16)],
        ),
        (
            "Aux Administrations des États Membres, aux Membres du\nSecteur UIT-D et aux\nRégulateurs",
            vec![("Administrations des États Membres", 14), ("Membres du Secteur UIT-D", 14), ("Régulateurs", 16)],
        ),
        (
            "A las Administraciones de los Estados\nMiembros, a los Reguladores\ny a las Misiones Permanentes",
            vec![("Reguladores", 15), ("Misiones Permanentes", 16)],
        ),
    ];
    for (sentence, expected) in table {
        let letter = read_text(&sample_with(list, sentence));
        assert_eq!(errors(&letter), Vec::<String>::new(), "{sentence}");
        for (text, line) in expected {
            let found = letter.to.iter().find(|item| item.text == text);
            assert_eq!(found.map(|item| item.line), Some(line), "{text}: {:?}", letter.to);
        }
    }
    let note = "Ref.: NV/1\n\nSubject: Session\n\nThe Secretariat of the Organization of Examples, as in years before,\n\
                presents its compliments to the Permanent Missions\nin Geneva and has the honour to write.\n";
    assert_eq!(read_text(note).to.first().map(|item| item.line), Some(6));
}

#[test]
fn brackets_behind_an_addressee_say_its_part_and_are_none_of_its_name() {
    let letter = read_text(&sample_with(
        "- Academia\n- Permanent Missions",
        "- Academia (for action)\n- Permanent Missions (for information)\n- Observers (Geneva)",
    ));
    assert_eq!(texts(&letter.to)[3..], ["Academia", "Observers (Geneva)"]);
    assert_eq!(texts(&letter.copy), ["Permanent Missions"]);
}

#[test]
fn a_line_that_says_how_the_letter_travels_is_nobody_and_cuts_no_list() {
    let letter = read_text(&sample_with("- Regulators", "By e-mail\n- Regulators"));
    assert_eq!(texts(&letter.to), texts(&read_text(SAMPLE).to));
    let letter = read_text(&sample_with(
        "To\n\n- Administrations of ITU Member States\n- Regulators",
        "To:\n\nITU Member States\nBy e-mail\nRegulators",
    ));
    assert_eq!(texts(&letter.to)[..2], ["ITU Member States", "Regulators"]);
}
