//! Everything below the body: closing, who signs, copies and the number of annexes, as houses of six languages print them.
//!
//! They stand in `below.txt`: the lower part of a letter, then behind `====>` what it says: closing, signatories with their
//! posts, copies and annexes, each kind parted by " | " and its items by " ; ". A "!" says that the letter parks.

use super::*;

const HEAD: &str = "Geneva, 3 December 2021\n\nRef.: Circular C/1\n\nTo Offices\n\nSubject: Test\n\n";
const TEXT: &str =
    "The forms are to be returned to the house that sends this letter, which keeps them for all of us.\n\n";
const BELOW: &str = include_str!("below.txt");

fn below(text: &str) -> String {
    let letter = read("x.txt", format!("{HEAD}{TEXT}{text}\n").as_bytes(), day(2021, 12, 10));
    let signers = letter.signatories.iter().map(|s| match &s.title {
        Some(title) => format!("{} — {title}", s.name),
        None => s.name.clone(),
    });
    let signers: Vec<String> = signers.collect();
    let annexes = letter.annexes.as_ref().map(|found| found.value.to_string());
    let closing = letter.closing.as_ref().map(|found| found.value.clone()).unwrap_or_default();
    let parks = if errors(&letter).is_empty() { "" } else { "!" };
    let fields = [closing, signers.join(" ; "), texts(&letter.copy).join(" ; "), annexes.unwrap_or_default()];
    format!("{parks}{}", fields.join(" | "))
}

fn all_read(change: &dyn Fn(&str) -> String) {
    let cases: Vec<(&str, &str)> = BELOW.split("\n====\n").filter_map(|case| case.split_once("\n====> ")).collect();
    let read = cases.iter().map(|(text, expected)| (text, below(&change(text)), expected.trim_end_matches('\n')));
    let wrong = read.filter(|(_, found, expected)| found != expected);
    let wrong: Vec<String> =
        wrong.map(|(text, found, expected)| format!("{text}\n  found    {found}\n  expected {expected}")).collect();
    assert!(cases.len() > 60, "{}", cases.len());
    assert!(wrong.is_empty(), "{} of {}:\n\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
}

#[test]
fn what_stands_below_the_body_is_read_as_printed() {
    all_read(&str::to_owned);
    all_read(&|text| text.replace('\n', "\r\n"));
    all_read(&|text| text.replace("\n\n", "\n\n\n"));
}

#[test]
fn a_greeting_in_the_first_line_of_the_body_closes_no_letter() {
    for greeting in [
        "Reciban un cordial saludo. Con el fin de contar con información veraz para la formulación del\npresupuesto, se les",
        "Reciban un cordial saludo.\n\nSe les",
        "Reciba usted un cordial saludo de parte de la Dirección General.\n\nSe les",
        "Por este medio les saludo atentamente.\n\nSe les",
        "Saludos cordiales.\n\nSe les",
    ] {
        let text = format!(
            "{HEAD}Estimados señores:\n\n{greeting} instruye para que actualicen el expediente de cada centro educativo.\n\n\
             Las Direcciones validarán los datos de los centros y los enviarán a este Despacho.\n\n\
             Atentamente,\n\nAna Ejemplo Solano\nMinistra\n"
        );
        let letter = read("x.txt", text.as_bytes(), day(2021, 12, 10));
        assert_eq!(letter.closing.map(|found| found.value).as_deref(), Some("Atentamente,"), "{greeting}");
        let signers: Vec<&str> = letter.signatories.iter().map(|signatory| signatory.name.as_str()).collect();
        assert_eq!(signers, ["Ana Ejemplo Solano"], "{greeting}");
    }
}

#[test]
fn copies_of_a_letter_whose_addressees_stand_below_the_text_are_read() {
    let text = "檔號：A/1\n\n樣本部　函\n\n受文者：如正副本\n\n發文日期：2021年12月3日\n發文字號：樣教字第1號\n附件：計畫徵件須知、申請表\n\n\
                主旨：檢送徵件須知一份，請查照。\n\n說明：\n一、依據本部2021年2月11日函辦理。\n\n\
                正本：各公私立大專校院\n副本：財團法人樣本教育基金會、本部高等教育司\n\n部長　鄭樣本\n";
    let letter = read("x.txt", text.as_bytes(), day(2021, 12, 10));
    assert_eq!(texts(&letter.to), ["各公私立大專校院"]);
    assert_eq!(texts(&letter.copy), ["財團法人樣本教育基金會", "本部高等教育司"]);
    assert_eq!(letter.annexes.map(|found| found.value), Some(2));
    assert_eq!(letter.signatories.len(), 1);
}
