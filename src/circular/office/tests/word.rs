//! Word documents.

use super::*;

#[test]
fn runs_breaks_and_signs_become_a_line_of_markdown() {
    let cases = [
        (
            "<w:p><w:r><w:t xml:space='preserve'>One </w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>two</w:t></w:r></w:p>",
            "One **two**",
        ),
        ("<w:p><w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:tab/><w:t>c</w:t></w:r></w:p>", "a\\\nb\tc"),
        (
            "<w:p><w:r><w:t>ITU</w:t><w:noBreakHyphen/><w:t>D in</w:t><w:softHyphen/><w:t>form</w:t></w:r></w:p>",
            "ITU\u{2011}D inform",
        ),
        (
            "<w:p><w:r><w:sym w:font='Wingdings' w:char='F0FC'/><w:t> m</w:t></w:r><w:r><w:rPr><w:vertAlign w:val='superscript'/></w:rPr><w:t>2</w:t></w:r></w:p>",
            "✓ m²",
        ),
        ("<w:p><w:r><w:rPr><w:rtl/><w:bCs/></w:rPr><w:t>نص</w:t></w:r></w:p>", "**نص**"),
        (
            "<w:p><w:r><w:t>Dear {{ addres</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>see.name }</w:t></w:r><w:r><w:t>}</w:t></w:r></w:p>",
            "Dear {{ addressee.name }}",
        ),
        ("<w:p><w:r><w:t>5 * 3 &lt;b&gt; &amp; # x</w:t></w:r></w:p>", "5 \\* 3 \\<b> & # x"),
        (
            "<w:p><w:ruby/><w:r><w:ruby><w:rt><w:r><w:t>x</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>",
            "漢",
        ),
        ("<w:p><w:sdt><w:sdtContent><w:r><w:t>kept</w:t></w:r></w:sdtContent></w:sdt></w:p>", "kept"),
        ("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>no</w:t></w:r><w:r><w:t>yes</w:t></w:r></w:p>", "yes"),
    ];
    for (xml, line) in cases {
        assert_eq!(word_body(xml), line, "{xml}");
    }
}

#[test]
fn links_lead_where_they_led() {
    let link = format!(
        "<Relationship Id='rId9' Type='{KIND}/hyperlink' Target='https://cop.example/a b' TargetMode='External'/>"
    );
    let xml = "<w:p><w:r><w:t xml:space='preserve'>See </w:t></w:r><w:hyperlink r:id='rId9'><w:r><w:t>pages</w:t></w:r></w:hyperlink></w:p>";
    let source = read(&docx_with(&in_body(xml), &[], &link));
    assert_eq!(body_of(&source), "See [pages](https://cop.example/a%20b)");
    let field = "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText> HYPERLINK \"https://cop</w:instrText></w:r>\
        <w:r><w:instrText>.example\" </w:instrText></w:r><w:r><w:fldChar w:fldCharType='separate'/></w:r>\
        <w:r><w:t>pages</w:t></w:r><w:r><w:fldChar w:fldCharType='end'/></w:r><w:r><w:t>!</w:t></w:r></w:p>";
    assert_eq!(word_body(field), "[pages](https://cop.example)!");
    let endless = format!("<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r></w:p>{}", p("Lost."));
    assert!(tells(&read(&docx(&in_body(&endless))), "a field does not end"));
    let merge = "<w:p><w:fldSimple w:instr=' MERGEFIELD Country '><w:r><w:t>«Country»</w:t></w:r></w:fldSimple><w:r><w:t>.</w:t></w:r></w:p>";
    assert_eq!(word_body(merge), "{{ addressee.country }}.");
}

#[test]
fn lists_have_the_markers_that_word_prints() {
    let numbering = format!(
        "<w:numbering {W}><w:abstractNum w:abstractNumId='0'><w:lvl w:ilvl='0'><w:numFmt w:val='decimal'/><w:lvlText w:val='%1.'/></w:lvl>\
         <w:lvl w:ilvl='1'><w:numFmt w:val='bullet'/><w:lvlText w:val='·'/></w:lvl></w:abstractNum>\
         <w:num w:numId='3'><w:abstractNumId w:val='0'/></w:num></w:numbering>"
    );
    let item = |level: u8, text: &str| {
        format!(
            "<w:p><w:pPr><w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='3'/></w:numPr></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"
        )
    };
    let body = [item(0, "one"), item(1, "inner"), item(0, "two"), p("Between."), item(0, "three")].concat();
    let source = read(&docx_with(&in_body(&body), &[("numbering.xml", &numbering)], ""));
    assert_eq!(body_of(&source), "1. one\n   - inner\n2. two\n\nBetween.\n\n3. three");
}

#[test]
fn a_text_box_is_read_once_and_stands_above_its_paragraph() {
    let inner = format!("<w:txbxContent>{}</w:txbxContent>", p("In the box."));
    let xml = format!(
        "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>{inner}</w:drawing></mc:Choice>\
         <mc:Fallback><w:pict><v:shape>{inner}</v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>Below.</w:t></w:r></w:p>"
    );
    assert_eq!(word_body(&xml), "In the box.\n\nBelow.");
}

#[test]
fn changes_comments_pictures_and_notes_in_the_margin_are_told() {
    let xml = "<w:p><w:r><w:t xml:space='preserve'>By </w:t></w:r><w:ins w:id='1'><w:r><w:t>May</w:t></w:r></w:ins>\
        <w:del w:id='2'><w:r><w:delText>June</w:delText></w:r></w:del><w:r><w:commentReference w:id='0'/></w:r>\
        <w:r><w:drawing><pic:pic/></w:drawing></w:r></w:p>";
    let source = read(&docx(&in_body(xml)));
    assert_eq!(body_of(&source), "By May");
    for (severity, words) in
        [("warning:2: 2 tracked changes are", ""), ("warning:2: a comment stands", ""), ("note:2: a picture is", "")]
    {
        assert!(
            tells(&source, words) && messages(&source).iter().any(|m| m.starts_with(severity)),
            "{:?}",
            messages(&source)
        );
    }
    let joined = "<w:p><w:pPr><w:rPr><w:del w:id='3'/></w:rPr></w:pPr><w:r><w:t xml:space='preserve'>One </w:t></w:r></w:p><w:p><w:r><w:t>two.</w:t></w:r></w:p>";
    assert_eq!(word_body(joined), "One two.");
}

#[test]
fn what_would_change_the_meaning_is_an_error() {
    let prompt = "<w:p><w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>Click here</w:t></w:r></w:sdtContent></w:sdt></w:p>";
    for (xml, found) in [
        ("<w:p><w:r><w:rPr><w:strike/></w:rPr><w:t>5 May</w:t></w:r></w:p>", "\"5 May\" is struck through"),
        ("<w:p><m:oMath><m:r><m:t>x</m:t></m:r></m:oMath></w:p>", "formula"),
        (prompt, "form field is not filled in"),
        ("<w:altChunk r:id='x'/>", "embedded"),
    ] {
        let source = read(&docx(&in_body(xml)));
        assert!(
            messages(&source).iter().any(|m| m.starts_with("error:") && m.contains(found)),
            "{:?}",
            messages(&source)
        );
    }
}

#[test]
fn footnotes_stand_below_a_rule_with_their_numbers() {
    let notes =
        format!("<w:footnotes {W}><w:footnote w:id='2'>{}</w:footnote></w:footnotes>", p("See Resolution 179."));
    let xml = format!("<w:p><w:r><w:t>Text</w:t><w:footnoteReference w:id='2'/><w:t>.</w:t></w:r></w:p>{}", p("More."));
    let source = read(&docx_with(&in_body(&xml), &[("footnotes.xml", &notes)], ""));
    assert_eq!(body_of(&source), "Text¹.\\\nMore.\n\n***\n\n¹ See Resolution 179.");
    assert_eq!(source.places.of(u32::try_from(source.text.lines().count()).unwrap()), 2);
}

#[test]
fn the_first_header_is_the_letterhead_and_other_furniture_is_told() {
    let header = format!("<w:hdr {W}>{}{}</w:hdr>", p("Development Bureau"), p("Ref.: Circular 7"));
    let footer = format!("<w:ftr {W}>{}</w:ftr>", p("Place des Nations"));
    let numbered = format!(
        "<w:hdr {W}><w:p><w:r><w:t>- </w:t></w:r><w:fldSimple w:instr='PAGE'><w:r><w:t>2</w:t></w:r></w:fldSimple></w:p></w:hdr>"
    );
    let section = "<w:sectPr><w:headerReference w:type='first' r:id='header1.xml'/><w:headerReference w:type='default' r:id='header2.xml'/>\
        <w:footerReference w:type='default' r:id='footer1.xml'/><w:titlePg/></w:sectPr>";
    let others = [("header1.xml", header.as_str()), ("header2.xml", &numbered), ("footer1.xml", &footer)];
    let body = format!("{}{}{section}", p("Subject: X"), p("Dear Sir/Madam,"));
    let source = read(&docx_with(&body, &others, ""));
    assert!(source.text.starts_with("Development Bureau\nRef.: Circular 7\n\nSubject: X"), "{}", source.text);
    assert!(
        tells(&source, "is taken as the letterhead")
            && tells(&source, "\"Place des Nations\" stands in a header or footer")
    );
    let own = format!("{}{body}", p("Ref.: Circular 8"));
    let source = read(&docx_with(&own, &others, ""));
    assert!(!source.text.contains("Circular 7") && tells(&source, "which the text says itself"), "{}", source.text);
    let hidden = format!("<w:ftr {W}>{}</w:ftr>", p("cc: Permanent Missions"));
    let others = [("header1.xml", header.as_str()), ("header2.xml", &numbered), ("footer1.xml", &hidden)];
    assert!(
        messages(&read(&docx_with(&body, &others, "")))
            .iter()
            .any(|m| m.starts_with("error:") && m.contains("cc: Permanent"))
    );
}

#[test]
fn tables_of_the_head_are_read_as_a_person_reads_them() {
    let cases: &[(&[&[&str]], &str)] = &[
        (
            &[&["Ref.:", "Circular 1"], &["To:", "Regulators\nAcademia"]],
            "Ref.:\nCircular 1\n\nTo:\nRegulators\nAcademia",
        ),
        (&[&["Ref.:\nTel.:", "Circular 1\n+41"]], "Ref.:\nCircular 1\nTel.:\n+41"),
        (&[&["To", "Copy"], &["Regulators", "Academia"]], "To\nRegulators\n\nCopy\nAcademia"),
        (&[&["To:", "Regulators"], &["", "Academia"]], "To:\nRegulators\n\nAcademia"),
    ];
    for (rows, lines) in cases {
        let source = read(&docx(&in_head(&table(rows))));
        assert_eq!(source.text.split("\n\nSubject:").next(), Some(*lines), "{rows:?}");
        assert!(!messages(&source).iter().any(|m| m.starts_with("error:")), "{:?}", messages(&source));
    }
    let source = read(&docx(&in_head(&table(&[&["Ref.:\nTo:\nSubject:", "Circular 1\nRegulators\nAcademia\nX"]]))));
    assert!(tells(&source, "3 labels (Ref.:, To:, Subject:) in one cell and 4 lines"), "{:?}", messages(&source));
}

fn in_head(xml: &str) -> String {
    format!("{xml}{}{}", p("Subject: X"), p("Dear Sir/Madam,"))
}

#[test]
fn tables_of_the_text_are_data_and_those_below_it_signatures() {
    let data = table(&[&["Date", "What | how"], &["3 May", "Open\nClose"]]);
    assert_eq!(word_body(&data), "| Date | What \\| how |\n|---|---|\n| 3 May | Open / Close |\n");
    let signed =
        format!("{}{}", p("Yours faithfully,"), table(&[&["A. Example", "B. Sample"], &["Director", "Chief"]]));
    assert_eq!(word_body(&signed), "Yours faithfully,\n\nA. Example\\\nDirector\n\nB. Sample\\\nChief\n");
    let framed = format!("<w:tbl><w:tr><w:tc>{}{}</w:tc></w:tr></w:tbl>", p("One."), p("Two."));
    assert_eq!(word_body(&framed), "One.\n\nTwo.\n");
}

#[test]
fn an_optional_head_is_no_markdown() {
    let xml =
        [p("—-"), p("repeat: 0 9 * * Mon"), p("reply-to: cop@itu.example"), p("---"), p("Ref.: Circular 1")].concat();
    let source = read(&docx(&xml));
    assert_eq!(source.text, "---\nrepeat: 0 9 * * Mon\nreply-to: cop@itu.example\n---\n\nRef.: Circular 1");
    let places: Vec<u32> = (1..=6).map(|line| source.places.of(line)).collect();
    assert_eq!(places, [1, 2, 3, 4, 4, 5]);
}

#[test]
fn a_file_that_is_no_word_document_is_refused_with_what_it_is() {
    let workbook = package(&[("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<x/>")]);
    let entity = package(&[("_rels/.rels", "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")]);
    let bomb = docx(&p(&"a".repeat(20 * 1024 * 1024)));
    let many: Vec<String> = (0..2_100).map(|number| number.to_string()).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "")).collect();
    for (octets, found) in [
        (workbook, "Excel workbook"),
        (entity, "document type definition"),
        (bomb, "unpacks to more than"),
        (package(&many), "2100 parts"),
        (docx("<w:p>"), "damaged"),
        (docx(&p(" ")), "holds no text"),
        (docx("<w:p><w:r><w:drawing><pic:pic/></w:drawing></w:r></w:p>"), "holds no text"),
    ] {
        let source = read(&octets);
        assert!(
            source.text.is_empty() && source.problems.len() == 1 && tells(&source, found),
            "{:?}",
            messages(&source)
        );
    }
    assert!(tells(&source("bdt.pdf", Form::Foreign, b"%PDF"), "save it as .docx"));
}
