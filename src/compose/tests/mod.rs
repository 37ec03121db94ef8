//! One letter and its recipients, all the way to octets.

use std::collections::BTreeMap;

use super::*;
use crate::circular::{AddresseeLine, Form, Found, Head, Language, Letter, PrintedDate, Problem, Reference, Signatory};
use chrono::{DateTime, NaiveDate};

mod values;

fn found<T>(value: T, line: u32) -> Option<Found<T>> {
    Some(Found { value, line })
}

fn letter(body: &str) -> Letter {
    Letter {
        form: Form::Markdown,
        places: crate::circular::Places::default(),
        head: Head::default(),
        language: Language::EN,
        letterhead: vec![Found { value: "Telecommunication Development Bureau".into(), line: 1 }],
        remarks: Vec::new(),
        reference: found(Reference::new("Circular BDT/DNS/DGS/112").unwrap(), 3),
        supplement: None,
        place: found("Geneva".into(), 5),
        date: found(PrintedDate::Day(NaiveDate::from_ymd_opt(2021, 12, 3).unwrap()), 5),
        to: vec![AddresseeLine { text: "Regulators".into(), line: 8 }],
        copy: Vec::new(),
        subject: found("Updates on the Initiative".into(), 10),
        salutation: found("Dear Sir/Madam,".into(), 12),
        body: Found { value: body.into(), line: 14 },
        closing: found("Yours faithfully,".into(), 30),
        signature_mark: found("[Original signed]".into(), 32),
        signatories: vec![Signatory { name: "A. Sample".into(), title: Some("Director".into()), line: 34 }],
        after_signature: None,
        annexes: None,
        deadlines: Vec::new(),
        problems: Vec::new(),
    }
}

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn recipient<'a>(name: &'a str, fields: &'a BTreeMap<String, String>) -> Recipient<'a> {
    Recipient { address: "office@ministry.example", name: Some(name), salutation: None, role: Role::To, fields }
}

fn head() -> MessageHead {
    MessageHead {
        from_name: Some("ITU BDT".into()),
        from_address: "bdtmail@itu.example".into(),
        reply_to: vec!["cop@itu.example".into()],
        domain: "bounces.itu.example".into(),
        list_id: "bdt.list.itu.example".into(),
        date: DateTime::parse_from_rfc3339("2026-12-07T09:00:00+01:00").unwrap(),
    }
}

const DELIVERY: DeliveryKey<'static> =
    DeliveryKey { key: &[7; 32], circular: "bdt-112", issue: 1, delivery: 41, references: None };

fn rendered(letter: &Letter) -> Rendered {
    render(letter, &Layout::builtin(), Marked::No).unwrap()
}

fn refusals(letter: &Letter) -> Vec<Problem> {
    render(letter, &Layout::builtin(), Marked::No).unwrap_err()
}

fn composed(letter: &Letter, recipient: &Recipient<'_>) -> String {
    String::from_utf8(compose(&rendered(letter), &head(), &DELIVERY, recipient, &[]).unwrap().octets).unwrap()
}

/// Where lines end in HTML says nothing.
fn flat(html: &str) -> String {
    html.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Header fields, unfolded.
fn headers(message: &str) -> Vec<(String, String)> {
    let (head, _) = message.split_once("\r\n\r\n").unwrap();
    head.replace("\r\n ", " ")
        .replace("\r\n\t", " ")
        .split("\r\n")
        .map(|line| line.split_once(": ").map(|(n, v)| (n.to_owned(), v.to_owned())).unwrap())
        .collect()
}

#[test]
fn a_message_has_exactly_the_headers_it_should_have() {
    let fields = fields(&[]);
    let message = composed(&letter("Text."), &recipient("Ministry of Communications", &fields));
    let headers = headers(&message);
    let names: Vec<_> = headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Date",
            "From",
            "Reply-To",
            "To",
            "Subject",
            "Message-ID",
            "List-Id",
            "Auto-Submitted",
            "X-Auto-Response-Suppress",
            "Content-Language",
            "MIME-Version",
            "Content-Type"
        ]
    );
    for (name, value) in [
        ("Date", "Mon, 7 Dec 2026 09:00:00 +0100"),
        ("From", "\"ITU BDT\" <bdtmail@itu.example>"),
        ("Reply-To", "<cop@itu.example>"),
        ("To", "\"Ministry of Communications\" <office@ministry.example>"),
        ("Subject", "Circular BDT/DNS/DGS/112: Updates on the Initiative"),
        ("List-Id", "<bdt.list.itu.example>"),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", "en"),
    ] {
        assert!(headers.contains(&(name.to_owned(), value.to_owned())), "{name}: {value} in {headers:?}");
    }
    assert_eq!(message.matches("Content-Transfer-Encoding: 7bit").count(), 2, "plain ASCII travels as it is");
    let kinds: Vec<_> = message.lines().filter(|line| line.starts_with("Content-Type: text/")).collect();
    assert_eq!(kinds, ["Content-Type: text/plain; charset=\"utf-8\"", "Content-Type: text/html; charset=\"utf-8\""]);
}

#[test]
fn a_supplement_threads_with_its_original() {
    let fields = fields(&[]);
    let delivery = DeliveryKey { references: Some("<bdt-112.41.abc@itu.example>"), ..DELIVERY };
    let octets =
        compose(&rendered(&letter("Text.")), &head(), &delivery, &recipient("M", &fields), &[]).unwrap().octets;
    let headers = headers(std::str::from_utf8(&octets).unwrap());
    for name in ["In-Reply-To", "References"] {
        assert!(headers.contains(&(name.to_owned(), "<bdt-112.41.abc@itu.example>".to_owned())), "{headers:?}");
    }
}

#[test]
fn the_same_delivery_is_the_same_octets_also_after_a_stay_in_the_ledger() {
    let letter = letter(
        "For **{{ addressee.country }}**, see <https://x.example/{{ addressee.country }}>.\n\n| a | b |\n|--|--|\n| {{ addressee.country }} | c |",
    );
    let fields = fields(&[("country", "Côte d'Ivoire")]);
    let recipient = recipient("Ministère", &fields);
    let first = compose(&rendered(&letter), &head(), &DELIVERY, &recipient, &[]).unwrap();
    let kept = serde_json::to_string(&rendered(&letter)).unwrap();
    let again: Rendered = serde_json::from_str(&kept).unwrap();
    let second = compose(&again, &head(), &DELIVERY, &recipient, &[]).unwrap();
    assert_eq!(first, second);
    let other = compose(&again, &head(), &DeliveryKey { delivery: 42, ..DELIVERY }, &recipient, &[]).unwrap();
    assert_ne!(first.sha256, other.sha256);
    assert_ne!(first.message_id, other.message_id);
}

#[test]
fn a_copy_says_that_it_is_one_and_a_test_copy_too() {
    let fields = fields(&[]);
    let to = recipient("M", &fields);
    let copy = Recipient { role: Role::Copy, ..to };
    let rendered = rendered(&letter("Text."));
    for (preview_to, preview_copy) in [
        (rendered.preview_text(&to).unwrap(), rendered.preview_text(&copy).unwrap()),
        (flat(&rendered.preview_html(&to).unwrap()), flat(&rendered.preview_html(&copy).unwrap())),
    ] {
        assert!(!preview_to.contains("Copy, for information") && preview_copy.contains("Copy, for information"));
        assert!(preview_to.len() < preview_copy.len());
    }
    let test = render(&letter("Text."), &Layout::builtin(), Marked::TestCopy).unwrap();
    assert!(test.preview_subject(&to).unwrap().starts_with("[TEST] Circular"));
    assert!(test.preview_text(&to).unwrap().contains("has not been issued"));
    assert!(flat(&test.preview_html(&to).unwrap()).contains("has not been issued"));
}

#[test]
fn the_text_part_reads_like_the_letter() {
    let mut letter = letter(
        "As recognized by the [Declaration](https://g20.example/rome), the work goes on and on and on and on, \
         {{ addressee.country }}.\n\n1. Send **now** to cop@itu.example.\n2. Share:\n   - one\n   - two\n\n> Quoted.\n\n\
         | Region | Seats |\n|---|--:|\n| Africa | 12 |\n",
    );
    letter.copy = vec![AddresseeLine { text: "Academia".into(), line: 9 }];
    letter.remarks = vec![Found { value: "Contact: <Ana> at ana@itu.example".into(), line: 6 }];
    let fields = fields(&[("country", "Côte d'Ivoire")]);
    let text = rendered(&letter).preview_text(&recipient("M", &fields)).unwrap();
    assert_eq!(
        text,
        "Telecommunication Development Bureau\n\nRef.: Circular BDT/DNS/DGS/112\n\nGeneva, 3 December 2021\n\nContact: <Ana> at ana@itu.example\n\nTo:\n\n\
         - Regulators\n\nCopy:\n\n- Academia\n\nSubject: Updates on the Initiative\n\nDear Sir/Madam,\n\n\
         As recognized by the Declaration <https://g20.example/rome>, the work\ngoes on and on and on and on, Côte \
         d'Ivoire.\n\n1. Send *now* to cop@itu.example.\n2. Share:\n   - one\n   - two\n\n> Quoted.\n\n\
         Region  Seats\n------  -----\nAfrica     12\n\nYours faithfully,\n\n[Original signed]\n\nA. Sample\nDirector\n"
    );
}

#[test]
fn an_arabic_letter_runs_from_right_to_left_and_keeps_its_reference_together() {
    let mut letter = letter("نص الرسالة.");
    letter.language = Language::AR;
    let fields = fields(&[]);
    let rendered = rendered(&letter);
    let html = flat(&rendered.preview_html(&recipient("M", &fields)).unwrap());
    assert!(html.contains("<html lang=\"ar\" dir=\"rtl\">") && html.contains("<bdi>Circular BDT/DNS/DGS/112</bdi>"));
    let text = rendered.preview_text(&recipient("M", &fields)).unwrap();
    assert!(text.contains("المرجع: \u{2068}Circular BDT/DNS/DGS/112\u{2069}"), "{text}");
    let subject = rendered.preview_subject(&recipient("M", &fields)).unwrap();
    assert!(subject.starts_with("\u{200F}Circular BDT/DNS/DGS/112: ") && !subject.contains('\u{2068}'), "{subject:?}");
}

#[test]
fn problems_come_with_the_line_of_the_file_and_all_at_once() {
    let mut letter = letter("Fine.\n\n{{ name }} <b>x</b>\n\n![i](https://x.example/i.png)");
    letter.place = found("{{ addressee.city }}".to_owned(), 5);
    letter.reference = None;
    let lines: Vec<u32> = refusals(&letter).iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [0, 5, 16, 16, 16, 18]);
}

#[test]
fn a_subject_of_one_endless_word_or_many_words_fits_the_wire() {
    let fields = fields(&[]);
    for subject in ["x".repeat(1500), "word ".repeat(300), "国际电信联盟".repeat(200), "é".repeat(900), "a =? b".into()]
    {
        let mut letter = letter("Text.");
        letter.subject = found(subject.clone(), 10);
        let message = composed(&letter, &recipient(&"N".repeat(300), &fields));
        let head = message.split_once("\r\n\r\n").unwrap().0;
        let subject_lines: Vec<_> = head
            .split("\r\n")
            .skip_while(|l| !l.starts_with("Subject"))
            .take_while(|l| !l.starts_with("Message-ID"))
            .collect();
        assert!(subject_lines.iter().all(|line| line.len() <= 78), "{subject_lines:?}");
    }
}

#[test]
fn a_subject_that_looks_encoded_arrives_as_it_is_written() {
    let mut letter = letter("Text.");
    letter.subject = found("=?utf-8?Q?evil?= {{ addressee.name }}".to_owned(), 10);
    let fields = fields(&[("name", "=?utf-8?B?eA==?=")]);
    let message = composed(&letter, &recipient("M", &fields));
    assert!(message.contains("\r\nSubject: =?utf-8?B?"), "{message}");
    let (head, _) = message.split_once("\r\n\r\n").unwrap();
    assert!(!head.contains("?Q?evil?=") && !head.contains("?B?eA==?="), "{head}");
}

#[test]
fn annexes_stand_behind_the_letter_each_as_it_was() {
    let annexes = [
        EncodedAnnex::new("policy brief.pdf", "application/pdf", b"%PDF-1.7\n\xff\0\r\n").unwrap(),
        EncodedAnnex::new("formulaire à remplir.csv", "text/csv; charset=utf-8", "é;1\n".as_bytes()).unwrap(),
    ];
    let fields = fields(&[]);
    let recipient = recipient("M", &fields);
    let rendered = rendered(&letter("Text."));
    let with = compose(&rendered, &head(), &DELIVERY, &recipient, &annexes).unwrap();
    assert_eq!(with, compose(&rendered, &head(), &DELIVERY, &recipient, &annexes).unwrap());
    let without = compose(&rendered, &head(), &DELIVERY, &recipient, &[]).unwrap();
    assert_eq!(with.message_id, without.message_id);
    assert_ne!(with.sha256, without.sha256);
    let (with, without) = (String::from_utf8(with.octets).unwrap(), String::from_utf8(without.octets).unwrap());
    let (_, alternatives) = without.split_once("Content-Type: multipart/alternative").unwrap();
    assert!(with.contains(alternatives), "the letter itself is the same with annexes");
    let (_, boundary) = with.split_once("Content-Type: multipart/mixed; boundary=\"").unwrap();
    let boundary = boundary.split('"').next().unwrap();
    assert_eq!(with.matches(&format!("\r\n--{boundary}\r\n")).count(), 3);
    assert!(with.ends_with(&format!("\r\n--{boundary}--\r\n")), "{with}");
    assert!(with.contains("Content-Disposition: attachment; filename=\"policy brief.pdf\"\r\n"), "{with}");
    assert!(with.contains("filename*=UTF-8''formulaire%20%C3%A0%20remplir.csv"), "{with}");
}
