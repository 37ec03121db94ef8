"""Lists of addressees that must not come into force, and those that must."""

import email
import email.policy

from cases_journey import sound
from workspace import Workspace, addressees, letter

HEADER = "email,name,country\n"


def academia_only(ws, rows, header=HEADER, name="academia.csv"):
    ws.drop(name, header + rows, folder="recipients")
    ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))


def refused(rows, place, words, header=HEADER):
    """The list is named with its line, the letter to it parks, nothing is sent."""

    def case():
        with Workspace() as ws:
            academia_only(ws, rows, header)
            ended = ws.sends_nothing()
            assert place in ended.err, f"{place} is not told: {ended}"
            assert all(word in ended.err for word in words), f"{words} are not told: {ended}"
            entry = ws.check("bdt-9.txt", code=2)
            said = " ".join(problem["message"] for problem in entry["problems"])
            assert "academia" in said, entry
            assert ws.log() == []

    return case


def thousand():
    return [f"office{number}@place{number}.example,Office {number},Kenya\n" for number in range(1000)]


def one_of_thousand():
    rows = thousand()
    rows[499] = "office@@place499.example,Office 499,Kenya\n"
    refused("".join(rows), "recipients/academia.csv:501:", ["office@@place499.example", "@"])()


def version_in_force_stays():
    with Workspace() as ws:
        ws.run()
        academia_only(ws, "a@@b.example,A,Kenya\nnew@b.example,B,Kenya\n")
        expected = addressees(ws.dir / "recipients", ["academia"])
        assert "new@b.example" in expected
        ended = ws.run()
        assert "recipients/academia.csv:2:" in ended.err, ended
        paths = {message.forward_paths[0].lower() for message in ws.sent()}
        assert "new@b.example" not in paths and len(paths) == 11, paths


def emptied_group():
    with Workspace() as ws:
        ws.run()
        academia_only(ws, "")
        ended = ws.run()
        assert "recipients/academia.csv: no addressees" in ended.err, ended
        assert ws.sink.count() == 11, "the version in force has eleven mailboxes"
        [academia] = [row for row in ws.expect(0, "groups", "--format", "json").json() if row["group"] == "academia"]
        assert academia["state"].startswith("refused") and academia["mailboxes"] == 11, academia


def check_agrees_with_run():
    """What `check` says of a letter whose list has been spoilt is what `run` does."""
    with Workspace() as ws:
        ws.run()
        academia_only(ws, "a@@b.example,A,Kenya\n")
        ended = ws.expect(0, "check", "--format", "json")
        [entry] = ended.json()
        assert entry["status"] == "ready" and entry["reaches"] == 11, entry
        said = [problem for problem in entry["problems"] if "recipients/academia.csv:2" in problem["message"]]
        assert [problem["severity"] for problem in said] == ["warning"], entry
        ws.run()
        assert ws.sink.count() == 11


def overlap():
    with Workspace() as ws:
        ws.drop("academia.csv", HEADER + "Ab@Place.Example,First,Kenya\nab@place.example,Second,Kenya\n", "recipients")
        ws.drop("regulators.csv", HEADER + "AB@PLACE.EXAMPLE,Third,Kenya\nother@place.example,Fourth,Kenya\n", "recipients")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia", "Regulators"]))
        ws.run()
        assert sorted(message.forward_paths[0] for message in ws.sent()) == ["Ab@place.example", "other@place.example"], [
            message.forward_paths for message in ws.sent()
        ]
        [row] = [row for row in ws.log() if row["address"].lower() == "ab@place.example"]
        assert sorted(row["groups"]) == ["academia", "regulators"] and row["name"] == "First", row


def several_forms():
    """Semicolons, tabs, quotes, a byte order mark: what spreadsheets write."""
    with Workspace() as ws:
        ws.drop("academia.csv", "\ufeffE-mail;Name;Country\r\n\"a@p.example\";\"Müller; Hans\";Germany\r\n", "recipients")
        ws.drop("regulators.csv", "email\tname\tcountry\nb@p.example;c@p.example\tOffice\tKenya\n", "recipients")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia", "Regulators"]))
        ws.run()
        assert sorted(row["address"] for row in ws.log()) == ["a@p.example", "b@p.example", "c@p.example"], ws.log()
        assert {row["name"] for row in ws.log()} == {"Müller; Hans", "Office"}


def awkward_names():
    """A formula in a name goes out as a name, and comes out of the CSV as text."""
    with Workspace() as ws:
        academia_only(ws, '"a@p.example","=HYPERLINK(""https://x.example"")",Kenya\n')
        ended = ws.run()
        rows = ws.log()
        if rows:
            cells = ws.expect(0, "log", "--format", "csv").rows()
            assert not cells[0]["name"].startswith("="), f"a spreadsheet would run {cells[0]['name']}"
        else:
            assert "recipients/academia.csv:2:" in ended.err, ended


def markup_in_a_name():
    """What looks like markup in a list is text in the letter."""
    with Workspace() as ws:
        ws.drop("academia.csv", HEADER + '"a@p.example","<b>A</b> & [x](https://y.example) {{ 7*7 }} *z*",Kenya\n', "recipients")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"], body="For {{ addressee.name }} only."))
        ws.run()
        [message] = ws.sent()
        parsed = email.message_from_bytes(message.octets, policy=email.policy.default)
        html = " ".join(parsed.get_body(("html",)).get_content().split())
        plain = " ".join(parsed.get_body(("plain",)).get_content().split())
        assert "<b>A</b>" not in html and "&lt;b&gt;A&lt;/b&gt; &amp; [x](https://y.example) {{ 7*7 }} *z*" in html, html
        assert "For <b>A</b> & [x](https://y.example) {{ 7*7 }} *z* only." in plain, plain
        sound([message])


def dropped_into_templates():
    with Workspace() as ws:
        source = (ws.dir / "recipients/academia.csv").read_text(encoding="utf-8")
        ws.drop("academia.csv", source)
        ws.drop("list.txt", source)
        ws.sends_nothing()
        entries = ws.call("check", "--format", "json").json()
        assert {entry["file"]: entry["status"] for entry in entries}.get("templates/list.txt") == "parked", entries
        assert ws.log() == []


def not_utf8():
    with Workspace() as ws:
        octets = (HEADER + "a@p.example,Мария Ковалёва,Россия\n").encode("cp1251")
        ws.drop("academia.csv", octets, folder="recipients")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ended = ws.sends_nothing()
        assert "recipients/academia.csv:2:" in ended.err and "UTF-8" in ended.err, ended


CASES = [
    ("one bad row of a thousand refuses the list and is named by its line", one_of_thousand),
    ("a refused list leaves the version before it in force", version_in_force_stays),
    ("a list without an email column is refused",
     refused("Office,Kenya\n", "recipients/academia.csv:1:", ["email"], header="name,country\n")),
    ("a list without its header row is refused",
     refused("b@p.example,B,Kenya\n", "recipients/academia.csv:1:", ["header"], header="a@p.example,A,Kenya\n")),
    ("a list with names in the address column is refused",
     refused("Office A,a@p.example,Kenya\n", "recipients/academia.csv:2:", ["Office A"])),
    ("a list with a line break in a name is refused",
     refused('a@p.example,"A\r\nBcc: x@y.example",Kenya\n', "recipients/academia.csv:2:", ["name"])),
    ("a list in an encoding that cannot be known is refused", not_utf8),
    ("a group emptied to its header is refused, and nobody is lost from the version in force", emptied_group),
    ("a new group that has only a header parks the letters to it", refused("", "recipients/academia.csv", ["no rows"])),
    ("check says of a spoilt list what run does with it", check_agrees_with_run),
    ("one mailbox in two groups, in other capitals, gets one copy and keeps both capacities", overlap),
    ("lists with semicolons, tabs, quotes and a byte order mark are read", several_forms),
    ("a formula in a name is never handed to a spreadsheet", awkward_names),
    ("markup in a name is text, in both parts", markup_in_a_name),
    ("a name that turns the reading direction is refused",
     refused("a@p.example,Ada \u202egro.elpmaxe,Kenya\n", "recipients/academia.csv:2:", ["202E"])),
    ("a name of five thousand letters is refused",
     refused(f"a@p.example,{'A' * 5000},Kenya\n", "recipients/academia.csv:2:", ["name"])),
    ("a list dropped among the letters is no letter", dropped_into_templates),
]
