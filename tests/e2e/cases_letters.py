"""Letters that must not go out. Each is parked with its line and what to do, and nothing of it reaches the relay."""

from workspace import REFERENCE, SAMPLE, Workspace, letter

FIVE = ["Administrations of ITU Member States", "Regulators", "ITU-D Sector Members", "Academia", "Permanent Missions"]


def to(*lines):
    return letter(to=list(lines))


def body(text):
    return letter(body=text)


def line_of(content, words):
    """The line on which words stand, as an editor counts."""
    return 1 + content[: content.index(words)].count("\n")


# name of the case, content, words that mark the line (None: the letter as a whole), words of the message
PARKED = [
    ("an unknown group parks the letter and the nearest name is offered",
     to("Administrations of ITU Member States", "ITU-D Sector Member"), "- ITU-D Sector Member\n",
     ["ITU-D Sector Member", "did you mean", "sector-members"]),
    ("a narrowed group that the lists do not have parks the letter",
     to("Sector Members participating in the work of Study Group 9"), "- Sector Members participating",
     ["Sector Members participating in the work of Study Group 9"]),
    ("a group with an exception that the lists do not have parks the letter",
     to("Regulators, except those of Europe"), "- Regulators, except", ["Regulators, except those of Europe"]),
    ("a letter without a reference is parked",
     SAMPLE.replace("Ref.: " + REFERENCE, ""), None, ["no reference", "Ref.:"]),
    ("a letter without a subject is parked",
     SAMPLE.replace("Subject: Updates on the Child Online Protection (COP) Initiative\n", ""), None, ["no subject"]),
    ("a letter without To is parked",
     SAMPLE[: SAMPLE.index("To\n")] + SAMPLE[SAMPLE.index("Subject:") :], None, ["no To"]),
    ("a To without a single addressee is parked", to(), None, ["nobody stands below To"]),
    ("a letter without a body is parked",
     SAMPLE[: SAMPLE.index("I have the honour")] + SAMPLE[SAMPLE.index("Yours faithfully") :], None, ["no body"]),
    ("an empty file is parked", "", None, ["empty"]),
    ("a letter in Latin-1 is parked with its likely encoding",
     SAMPLE.replace("Mission", "Délégation").encode("latin-1"), "D\u00e9l", ["UTF-8"]),
    ("a letter in Windows-1256 is parked with its likely encoding",
     body("السيدات والسادة، نرجو التكرم بالرد قبل نهاية الشهر.").encode("cp1256", "replace"), None, ["UTF-8"]),
    ("a letter in UTF-16 is parked and the encoding is named", SAMPLE.encode("utf-16"), None, ["UTF-16", "UTF-8"]),
    ("a letter with a NUL is parked", SAMPLE.replace("whole household", "whole\0household"), "whole\0", ["U+0000", "delete it"]),
    ("a letter with a letter lost in conversion is parked", SAMPLE.replace("household", "house\ufffdhold"), "house\ufffd",
     ["U+FFFD"]),
    ("a letter read in the wrong encoding once is parked", SAMPLE.replace("household", "MÃ©nage"), "MÃ©", ["é"]),
    ("an unknown key in the head parks the letter with the nearest known one",
     letter(head="sned: now"), "sned", ["sned", "send"]),
    ("a head that is not closed parks the letter", "---\nsend: now\n\n" + SAMPLE.lstrip(), "---", ["---"]),
    ("a send time that is none parks the letter", letter(head="send: soonish"), "send:", ["soonish"]),
    ("a repeat that is no cron expression parks the letter", letter(head="repeat: every day"), "repeat:", ["every day"]),
    ("send and repeat together park the letter",
     letter(head="send: now\nrepeat: 0 9 * * Mon"), "repeat:", ["send and repeat"]),
    ("a sender whom the house does not have parks the letter", letter(head="from: tsb"), "from:", ["tsb"]),
    ("an unknown group in exclude parks the letter", letter(head="exclude: regulatorz"), "exclude:", ["regulatorz"]),
    ("a subscription is refused in the head", letter(head="kind: subscription"), "kind:", ["subscription"]),
    ("a language that a letter waits for keeps it parked", letter(head="wait-for: fr"), "wait-for:", ["fr"]),
    ("a statement of a template language parks the letter",
     body("First.\n\n{% if addressee.country %}secret{% endif %}"), "{%", ["{%"]),
    ("an unknown merge field parks the letter with the nearest one",
     body("First.\n\nTo {{ addressee.contry }}."), "{{", ["contry", "country"]),
    ("a merge field that is not closed parks the letter", body("First.\n\nTo {{ addressee.country."), "{{", ["{{"]),
    ("a merge field that is empty for somebody names the rows",
     body("First.\n\nWith copy to {{ addressee.copy_to }}."), "{{", ["copy_to", "recipients/"]),
    ("HTML in the text parks the letter", body("First.\n\n<b>Important</b>"), "<b>", ["HTML"]),
    ("a script in the text parks the letter", body("First.\n\n<script>alert(1)</script>"), "<script>", ["HTML"]),
    ("a javascript link parks the letter", body("First.\n\nSee [this](javascript:alert(1))."), "[this]", ["javascript"]),
    ("a picture parks the letter", body("First.\n\n![logo](https://cop.example/logo.png)"), "![", ["image", "attachments"]),
]


def parks(content, mark, words):
    with Workspace() as ws:
        ws.drop("bdt-112.txt", content)
        entry = ws.check("bdt-112.txt", code=2)
        assert entry["status"] == "parked", entry
        errors = [problem for problem in entry["problems"] if problem["severity"] == "error"]
        text = content if isinstance(content, str) else content.decode("latin-1")
        line = line_of(text, mark) if mark else None
        fitting = [problem for problem in errors if all(word in problem["message"] for word in words)]
        assert fitting, f"no error speaks of {words}: {errors}"
        assert mark is None or line in [problem["line"] for problem in fitting], f"line {line} expected: {errors}"
        ended = ws.sends_nothing()
        place = f"templates/bdt-112.txt:{line}:" if mark else "templates/bdt-112.txt"
        assert place in ended.err, f"{place} is not told: {ended}"
        [row] = ws.circulars()
        assert row["state"] == "parked", row
        assert ws.log() == [], "a parked letter has no delivery"
        shown = ws.expect(2, "check")
        assert place in shown.out, shown


CASES = [(name, lambda given=given: parks(*given)) for name, *given in PARKED]
