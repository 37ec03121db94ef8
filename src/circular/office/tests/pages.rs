//! Web pages.

use super::*;

#[test]
fn a_web_page_is_read_as_a_browser_shows_it() {
    let cases = [
        ("<p>One\n  <b>two</b>&nbsp;three<br>four</p>", "One **two**\u{a0}three\\\nfour"),
        ("<script>x</script><style>p {}</style><p>a &lt;b&gt; *c*", "a \\<b> \\*c\\*"),
        ("<ol start=3><li>c<li>d<ul><li>e</ul></ol>", "3. c\n4. d\n   - e"),
        ("<ol type=a><li>x<li>y</ol>", "a. x\n\nb. y"),
        ("<h2>Part <b>one</b></h2><p>x", "## Part one\n\nx"),
        ("<a href='https://cop.example/'>pages</a>, <a href='#n'>here</a>", "[pages](https://cop.example/), here"),
        ("<table><tr><th>A<th>B<tr><td>1<td>2<br>3</table>", "| A | B |\n|---|---|\n| 1 | 2 / 3 |\n"),
        ("<div>one</div><div>two</div>", "one\\\ntwo"),
        ("<p>m<sup>2</sup> in<wbr>side&shy;</p>", "m² inside"),
        ("<pre>a\n  b</pre>", "a\\\nb"),
        ("<p>{{ addressee.<b>name</b> }}</p>", "{{ addressee.name }}"),
    ];
    for (html, lines) in cases {
        assert_eq!(web_body(html), lines, "{html}");
    }
}

#[test]
fn no_stray_backslash_stands_where_a_typed_list_or_the_closing_begins() {
    let cases = [
        ("Short.<br>1. one<br>2. two<br>text<br>3. three", "Short.\n1. one\n2. two\\\ntext\n3. three"),
        ("Short.<br>- one<br>- two", "Short.\n- one\n- two"),
        // no list begins with two inside of a paragraph
        ("Short.<br>2. two<br>3. three", "Short.\\\n2. two\\\n3. three"),
        ("2. two<br>3. three", "2. two\n3. three"),
        ("one<br>1.5 m<br>-2", "one\\\n1.5 m\\\n-2"),
    ];
    for (html, lines) in cases {
        assert_eq!(web_body(&format!("<p>{html}</p>")), lines, "{html}");
        let divided: String = html.split("<br>").map(|line| format!("<div>{line}</div>")).collect();
        assert_eq!(web_body(&divided), lines, "{html}");
    }
}

#[test]
fn words_own_web_pages_have_lists_blank_lines_and_hidden_parts() {
    let html = "<!--[if gte mso 9]><xml><w:x>no</w:x></xml><![endif]--><p class=MsoNormal><o:p>&nbsp;</o:p></p>\
        <p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>·<span>&nbsp;&nbsp; </span></span><![endif]>Regulators</p>\
        <p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>1.<span>&nbsp;</span></span>Inner</p>\
        <p class=MsoNormal>End<span style='mso-tab-count:1'>&nbsp;&nbsp; </span>x<o:p></o:p></p>\
        <div style='mso-element:comment-list'>secret</div><p style='display:none'>hidden</p>";
    assert_eq!(web_body(html), "- Regulators\n  1. Inner\n\nEnd\tx");
    let source = web(&format!("<p>Dear Sir/Madam,</p>{html}<s>x</s><img src=a><a href='#'>link</a>"));
    for found in ["hidden text is", "comment stands", "struck through", "picture is", "link without a target: \"link\""]
    {
        assert!(tells(&source, found), "{found}: {:?}", messages(&source));
    }
}

#[test]
fn a_page_laid_out_in_tables_is_read_through_and_names_its_lines() {
    let html = "<html><body>\n<table><tr><td>\n<table>\n<tr><td>Ref.:</td><td>Circular 1</td></tr>\n<tr><td>To:</td><td>Regulators<br>Academia</td></tr>\n\
        </table>\n<p>Subject: X</p>\n<p>Dear Sir/Madam,</p>\n<p>Text.</p>\n</td></tr></table></body></html>";
    let source = web(html);
    assert_eq!(
        source.text.trim_end(),
        "Ref.:\nCircular 1\n\nTo:\nRegulators\nAcademia\n\nSubject: X\n\nDear Sir/Madam,\n\nText."
    );
    assert_eq!((source.places.of(2), source.places.of(5), source.places.of(12)), (4, 5, 9));
}

#[test]
fn a_file_that_is_no_web_page_is_refused() {
    for (text, found) in [
        ("PK\u{3}\u{4}", "name it .docx"),
        ("%PDF-1", "PDF"),
        ("", "empty"),
        ("Ref.: x", "name it .txt"),
        ("<p> </p>", "no text"),
        (&format!("<p>x{}", "<br>y".repeat(20_001)), "20002 lines"),
        (&format!("<p>{}", "x".repeat(1_100_000)), "KiB of text"),
    ] {
        let source = web(text);
        assert!(source.text.is_empty() && tells(&source, found), "{text}: {:?}", messages(&source));
    }
}
