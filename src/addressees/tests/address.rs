//! What is an address, and the reason given for what is none.

use crate::addressees::{Address, Mailbox};

fn reason(text: &str) -> String {
    match Address::parse(text) {
        Ok(address) => format!("taken as {address}"),
        Err(flaw) => flaw.flaw.to_string(),
    }
}

#[test]
fn plain_and_internationalised_addresses_are_taken_in_wire_form() {
    let long_local = format!("{}@b.example", "a".repeat(64));
    for (written, wire) in [
        ("a@b.example", "a@b.example"),
        ("Dg.Office+itu@Regul.Example", "Dg.Office+itu@regul.example"),
        ("o'neill@b.example", "o'neill@b.example"),
        ("x!#$%&'*+-/=?^_`{|}~@b.example", "x!#$%&'*+-/=?^_`{|}~@b.example"),
        ("info@münchen.example", "info@xn--mnchen-3ya.example"),
        ("info@MÜNCHEN.example", "info@xn--mnchen-3ya.example"),
        ("info@mu\u{308}nchen.example", "info@xn--mnchen-3ya.example"),
        ("info@xn--mnchen-3ya.example", "info@xn--mnchen-3ya.example"),
        ("info@почта.example", "info@xn--80a1acny.example"),
        ("info@例子.example", "info@xn--fsqu00a.example"),
        ("zoë@b.example", "zoë@b.example"),
        ("zoe\u{308}@b.example", "zoë@b.example"),
        ("用户@b.example", "用户@b.example"),
        ("a@3com.example", "a@3com.example"),
        (long_local.as_str(), long_local.as_str()),
    ] {
        assert_eq!(Address::parse(written).map(|a| a.as_str().to_owned()), Ok(wire.to_owned()), "{written}");
    }
}

#[test]
fn every_flaw_has_its_own_reason() {
    let long_local = format!("{}@b.example", "a".repeat(65));
    let long = format!("a@{}.example", vec!["b".repeat(60); 5].join("."));
    let label = format!("a@{}.example", "b".repeat(64));
    for (text, wanted) in [
        ("", "it is empty"),
        ("regulator", "no @ sign"),
        ("same as above", "no @ sign"),
        ("a@@b.example", "two @ signs"),
        ("a@b@c@d.example", "3 @ signs"),
        ("@b.example", "nothing before the @"),
        ("a@", "nothing after the @"),
        ("a b@c.example", "a blank inside; part several addresses with a semicolon"),
        ("a@b.example c@d.example", "a blank inside; part several addresses with a semicolon"),
        ("a\u{a0}b@c.example", "a blank inside; part several addresses with a semicolon"),
        ("a@b", "the domain \"b\" has no dot"),
        ("a@localhost", "the domain \"localhost\" has no dot"),
        ("a..b@c.example", "two dots in a row"),
        ("a@b..example", "two dots in a row"),
        (".a@b.example", "the part before the @ begins with a dot"),
        ("a.@b.example", "the part before the @ ends with a dot"),
        ("a@.b.example", "a dot directly after the @"),
        ("a@b.example.", "it ends with a dot; delete the dot"),
        ("a@b,example", "a comma where the domain needs a dot"),
        ("\"a b\"@c.example", "a local part in quotation marks is not taken; ask the office for a plain address"),
        ("a@[127.0.0.1]", "an address literal in square brackets is not taken; write the domain's name"),
        ("a@127.0.0.1", "\"127.0.0.1\" is not a domain name"),
        ("a@b_c.example", "\"b_c.example\" is not a domain name"),
        ("a@-b.example", "\"-b.example\" is not a domain name"),
        ("a@xn--zzzzz99999.example", "\"xn--zzzzz99999.example\" is not a domain name"),
        ("a(at)b.example", "write @ instead of (at)"),
        ("a [at] b.example", "write @ instead of [at]"),
        ("[email protected]", "a web site has hidden it; ask the office for its address"),
        ("[email\u{a0}protected]", "a web site has hidden it; ask the office for its address"),
        ("http://www.b.example", "it is a web address"),
        ("www.b.example", "it is a web address"),
        ("+41 22 730 51 11", "it looks like a telephone number"),
        ("a,b@c.example", "the character \",\" (U+002C) cannot stand before the @"),
        ("a–b@c.example", "the character \"–\" (U+2013) cannot stand before the @"),
        ("ａ@c.example", "the character \"ａ\" (U+FF41) cannot stand before the @"),
        ("<a@b.example>", "angle brackets belong around it only together with a name, as in \"Name <a@b.example>\""),
        ("a\u{200b}b@c.example", "the character U+200B inside, which cannot be seen; type the address anew"),
        ("a\u{202e}b@c.example", "the character U+202E inside, which cannot be seen; type the address anew"),
        ("a@b\u{ad}c.example", "the character U+00AD inside, which cannot be seen; type the address anew"),
        ("a\0@c.example", "the character U+0000 inside, which cannot be seen; type the address anew"),
        (long_local.as_str(), "65 octets before the @, and RFC 5321 allows 64"),
        (label.as_str(), &format!("\"{}.example\" is not a domain name", "b".repeat(64))),
    ] {
        assert_eq!(reason(text), wanted, "{text:?}");
    }
    assert!(Address::parse(&long).is_err(), "an address of more than 254 octets was taken");
}

#[test]
fn an_address_of_254_octets_is_taken_and_one_of_255_is_not() {
    let address = |length: usize| {
        let domain = format!("{}.{}.{}.example", "b".repeat(63), "c".repeat(63), "d".repeat(63));
        format!("{}@{domain}", "a".repeat(length - 1 - domain.len()))
    };
    assert!(Address::parse(&address(254)).is_ok());
    assert_eq!(reason(&address(255)), "255 octets, and RFC 5321 allows 254");
}

#[test]
fn a_letter_that_only_looks_latin_is_named() {
    for (text, script, code) in [
        ("m\u{430}il@b.example", "Cyrillic", "U+0430"),
        ("mail@ex\u{430}mple.example", "Cyrillic", "U+0430"),
        ("mail@b.ex\u{430}mple", "Cyrillic", "U+0430"),
        ("inf\u{3bf}@b.example", "Greek", "U+03BF"),
        ("mail@\u{441}\u{43e}\u{441}\u{43e}.example", "Cyrillic", "U+0441"),
        ("\u{441}\u{43e}\u{440}@b.example", "Cyrillic", "U+0441"),
        ("mail@ex\u{251}mple.example", "phonetic", "U+0251"),
    ] {
        let said = reason(text);
        assert!(said.contains(script) && said.contains(code), "{text}: {said}");
    }
}

#[test]
fn nothing_that_could_end_a_command_line_is_taken() {
    for text in ["a@b.example>\r\nRCPT TO:<evil@c.example", "a@b.example\r\n", "a\r@b.example", "a@b.example\u{2028}"] {
        assert!(Address::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn the_message_names_the_text_and_shows_what_is_invisible() {
    let said = |text| Address::parse(text).unwrap_err().to_string();
    assert_eq!(said("a@@b.example"), "\"a@@b.example\" is not an address: two @ signs");
    assert!(said("a\u{200b}b@c.example").starts_with("\"a\\u{200b}b@c.example\" is not"));
    assert!(said(&"x".repeat(10_000)).len() < 200);
}

#[test]
fn a_mailbox_is_one_whatever_the_case_and_the_form() {
    let mailbox = |text| Address::parse(text).unwrap().mailbox();
    assert_eq!(mailbox("MISSION@Exemplie.example"), mailbox("mission@exemplie.EXAMPLE"));
    assert_eq!(mailbox("ZOË@b.example"), mailbox("zoe\u{308}@b.example"));
    assert_eq!(mailbox("a@MÜNCHEN.example").as_str(), "a@xn--mnchen-3ya.example");
    assert_ne!(mailbox("a.b@c.example"), mailbox("ab@c.example"));
    let sorted: Vec<Mailbox> = ["b@c.example", "A@c.example"].map(mailbox).into_iter().collect();
    assert!(sorted[1] < sorted[0]);
}

#[test]
fn only_a_local_part_beyond_ascii_needs_smtputf8() {
    assert!(!Address::parse("info@münchen.example").unwrap().needs_smtputf8());
    assert!(Address::parse("zoë@b.example").unwrap().needs_smtputf8());
    let address = Address::parse("Info@München.example").unwrap();
    assert_eq!((address.local(), address.domain()), ("Info", "xn--mnchen-3ya.example"));
}
