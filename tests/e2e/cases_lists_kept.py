"""Lists as people keep them: what is mended is told, what cannot be known is refused by its row."""

import io
import json
import zipfile

from workspace import Workspace, letter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(rows, after="", hidden=(), extra=()):
    """One sheet of texts, made without the program's own library."""
    cells = []
    for number, row in enumerate(rows, 1):
        texts = "".join(
            f'<c r="{chr(65 + column)}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
            for column, text in enumerate(row) if text
        )
        state = ' hidden="1"' if number in hidden else ""
        cells.append(f'<row r="{number}"{state}>{texts}</row>')
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("_rels/.rels", f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>')
        package.writestr("xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Members" sheetId="1" r:id="rId1"/></sheets></workbook>')
        package.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>')
        package.writestr("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(cells)}</sheetData>{after}</worksheet>')
        for name, content in extra:
            package.writestr(name, content)
    return octets.getvalue()


def only_academia(ws, content, name="academia.csv"):
    """The list instead of the sample, and a letter to it."""
    (ws.dir / "recipients/academia.csv").unlink()
    ws.drop(name, content, folder="recipients")
    ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))


def goes(content, expected, told, name="academia.csv"):
    """The letter goes to `expected` (address and name); check, groups and their JSON tell what was mended."""

    def case():
        with Workspace() as ws:
            only_academia(ws, content, name)
            checked = ws.call("check")
            assert all(word in checked.err for word in told), f"check tells not all of {told}: {checked}"
            ws.run()
            assert {row["address"]: row["name"] for row in ws.log()} == expected, ws.log()
            shown = ws.expect(0, "groups", "academia")
            assert all(word in shown.out + shown.err for word in told), f"groups tells not all of {told}: {shown}"
            [academia] = [row for row in ws.expect(0, "groups", "--format", "json").json() if row["group"] == "academia"]
            said = json.dumps([problem["message"] for problem in academia["problems"]], ensure_ascii=False)
            assert all(word.replace('"', '\\"') in said for word in told), f"JSON tells not all of {told}: {said}"
            assert academia["file"] == f"recipients/{name}", academia

    return case


def refused(content, told, name="academia.csv"):
    """Nothing goes out, and the words are said."""

    def case():
        with Workspace() as ws:
            only_academia(ws, content, name)
            ended = ws.sends_nothing()
            assert all(word in ended.err for word in told), f"not all of {told} is told: {ended}"
            assert ws.log() == []

    return case


def two_files_of_one_name():
    """Neither is read, and the version in force stays, until one of them is moved away."""
    with Workspace() as ws:
        ws.run()
        ws.drop("academia.xlsx", workbook([["email"], ["new@p.example"]]), folder="recipients")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ended = ws.run()
        assert 'has two lists, academia.csv and academia.xlsx; keep one' in ended.err, ended
        assert ws.sink.count() == 11, "the version in force has eleven mailboxes"
        entry = ws.check("bdt-9.txt", code=0)
        said = " ".join(problem["message"] for problem in entry["problems"])
        assert "two lists" in said, entry


def not_a_list():
    """What people take for a list is not passed over in silence."""
    with Workspace() as ws:
        for name in ["members.xls", "members.ods", "members.tsv"]:
            ws.drop(name, b"email\na@p.example\n", folder="recipients")
        ended = ws.sends_nothing()
        for name in ["members.xls", "members.ods", "members.tsv"]:
            assert f"recipients/{name}: a list is not read from" in ended.err, ended
        checked = ws.call("check")
        assert "recipients/members.ods: a list is not read from .ods; save it as .xlsx" in checked.err, checked


def check_tells_in_json():
    """The letter's entry says that its list was mended, and where."""
    with Workspace() as ws:
        only_academia(ws, "email;name\n a@p.example;A\n")
        ws.drop("circulard.toml", (ws.dir / "circulard.toml").read_text().replace('"now"', '"0 9 * * Mon-Fri"'), folder=".")
        entry = ws.check("bdt-9.txt", code=0)
        notes = [problem["message"] for problem in entry["problems"] if problem["severity"] == "note"]
        assert any('recipients/academia.csv:2: blanks around "a@p.example" were taken off' in note for note in notes), entry


LIST = "email;name\r\nnunez@p.example;Nuñez García\r\norsted@p.example;Ørsted\r\n"
OFFICES = {"nunez@p.example": "Nuñez García", "orsted@p.example": "Ørsted"}
CASES = [
    ("a list in UTF-16 with tabs, as Unicode text, is read and said to be", goes(
        LIST.replace(";", "\t").encode("utf-16"), OFFICES, ['the file is UTF-16 ("Unicode text") and was read as such'])),
    ("a list in Windows-1252 is read and said to be", goes(
        LIST.encode("cp1252"), OFFICES, ['was read as Windows-1252, in which "Nuñez" stands here'])),
    ("a list of Windows-1250 is not taken for Windows-1252", refused(
        "email;name\na@p.example;Dvořák\n".encode("cp1250"), ["recipients/academia.csv:2:", "not UTF-8"])),
    ("a list encoded twice throughout is mended and said to be", goes(
        LIST.encode().decode("cp1252").encode(), OFFICES, ['encoded twice, all of it, and was mended: "Ã±" is "ñ"'])),
    ("a list encoded twice in one row is refused by that row", refused(
        "email;name\na@p.example;Müller\nb@p.example;MÃ¼ller\n", ["recipients/academia.csv:3:", "should read"])),
    ("a list with title, totals, a repeated header and mended cells is read, and all of it is told", goes(
        "List of academia\nConfidential;;\nE-mail;Name;Valid until\n\u00a0a@p.example;A;31 December 2099\n"
        "mailto:b@p.example;B;\ne-mail;name;valid until\n;;\nｃ＠p.example;C;2099-12-31 00:00\n"
        "Dr D <d@p.example>;D;\nA@P.example;again;\n;Total: 5;\n;Note: provisional;\n",
        {"a@p.example": "A", "b@p.example": "B", "c@p.example": "C", "d@p.example": "D"},
        ["the rows above the header, to line 2, are not read", "U+00A0", "was read as b@p.example",
         "the header stands here once more", "blank", "full-width", "A@p.example has the mailbox of line 4",
         '"Total: 5" was taken for a total', '"Note: provisional" stands below the list'])),
    ("a letter that only looks Latin in an address is refused with its name", refused(
        "email;name\nmail@ex\u0430mple.example;A\n", ["recipients/academia.csv:2:", "Cyrillic", "U+0430"])),
    ("a workbook with a title, a hidden row and a merged country is a list", goes(
        workbook(
            [["Members 2026"], ["E-mail", "Name", "Country"], ["a@p.example", "A", "Kenya"], ["b@p.example; c@p.example", "B"],
             ["", "Total: 3"]],
            after='<mergeCells count="1"><mergeCell ref="C3:C4"/></mergeCells>', hidden={4}),
        {"a@p.example": "A", "b@p.example": "B", "c@p.example": "B"},
        ['"Members 2026"', '"Kenya" counts for all rows to 4', "rows that are hidden are read all the same: 4"],
        name="academia.xlsx")),
    ("a bad row of a workbook is refused by its number", refused(
        workbook([["email"], ["a@p.example"], ["b@@p.example"]]), ["recipients/academia.xlsx:3:", "b@@p.example"],
        name="academia.xlsx")),
    ("a workbook that unpacks to hundreds of megabytes is refused", refused(
        workbook([["email"], ["a@p.example"]], extra=[("xl/media/zeros.bin", b"\0" * (200 << 20))]),
        ["recipients/academia.xlsx:", "unpacks to more than a list holds"], name="academia.xlsx")),
    ("a workbook under a password says what to do", refused(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        ["recipients/academia.xlsx:", "take the password off"], name="academia.xlsx")),
    ("two lists of one name are neither of them read, and the version in force stays", two_files_of_one_name),
    ("files that people take for lists are told by name", not_a_list),
    ("check tells in the letter's own entry what was mended in its list", check_tells_in_json),
]
