//! One letter and its recipients, all the way to octets.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use proptest::prelude::*;

use super::*;
use crate::circular::{AddresseeLine, Form, Found, Head, Language, Letter, PrintedDate, Problem, Reference, Signatory};

fn found<T>(value: T, line: u32) -> Option<Found<T>> {
    Some(Found { value, line })
}

fn letter(body: &str) -> Letter {
    Letter {
        form: Form::Markdown,
        head: Head::default(),
        language: Language::EN,
        letterhead: vec![Found { value: "Telecommunication Development Bureau".into(), line: 1 }],
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
    DeliveryKey { key: &[7; 32], circular: "bdt-112", issue: 1, delivery: 41, in_reply_to: None };

fn rendered(letter: &Letter) -> Rendered {
    render(letter, &Layout::builtin(), Marked::No).unwrap()
}

fn refusals(letter: &Letter) -> Vec<Problem> {
    render(letter, &Layout::builtin(), Marked::No).unwrap_err()
}

fn composed(letter: &Letter, recipient: &Recipient<'_>) -> String {
    String::from_utf8(compose(&rendered(letter), &head(), &DELIVERY, recipient).unwrap().octets).unwrap()
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
    let kinds: Vec<_> = message.lines().filter(|line| line.starts_with("Content-Type: text/")).collect();
    assert_eq!(kinds, ["Content-Type: text/plain; charset=\"utf-8\"", "Content-Type: text/html; charset=\"utf-8\""]);
}

#[test]
fn a_supplement_threads_with_its_original() {
    let fields = fields(&[]);
    let delivery = DeliveryKey { in_reply_to: Some("<bdt-112.41.abc@itu.example>"), ..DELIVERY };
    let octets = compose(&rendered(&letter("Text.")), &head(), &delivery, &recipient("M", &fields)).unwrap().octets;
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
    let first = compose(&rendered(&letter), &head(), &DELIVERY, &recipient).unwrap();
    let kept = serde_json::to_string(&rendered(&letter)).unwrap();
    let again: Rendered = serde_json::from_str(&kept).unwrap();
    let second = compose(&again, &head(), &DELIVERY, &recipient).unwrap();
    assert_eq!(first, second);
    let other = compose(&again, &head(), &DeliveryKey { delivery: 42, ..DELIVERY }, &recipient).unwrap();
    assert_ne!(first.sha256, other.sha256);
    assert_ne!(first.message_id, other.message_id);
}

#[test]
fn values_are_data_wherever_they_stand() {
    let letter = letter(
        "Dear *{{ addressee.name }}* of **{{ addressee.country | upper }}**, write to {{ addressee.email }} or \
         [your form](https://x.example/f?c={{ addressee.name }}) or [this]({{ addressee.form }}).",
    );
    for nasty in [
        "<img src=x onerror=alert(1)>",
        "\"><a href=javascript:alert(1)>",
        "{{ 7*7 }}",
        "{% include \"/etc/passwd\" %}",
        "[x](https://evil.example)",
        "# H **b** `c` | d",
        "O'Neil & Co., \"the\" <b>",
        "&amp; &lt;script&gt;",
        "王小明，部长",
        "محمد بن راشد",
        "👩‍👩‍👧‍👦 family",
        "'; DROP TABLE addressees;--",
    ] {
        let fields =
            fields(&[("name", nasty), ("country", "fr"), ("email", "a@b.example"), ("form", "https://y.example/1")]);
        let recipient = recipient(nasty, &fields);
        let rendered = rendered(&letter);
        let html = rendered.preview_html(&recipient).unwrap();
        let mut escaped = String::new();
        html::escape(nasty, &mut escaped);
        assert!(html.contains(&format!("<bdi>{escaped}</bdi>")), "{nasty}: {html}");
        assert!(!html.contains("<img") && !html.contains("href=\"javascript") && !html.contains("<script"), "{nasty}");
        assert!(html.contains("<bdi>FR</bdi>") && html.contains("href=\"https://y.example/1\""), "{html}");
        let text = rendered.preview_text(&recipient).unwrap().replace(['\n', ' '], "");
        assert!(text.contains(&nasty.replace(' ', "")), "{nasty}: {text}");
        let message = compose(&rendered, &head(), &DELIVERY, &recipient).unwrap();
        assert_eq!(headers(std::str::from_utf8(&message.octets).unwrap()).len(), 12, "{nasty}");
    }
}

#[test]
fn a_value_with_a_line_end_or_a_direction_change_is_refused_by_field_and_addressee() {
    let letter = letter("For {{ addressee.name }}.");
    for nasty in ["M\r\nBcc: x@evil.example", "M\nx", "M\0", "M\u{2028}x", "M\u{202E}x", "M\u{2066}x", "M\u{7f}"] {
        let fields = fields(&[("name", nasty)]);
        let rendered = rendered(&letter);
        for name in [nasty, "M"] {
            let recipient = recipient(name, &fields);
            let error = compose(&rendered, &head(), &DELIVERY, &recipient).unwrap_err();
            assert!(matches!(&error, ComposeError::Unsafe { field, .. } if field == "name"), "{error}");
            assert!(error.to_string().starts_with("office@ministry.example: "), "{error}");
            assert!(!rendered.objections(&recipient).is_empty());
        }
        let only_header = self::letter("Text.");
        assert!(compose(&self::rendered(&only_header), &head(), &DELIVERY, &recipient(nasty, &fields)).is_err());
    }
}

#[test]
fn a_missing_or_empty_field_is_named_before_and_at_composition() {
    let rendered =
        rendered(&letter("{{ addressee.title | default(\"Sir\") }} {{ addressee.name }} {{ addressee.seat }}"));
    assert_eq!(rendered.fields(), [("title", 14), ("name", 14), ("seat", 14)]);
    let empty = fields(&[("name", "  ")]);
    assert_eq!(rendered.missing_fields(&recipient("M", &empty)), ["name", "seat"]);
    let error = compose(&rendered, &head(), &DELIVERY, &recipient("M", &empty)).unwrap_err();
    assert!(error.to_string().contains("\"name\" is empty"), "{error}");
    let full = fields(&[("name", "N"), ("seat", "12")]);
    assert!(rendered.preview_text(&recipient("M", &full)).unwrap().contains("Sir N 12"));
}

#[test]
fn an_own_salutation_replaces_a_generic_one_and_takes_its_punctuation() {
    let fields = fields(&[("name", "X")]);
    for (printed, own, shown) in [
        ("Dear Sir/Madam,", Some("Excellency"), "Excellency,"),
        ("Dear Sir/Madam,", Some("Excellency:"), "Excellency:"),
        ("Estimada Señora:", Some("Excelencia"), "Excelencia:"),
        ("尊敬的先生/女士：", Some("尊敬的部长"), "尊敬的部长："),
        ("Dear Sir/Madam,", Some("  "), "Dear Sir/Madam,"),
        ("Dear Sir/Madam,", None, "Dear Sir/Madam,"),
        ("Dear {{ addressee.name }},", Some("Excellency"), "Dear X,"),
    ] {
        let mut letter = letter("Text.");
        letter.salutation = found(printed.to_owned(), 12);
        let recipient = Recipient { salutation: own, ..recipient("M", &fields) };
        let text = rendered(&letter).preview_text(&recipient).unwrap();
        assert!(text.lines().any(|line| line == shown), "{shown} in {text}");
    }
}

#[test]
fn a_copy_says_that_it_is_one_and_a_test_copy_too() {
    let fields = fields(&[]);
    let to = recipient("M", &fields);
    let copy = Recipient { role: Role::Copy, ..to };
    let rendered = rendered(&letter("Text."));
    for (preview_to, preview_copy) in [
        (rendered.preview_text(&to).unwrap(), rendered.preview_text(&copy).unwrap()),
        (rendered.preview_html(&to).unwrap(), rendered.preview_html(&copy).unwrap()),
    ] {
        assert!(!preview_to.contains("Copy, for information") && preview_copy.contains("Copy, for information"));
        assert!(preview_to.len() < preview_copy.len());
    }
    let test = render(&letter("Text."), &Layout::builtin(), Marked::TestCopy).unwrap();
    assert!(test.preview_subject(&to).unwrap().starts_with("[TEST] Circular"));
    assert!(test.preview_text(&to).unwrap().contains("has not been issued"));
    assert!(test.preview_html(&to).unwrap().contains("has not been issued"));
}

#[test]
fn the_text_part_reads_like_the_letter() {
    let mut letter = letter(
        "As recognized by the [Declaration](https://g20.example/rome), the work goes on and on and on and on, \
         {{ addressee.country }}.\n\n1. Send **now** to cop@itu.example.\n2. Share:\n   - one\n   - two\n\n> Quoted.\n\n\
         | Region | Seats |\n|---|--:|\n| Africa | 12 |\n",
    );
    letter.copy = vec![AddresseeLine { text: "Academia".into(), line: 9 }];
    let fields = fields(&[("country", "Côte d'Ivoire")]);
    let text = rendered(&letter).preview_text(&recipient("M", &fields)).unwrap();
    assert_eq!(
        text,
        "Telecommunication Development Bureau\n\nRef.: Circular BDT/DNS/DGS/112\n\nGeneva, 3 December 2021\n\nTo:\n\n\
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
    let html = rendered.preview_html(&recipient("M", &fields)).unwrap();
    assert!(html.contains("<html lang=\"ar\" dir=\"rtl\">") && html.contains("<bdi>Circular BDT/DNS/DGS/112</bdi>"));
    let text = rendered.preview_text(&recipient("M", &fields)).unwrap();
    assert!(text.contains("المرجع: \u{2068}Circular BDT/DNS/DGS/112\u{2069}"), "{text}");
    assert!(!rendered.preview_subject(&recipient("M", &fields)).unwrap().contains('\u{2068}'));
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
        if subject.contains("=?") {
            assert_eq!(refusals(&letter)[0].line, 10);
            continue;
        }
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
fn an_address_that_could_end_its_header_is_refused() {
    let fields = fields(&[]);
    let rendered = rendered(&letter("Text."));
    for address in [
        "a@b>\r\nRCPT TO:<evil",
        "a b@c.example",
        "a@b.example, c@d.example",
        "<a@b.example>",
        "ab.example",
        "@b",
        "a@",
    ] {
        let recipient = Recipient { address, ..recipient("M", &fields) };
        assert!(
            matches!(compose(&rendered, &head(), &DELIVERY, &recipient), Err(ComposeError::Address { .. })),
            "{address}"
        );
    }
    let local = Recipient { address: "用户@ministry.example", ..recipient("M", &fields) };
    assert!(compose(&rendered, &head(), &DELIVERY, &local).unwrap().needs_smtputf8);
    assert!(!compose(&rendered, &head(), &DELIVERY, &recipient("王", &fields)).unwrap().needs_smtputf8);
}

#[test]
fn a_link_that_an_addressee_brings_must_be_one() {
    let rendered = rendered(&letter("[Your form]({{ addressee.form }})"));
    for (form, is_fine) in [
        ("https://x.example/a?b=<c>", true),
        ("mailto:a@b.example", true),
        ("javascript:alert(1)", false),
        ("data:text/html,x", false),
        ("x", false),
    ] {
        let fields = fields(&[("form", form)]);
        assert_eq!(rendered.preview_html(&recipient("M", &fields)).is_ok(), is_fine, "{form}");
        assert_eq!(rendered.objections(&recipient("M", &fields)).is_empty(), is_fine, "{form}");
    }
    for body in [
        "[x](https://{{ addressee.form }}/)",
        "[x](https://a.example{{ addressee.form }})",
        "[x](x:{{ addressee.form }})",
    ] {
        assert_eq!(refusals(&letter(body)).len(), 1, "{body}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_a_letter_and_a_list_hold_either_it_is_refused_or_it_fits_the_wire(
        body in "(\\PC|[\r\n\t .*_#`<>|\\[\\]()!-]){1,400}",
        subject in "\\PC{1,300}",
        name in "\\PC{0,200}",
        value in "(\\PC|[\r\n\0]){0,60}",
    ) {
        let mut letter = letter(&format!("{body}\n\n{{{{ addressee.own | default(\"-\") }}}}"));
        letter.subject = found(subject, 10);
        let fields = fields(&[("own", &value)]);
        if let Ok(rendered) = render(&letter, &Layout::builtin(), Marked::No) {
            let recipient = recipient(&name, &fields);
            match compose(&rendered, &head(), &DELIVERY, &recipient) {
                Ok(message) => {
                    prop_assert!(verify_octets(&message.octets).is_ok());
                    prop_assert!(message.octets.is_ascii());
                    let text = String::from_utf8(message.octets).unwrap();
                    prop_assert_eq!(headers(&text).len(), 12);
                }
                Err(ComposeError::Octets { line, what }) => prop_assert!(false, "line {} {}", line, what),
                Err(_) => prop_assert!(!rendered.objections(&recipient).is_empty()),
            }
        }
    }
}
