//! Octets that are no letter, or no longer one: read or refused, never a panic.

use proptest::prelude::*;

use super::*;

/// As deep as anything is read, on the stack that a thread has.
#[test]
fn what_nests_deeply_is_read_or_refused() {
    let nested = |open: &str, close: &str, depth: usize| format!("{}x{}", open.repeat(depth), close.repeat(depth));
    for depth in [60, 190, 5_000] {
        for (open, close) in
            [("<div>", "</div>"), ("<b>", "</b>"), ("<ul><li>", "</li></ul>"), ("<table><tr><td>", "</table>")]
        {
            let source = web(&nested(open, close, depth));
            assert!(source.text.contains('x') || tells(&source, "nest deeper"), "{open}");
        }
        for (open, close) in [
            ("<w:p>", "</w:p>"),
            ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"),
            ("<w:ins>", "</w:ins>"),
            ("<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>"),
            ("<w:p><w:r><w:pict><w:txbxContent>", "</w:txbxContent></w:pict></w:r></w:p>"),
        ] {
            let source = read(&docx(&nested(open, close, depth).replace('x', &p("x"))));
            assert!(!source.text.is_empty() || !source.problems.is_empty(), "{open}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_word_files_never_panic(cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12), end in any::<prop::sample::Index>()) {
        let mut octets = docx(&in_body(&table(&[&["To:", "A"], &["b", "{{ c }}"]])));
        for (at, octet) in cuts {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        read(&octets);
        octets.truncate(end.index(octets.len()));
        read(&octets);
    }

    #[test]
    fn any_xml_in_a_document_is_read_or_refused(parts in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let source = read(&docx(&parts.concat()));
        prop_assert!(!source.text.is_empty() || !source.problems.is_empty());
    }

    #[test]
    fn any_page_is_read_or_refused(parts in prop::collection::vec(prop::sample::select(TAGS), 0..80), noise in ".{0,40}") {
        let source = web(&format!("{}{noise}", parts.concat()));
        prop_assert!(!source.text.is_empty() || !source.problems.is_empty());
        web(&noise);
    }

    #[test]
    fn any_octets_are_read_or_refused(octets in prop::collection::vec(any::<u8>(), 0..400)) {
        for form in [Form::Word, Form::Web, Form::Foreign] {
            source("x.docx", form, &octets);
        }
    }
}

const PIECES: &[&str] = &[
    "<w:p>",
    "</w:p>",
    "<w:r>",
    "</w:r>",
    "<w:t>Ref.: Circular 1</w:t>",
    "<w:t>To</w:t>",
    "<w:t> {{ </w:t>",
    "<w:t> }} * _ | # </w:t>",
    "<w:tbl>",
    "</w:tbl>",
    "<w:tr>",
    "</w:tr>",
    "<w:tc>",
    "</w:tc>",
    "<w:br/>",
    "<w:p><w:r><w:t>Dear Sir,</w:t></w:r></w:p>",
    "<w:p><w:pPr><w:numPr><w:ilvl w:val='9'/><w:numId w:val='1'/></w:numPr></w:pPr></w:p>",
    "<w:fldChar w:fldCharType='begin'/>",
    "<w:fldChar w:fldCharType='end'/>",
    "<w:instrText>HYPERLINK \"</w:instrText>",
    "<w:rPr><w:b/><w:i/></w:rPr>",
    "<w:tc><w:p/></w:tc>",
    "<w:tr><w:tc><w:p><w:r><w:t>To:</w:t></w:r></w:p></w:tc><w:tc/></w:tr>",
    "<w:p><w:r><w:t>Yours faithfully,</w:t></w:r></w:p>",
    "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>",
];

const TAGS: &[&str] = &[
    "<p>",
    "</p>",
    "<table>",
    "</table>",
    "<tr>",
    "<td>",
    "<th colspan=999>",
    "</td>",
    "<ul>",
    "<ol start=4294967295>",
    "<li>",
    "</ul>",
    "<b>",
    "</b>",
    "<i>",
    "<a href='x'>",
    "</a>",
    "<br>",
    "<pre>",
    "<!--",
    "-->",
    "<![if x]>",
    "Ref.: Circular 1",
    "Dear Sir,",
    "To:",
    "{{ a",
    "}}",
    "&nbsp;",
    "&#0;",
    "&x;",
    "<span style='mso-list:Ignore'>",
    "</span>",
    "<h9>",
    "<h1>",
    "<script>",
    "</script>",
    "<del>",
    "<sup>2",
    "|",
];
