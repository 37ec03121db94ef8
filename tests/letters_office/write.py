"""Writes the Word documents of this folder, part by part, as Word lays them out. Run it after a change:

    python3 tests/letters_office/write.py

The texts are our own. Each document has something that Word does and a text editor does not: NAME.expected.json beside it
says how its letter is understood all the same.
"""

import pathlib
import zipfile
from xml.sax.saxutils import escape

HERE = pathlib.Path(__file__).resolve().parent
SAMPLE = HERE.parents[1] / "templates/_sample.txt"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{name}"'
    for prefix, name in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "v": "urn:schemas-microsoft-com:vml",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    }.items()
)
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml"

STYLES = """
<w:docDefaults><w:pPrDefault><w:pPr><w:spacing w:after="160"/></w:pPr></w:pPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Tight"><w:name w:val="No Spacing"/><w:basedOn w:val="Normal"/>
<w:pPr><w:spacing w:after="0"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="ListBullet"><w:name w:val="List Bullet"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="character" w:styleId="Strong"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style>
"""
NUMBERING = """
<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="&#xF0B7;"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
"""


def r(text, properties=""):
    """A run; "\\n" is a line break, "\\t" a tabulator."""
    inner = ""
    for number, line in enumerate(text.split("\n")):
        inner += "<w:br/>" if number else ""
        for column, part in enumerate(line.split("\t")):
            inner += "<w:tab/>" if column else ""
            inner += f'<w:t xml:space="preserve">{escape(part)}</w:t>' if part else ""
    return f"<w:r>{'<w:rPr>' + properties + '</w:rPr>' if properties else ''}{inner}</w:r>"


def p(*runs, properties=""):
    """A paragraph of runs or plain texts."""
    runs = "".join(run if run.startswith("<w:") or run.startswith("<mc:") else r(run) for run in runs)
    return f"<w:p>{'<w:pPr>' + properties + '</w:pPr>' if properties else ''}{runs}</w:p>"


def tight(*runs):
    return p(*runs, properties='<w:pStyle w:val="Tight"/>')


def bullet(*runs):
    return p(*runs, properties='<w:pStyle w:val="ListBullet"/>')


def number(*runs):
    return p(*runs, properties='<w:numPr><w:ilvl w:val="0"/><w:numId w:val="2"/></w:numPr>')


def link(text, target):
    """A link as a field, with its result cut into two runs as Word likes to do."""
    half = len(text) // 2
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> HYPERLINK "{target}" </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{r(text[:half])}{r(text[half:])}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def table(*rows):
    """Rows of cells, each a text or a list of paragraphs."""
    cell = lambda content: "<w:tc><w:tcPr/>" + ("".join(content) if isinstance(content, list) else p(content)) + "</w:tc>"
    return "<w:tbl><w:tblPr/>" + "".join("<w:tr>" + "".join(cell(one) for one in row) + "</w:tr>" for row in rows) + "</w:tbl>"


def box(*paragraphs):
    """A text box: once for Word of today, once for older ones."""
    content = "<w:txbxContent>" + "".join(paragraphs) + "</w:txbxContent>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{content}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{content}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def write(name, *body, header="", footer="", footnotes="", links=()):
    parts = {"styles": ("styles", STYLES), "numbering": ("numbering", NUMBERING)}
    section = ""
    if header:
        parts["header1"] = ("hdr", header)
        section += '<w:headerReference w:type="first" r:id="header1"/><w:titlePg/>'
    if footer:
        parts["footer1"] = ("ftr", footer)
        section += '<w:footerReference w:type="first" r:id="footer1"/>'
    if footnotes:
        parts["footnotes"] = ("footnotes", footnotes)
    document = f"<w:body>{''.join(body)}<w:sectPr>{section}</w:sectPr></w:body>"
    kind = lambda part: part.rstrip("0123456789")
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    overrides = "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{MIME}.{kind(part)}+xml"/>' for part in parts
    )
    relations = "".join(
        f'<Relationship Id="{part}" Type="{KIND}/{kind(part)}" Target="{part}.xml"/>' for part in parts
    ) + "".join(
        f'<Relationship Id="{id}" Type="{KIND}/hyperlink" Target="{target}" TargetMode="External"/>' for id, target in links
    )
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/word/document.xml" ContentType="{MIME}.document.main+xml"/>{overrides}</Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{KIND}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{relations}</Relationships>",
        "word/document.xml": f"<w:document {NAMESPACES}>{document}</w:document>",
    } | {f"word/{part}.xml": f"<w:{root} {NAMESPACES}>{content}</w:{root}>" for part, (root, content) in parts.items()}
    with zipfile.ZipFile(HERE / name, "w", zipfile.ZIP_DEFLATED) as package:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, declaration + content)


def model():
    """The sample letter: letterhead in the page header, lists of Word, links of both kinds, runs cut anywhere."""
    lines = [line for line in SAMPLE.read_text(encoding="utf-8").split("\n") if line]
    at = lines.index("Dear Sir/Madam,")
    bold, italic = "<w:b/>", "<w:i/>"
    linked = lambda id, text: f'<w:hyperlink r:id="{id}">{r(text)}</w:hyperlink>'
    body = lines[at + 1 :]
    before, rest = body[1].split("[pages of the Initiative](https://cop.example/guidelines)")
    middle, rest = rest.split("[brief for those who draft national strategies](https://cop.example/brief)")
    near, last = rest.split("[reports](#)")
    more = body[2]
    slanted = "nobody had time to teach them what to look out for"
    strong = "one responsible office"
    one, rest_of_more = more.split(f"*{slanted}*")
    two, three = rest_of_more.split(f"**{strong}**")
    calendar, shows = body[5][3:].split("[calendar](https://cop.example/calendar)")
    write(
        "en-model.docx",
        tight(r("Ref.: ", bold), r("Circular BDT/DNS"), r("/DGS/112")),
        tight(""),
        tight("Geneva, 3 December 2021"),
        tight(""),
        tight("To"),
        tight(""),
        *[bullet(line[2:]) for line in lines if line.startswith("- ")],
        tight(""),
        p(r("Subject:", bold), "\tUpdates on the Child Online Protection (COP) Initiative"),
        p(lines[at]),
        p(body[0]),
        p(before, linked("rId11", "pages of the Initiative"), middle, link("brief for those who draft national strategies", "https://cop.example/brief"), near, "reports", last),
        p(one, r(slanted, italic), two, r(strong, '<w:rStyle w:val="Strong"/>'), three),
        p(body[3]),
        number(body[4][3:].replace("cop@itu.example", "cop@")[:9], linked("rId12", "cop@itu.example"), body[4][3:].split("cop@itu.example")[1]),
        number(calendar, linked("rId13", "calendar"), shows),
        number(body[6][3:]),
        p(body[7]),
        tight("Yours faithfully,"),
        tight(""),
        tight("[Original signed]"),
        tight(""),
        tight("Doreen Bogdan-Martin"),
        tight("Director"),
        header=p("Telecommunication\nDevelopment Bureau (BDT)"),
        footer=p("Page ", '<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>') + p("Place des Nations, Geneva"),
        links=[("rId11", "https://cop.example/guidelines"), ("rId12", "mailto:cop@itu.example"), ("rId13", "https://cop.example/calendar")],
    )


def french():
    """Fields in a table of two columns, no-break spaces, a table of data, a footnote, a heading, tracked changes."""
    inserted = '<w:ins w:id="1" w:author="A"><w:r><w:t>rurales</w:t></w:r></w:ins>'
    deleted = '<w:del w:id="2" w:author="A"><w:r><w:delText>urbaines</w:delText></w:r></w:del>'
    write(
        "fr-tableau.docx",
        p("Union des offices de télécommunication", box(p("Bureau de développement"))),
        table(
            ["Réf.\u00a0:", "Circulaire BDT/12"],
            ["Date\u00a0:", "Genève, le 1er février 2026"],
            ["Destinataires\u00a0:", [p("Administrations des États Membres de l'Union"), p("Membres de Secteur")]],
            ["Copie\u00a0:", "Missions permanentes"],
            ["Objet\u00a0:", "Enquête sur l'accès des écoles à Internet"],
        ),
        p("Madame, Monsieur,"),
        p("J'ai l'honneur de vous informer que notre enquête annuelle est ouverte. Elle porte cette année sur les écoles ", inserted, deleted, '<w:r><w:footnoteReference w:id="2"/></w:r>', "."),
        p("Calendrier", properties='<w:pStyle w:val="Heading2"/>'),
        table(["Étape", "Échéance"], ["Réponses", "27 mars 2026"], ["Rapport", "juin 2026"]),
        p("Vous voudrez bien nous faire parvenir vos réponses au plus tard le vendredi 27 mars 2026 à 16\u00a0heures UTC."),
        p("Veuillez agréer, Madame, Monsieur, l'expression de ma considération distinguée."),
        p("(signé)"),
        p("Claire Exemple\nDirectrice"),
        p("Annexes\u00a0: 2"),
        footnotes='<w:footnote w:type="separator" w:id="0"><w:p/></w:footnote><w:footnote w:id="2">'
        + p("Au sens de la Résolution 37.")
        + "</w:footnote>",
    )


def arabic():
    """From the right to the left: runs in logical order, bold of complex scripts, a list, a signature by tabulators."""
    rtl = lambda text, more="": r(text, more + "<w:rtl/>")
    para = lambda *runs, more="": p(*[run if run.startswith("<w:") else rtl(run) for run in runs], properties="<w:bidi/>" + more)
    item = lambda text: para(text, more='<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>')
    write(
        "ar-rtl.docx",
        para("مكتب تنمية الاتصالات"),
        para(rtl("المرجع:", "<w:bCs/>"), " الرسالة المعممة ", r("BDT/DNS/DGS/120")),
        para("جنيف، 2 يونيو 2026"),
        para(rtl("إلى:", "<w:bCs/>")),
        item("إدارات الدول الأعضاء في الاتحاد"),
        item("هيئات تنظيم الاتصالات"),
        item("الهيئات الأكاديمية"),
        para("نسخة إلى: البعثات الدائمة"),
        para(rtl("الموضوع: ", "<w:bCs/>"), "ورشة عمل إقليمية بشأن الأمن السيبراني"),
        para("حضرات السادة والسيدات، تحية طيبة وبعد،"),
        para("يسرني أن أدعوكم إلى المشاركة في ", rtl("ورشة العمل", "<w:bCs/>"), " التي ستعقد في القاهرة من 7 إلى 9 سبتمبر 2026."),
        para("ويرجى التسجيل في موعد أقصاه 14 أغسطس 2026."),
        para("وتفضلوا بقبول فائق التقدير والاحترام."),
        para("\t(توقيع)"),
        para("\tأمينة المثال\n\tمديرة المكتب"),
        para("الملحقات: 1"),
    )


def chinese():
    """Full-width signs, a list that was typed, columns of signatories, a merge field that Word cut into runs."""
    write(
        "zh-general.docx",
        p("电信发展局"),
        p("2026年3月11日，日内瓦"),
        p("文号：BDT/DNS/DGS/121号通函"),
        tight("致："),
        tight("－ 国际电联各成员国主管部门"),
        tight("－ 监管机构"),
        p("－ ITU", "<w:r><w:noBreakHyphen/></w:r>", "D部门成员"),
        p("抄送：常驻代表团"),
        p(r("事由：", "<w:b/>"), "关于农村连通性的区域讲习班"),
        p("尊敬的先生/女士："),
        p("我谨邀请贵主管部门（{{ addres", r("see.country }", "<w:b/>"), "}）参加将于2026年5月12日至14日在曼谷举行的区域讲习班。"),
        p("请于", r("2026年4月24日", "<w:b/>"), "之前完成注册。与会补贴申请截止日期为2026年4月10日。"),
        p("顺致敬意！"),
        p("（原件已签）"),
        p("主任\n安娜·例子"),
        p("附件：2件"),
    )


if __name__ == "__main__":
    for letter in (model, french, arabic, chinese):
        letter()
