//! What addressees' data can do to a message: nothing but stand in their place.

use proptest::prelude::*;

use super::*;

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
        let message = compose(&rendered, &head(), &DELIVERY, &recipient, &[]).unwrap();
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
            let error = compose(&rendered, &head(), &DELIVERY, &recipient, &[]).unwrap_err();
            assert!(matches!(&error, ComposeError::Unsafe { field, .. } if field == "name"), "{error}");
            assert!(error.to_string().starts_with("office@ministry.example: "), "{error}");
            assert!(!rendered.objections(&recipient).is_empty());
        }
        let only_header = super::letter("Text.");
        assert!(compose(&super::rendered(&only_header), &head(), &DELIVERY, &recipient(nasty, &fields), &[]).is_err());
    }
}

#[test]
fn a_missing_or_empty_field_is_named_before_and_at_composition() {
    let rendered =
        rendered(&letter("{{ addressee.title | default(\"Sir\") }} {{ addressee.name }} {{ addressee.seat }}"));
    assert_eq!(rendered.fields(), [("title", 14), ("name", 14), ("seat", 14)]);
    let empty = fields(&[("name", "  ")]);
    assert_eq!(rendered.missing_fields(&recipient("M", &empty)), ["name", "seat"]);
    let error = compose(&rendered, &head(), &DELIVERY, &recipient("M", &empty), &[]).unwrap_err();
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
            matches!(compose(&rendered, &head(), &DELIVERY, &recipient, &[]), Err(ComposeError::Address { .. })),
            "{address}"
        );
    }
    let local = Recipient { address: "用户@ministry.example", ..recipient("M", &fields) };
    assert!(compose(&rendered, &head(), &DELIVERY, &local, &[]).unwrap().needs_smtputf8);
    assert!(!compose(&rendered, &head(), &DELIVERY, &recipient("王", &fields), &[]).unwrap().needs_smtputf8);
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
            match compose(&rendered, &head(), &DELIVERY, &recipient, &[]) {
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
