"""Letters from Word and from the web: the same messages as from a text, and what cannot be read is told."""

import email
import email.policy
import io
import zipfile

from workspace import REFERENCE, ROOT, SAMPLE, Workspace, addressees, letter

LETTERS = ROOT / "tests/letters_office"
MODEL = (LETTERS / "en-model.docx").read_bytes()


def contents(messages):
    """Per mailbox: subject, and both parts."""
    found = {}
    for message in messages:
        parsed = email.message_from_bytes(message.octets, policy=email.policy.default)
        parts = [part.get_content() for part in parsed.walk() if part.get_content_maintype() == "text"]
        assert len(parts) == 2, message.octets
        [path] = message.forward_paths
        assert path.lower() not in found, f"{path} got two"
        found[path.lower()] = (parsed["Subject"], parsed["Reply-To"], *parts)
    return found


def messages_of(name, content):
    with Workspace() as ws:
        ws.drop(name, content)
        ws.run()
        return contents(ws.sent()), set(addressees(ws.dir / "recipients"))


def web_page(text):
    """The sample as a plain page: each paragraph in <p>, lists as lists."""
    out, listed = ["<!DOCTYPE html><meta charset=utf-8><title>x</title>"], ""
    for line in text.split("\n"):
        kind = "ul" if line.startswith("- ") else "ol" if line[:1].isdigit() and line[1:3] == ". " else ""
        if kind != listed and (line or not kind):
            out.append(f"</{listed}>" if listed else "")
            out.append(f"<{kind}>" if kind else "")
            listed = kind
        if not line:
            continue
        for mark, tag in (("**", "b"), ("*", "i")):
            pieces = line.split(mark)
            line = "".join(piece if number % 2 == 0 else f"<{tag}>{piece}</{tag}>" for number, piece in enumerate(pieces))
        while "](" in line:
            before, rest = line.split("[", 1)
            shown, rest = rest.split("](", 1)
            target, rest = rest.split(")", 1)
            line = f'{before}<a href="{target}">{shown}</a>{rest}'
        inner = line[2:] if kind == "ul" else line[3:] if kind == "ol" else line
        out.append(f"<li>{inner}</li>" if kind else f"<div>{inner}</div>" if line in LINES else f"<p>{inner}</p>")
    return "\n".join(out)


LINES = {"Telecommunication", "Development Bureau (BDT)", "Doreen Bogdan-Martin", "Director"}


def as_the_text():
    """The sample as text, from Word and as a page: nobody can tell from what he gets what staff wrote it in."""
    expected, everyone = messages_of("bdt-112.txt", SAMPLE)
    assert set(expected) == everyone
    for name, content in (("bdt-112.docx", MODEL), ("bdt-112.html", web_page(SAMPLE))):
        got, _ = messages_of(name, content)
        assert set(got) == everyone, name
        for mailbox, message in expected.items():
            for number, part in enumerate(message):
                assert got[mailbox][number] == part, f"{name}, {mailbox}:\n{got[mailbox][number]}\ninstead of\n{part}"


def with_part(path, change):
    """The model with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(MODEL)) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as changed:
        for name in package.namelist():
            content = package.read(name)
            changed.writestr(name, change(content) if name == path else content)
    return out.getvalue()


def document(old, new):
    def change(content):
        assert old.encode() in content, old
        return content.replace(old.encode(), new.encode(), 1)

    return with_part("word/document.xml", change)


def document_of(body):
    return f'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>'.encode()


SALUTATION = '<w:t xml:space="preserve">Dear Sir/Madam,</w:t>'
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
BOMB = with_part("word/styles.xml", lambda content: content + b" " * (60 << 20))
# what the case is, the file's name, its octets, the words of its message, its place
PARKED = [
    ("a Word file with a password is parked", "x.docx", COMPOUND + "EncryptedPackage".encode("utf-16-le"), ["password"], None),
    ("a Word file of before 2007 that was renamed is parked", "x.docx", COMPOUND, ["before 2007", "save it as .docx"], None),
    ("a .doc in templates is parked and told to be saved as .docx", "x.doc", COMPOUND, [".doc", "save it as .docx"], None),
    ("an .odt in templates is parked and told to be saved as .docx", "x.fr.odt", b"PK\3\4", [".odt", "save it as .docx"], None),
    ("an .rtf in templates is parked and told to be saved as .docx", "x.rtf", b"{\\rtf1}", [".rtf", "save it as .docx"], None),
    ("a PDF in templates is parked and told where annexes belong", "x.pdf", b"%PDF-1.7", ["save it as .docx", "attachments"], None),
    ("a PDF named .docx is parked", "x.docx", b"%PDF-1.7 ...", ["is a PDF"], None),
    ("a Word file that was cut off is parked", "x.docx", MODEL[: len(MODEL) // 2], ["damaged", "save it again"], None),
    ("a Word file that unpacks without end is parked", "x.docx", BOMB, ["unpacks to more than"], None),
    ("a Word file with a document type definition is parked", "x.docx",
     document("<w:body>", "<!DOCTYPE x><w:body>"), ["document type definition"], None),
    ("a Word file without text is parked", "x.docx", with_part("word/document.xml", lambda _: document_of("")), ["holds no text"], None),
    ("text that is struck through in Word parks the letter with its paragraph", "x.docx",
     document(SALUTATION, "<w:rPr/>" + SALUTATION + "</w:r></w:p><w:p><w:r><w:rPr><w:strike/></w:rPr><w:t>5 May</w:t>"),
     ["5 May", "struck through"], 11),
    ("an unknown addressee in Word parks the letter with its paragraph", "x.docx",
     document("ITU-D Sector Members", "ITU-D Sector Member"), ["ITU-D Sector Member", "did you mean"], 6),
    ("a page in another encoding than it declares is parked", "x.html", b"<meta charset=utf-8><p>caf\xe9", ["declares UTF-8"], None),
    ("a page without a declared encoding must be UTF-8", "x.htm", b"<p>caf\xe9 noir", ["not UTF-8"], None),
    ("a page with text struck through is parked with its line", "x.html",
     web_page(SAMPLE).replace("Dear Sir/Madam,", "Dear Sir/Madam,</p>\n<p><s>5 May</s>"), ["5 May", "struck through"], "<s>5"),
    ("a script link in a page parks the letter with its line", "x.html",
     web_page(SAMPLE).replace("https://cop.example/brief", "javascript:alert(1)"), ["javascript"], "javascript:"),
]


def parks(name, content, words, place):
    with Workspace() as ws:
        ws.drop(name, content)
        entry = ws.check(name, code=2)
        assert entry["status"] == "parked", entry
        errors = [problem for problem in entry["problems"] if problem["severity"] == "error"]
        fitting = [problem for problem in errors if all(word in problem["message"] for word in words)]
        assert fitting, f"no error speaks of {words}: {errors}"
        told = f"templates/{name}: "
        if isinstance(place, str):
            place = 1 + content[: content.index(place)].count("\n")
            told = f"templates/{name}:{place}: "
        elif place:
            told = f"templates/{name}: paragraph {place}: "
        assert place is None or [problem["line"] for problem in fitting] == [place], fitting
        ended = ws.sends_nothing()
        assert told in ended.err, f"{told} is not told: {ended}"
        [row] = ws.circulars()
        assert row["state"] == "parked" and ws.log() == [], row


def changes_and_fields():
    """Tracked changes and comments are warned of; a field that Word cut into runs is merged."""
    field = "<w:r><w:t>{{ addres</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>see.country }</w:t></w:r><w:r><w:t>}</w:t></w:r>"
    changed = (
        SALUTATION + "</w:r></w:p><w:p><w:r><w:t>In </w:t></w:r>" + field
        + "<w:ins><w:r><w:t> now</w:t></w:r></w:ins><w:del><w:r><w:delText> never</w:delText></w:r></w:del>"
        + '<w:r><w:commentReference w:id="0"/></w:r><w:r><w:t>.</w:t>'
    )
    with Workspace() as ws:
        ws.drop("bdt-112.docx", document(SALUTATION, changed))
        entry = ws.check("bdt-112.docx", code=0)
        for words in ("2 tracked changes", "a comment stands"):
            [problem] = [problem for problem in entry["problems"] if words in problem["message"]]
            assert (problem["severity"], problem["line"]) == ("warning", 11), entry
        ws.run()
        lists = addressees(ws.dir / "recipients")
        for mailbox, (_, _, text, page) in contents(ws.sent()).items():
            assert f"In{lists[mailbox]['country']} now." in text.replace("\n", " ").replace("In ", "In"), text
            assert "never" not in text + page


def leftovers_and_copies():
    """Word's lock file is nobody's letter, and a PDF beside its letter is a copy of it."""
    with Workspace() as ws:
        ws.drop("~$t-112.docx", b"lock")
        ws.drop("_draft.docx", MODEL)
        ws.drop("bdt-112.pdf", b"%PDF-1.7")
        ws.drop("bdt-112.docx", MODEL)
        entry = ws.check("bdt-112.docx", code=0)
        assert any("bdt-112.pdf" in problem["message"] for problem in entry["problems"]), entry
        ws.run()
        assert set(contents(ws.sent())) == set(addressees(ws.dir / "recipients"))
        assert len(ws.circulars()) == 1


def languages_of_two_kinds():
    """English from Word and French from the web are one circular; a French .doc keeps both back."""
    french = (
        "<meta charset=utf-8><p>Réf.&nbsp;: Circulaire BDT/DNS/DGS/112<p>Genève, le 3 décembre 2021<p>Destinataires&nbsp;:"
        "<ul><li>Établissements universitaires</ul><p>Objet&nbsp;: Protection en ligne<p>Madame, Monsieur,"
        "<p>Voici les nouvelles de l'année, et nous vous remercions de votre aide.<p>Veuillez agréer, Madame, Monsieur,"
        " l'expression de ma considération distinguée.<p>Claire Exemple<br>Directrice"
    )
    english = letter(to=["Academia"], body="Here are the news of the year, and we thank you for your help.")
    with Workspace() as ws:
        ws.drop("bdt-112.fr.doc", COMPOUND)
        ws.drop("bdt-112.html", web_page(english))
        ended = ws.sends_nothing()
        assert "templates/bdt-112.fr.doc: " in ended.err, ended
        (ws.dir / "templates/bdt-112.fr.doc").unlink()
        ws.drop("bdt-112.fr.html", french)
        shown = ws.check("bdt-112.fr.html", code=0)
        assert shown["language"] == "fr" and shown["to"][0]["groups"] == ["academia"], shown
        ws.run()
        languages = {row["language"] for row in ws.log()}
        assert languages == {"en", "fr"}, languages


CASES = [
    ("the sample from Word and from the web sends what the text sends", as_the_text),
    ("changes in Word are warned of and fields cut into runs are merged", changes_and_fields),
    ("a lock file of Word is no letter and a PDF beside a letter is a copy", leftovers_and_copies),
    ("language versions from Word and from the web are one circular", languages_of_two_kinds),
] + [(name, lambda given=given: parks(*given)) for name, *given in PARKED]
