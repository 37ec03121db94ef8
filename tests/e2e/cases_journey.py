"""The whole way: from the letter in the folder to the server of other hands and to the log."""

import email
import email.policy
import hashlib
import pathlib
import re
import subprocess
import tempfile

from workspace import GROUPS, REFERENCE, ROOT, SAMPLE, Workspace, addressees, letter

CHECK_MAIL = ROOT / "tests/mail/check_mail.py"


def by_path(messages):
    """Each message under the one forward-path that it was sent to."""
    found = {}
    for message in messages:
        assert len(message.forward_paths) == 1, f"one transaction for {message.forward_paths}"
        path = message.forward_paths[0].lower()
        assert path not in found, f"{path} got two messages"
        found[path] = message
    return found


def sound(messages):
    """Every message passes the parsers of other hands."""
    with tempfile.TemporaryDirectory() as folder:
        for number, message in enumerate(messages):
            (pathlib.Path(folder) / f"{number}.eml").write_bytes(message.octets)
        done = subprocess.run(["/usr/bin/python3", CHECK_MAIL, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert f"{len(messages)} messages, 0 defects" in done.stdout, done.stdout


def to_of(message):
    parsed = email.message_from_bytes(message.octets, policy=email.policy.default)
    return [f"{address.username}@{address.domain}".lower() for address in parsed["to"].addresses]


def reaches_everyone(ws, name):
    """The first promise: each mailbox once, each its own, each in the log with the reply."""
    expected = addressees(ws.dir / "recipients")
    ended = ws.run()
    messages = ws.sent()
    got = by_path(messages)
    assert set(got) == set(expected), f"missing {set(expected) - set(got)}, strangers {set(got) - set(expected)}"
    rows = ws.log()
    assert len(rows) == len(expected) == len(messages)
    logged = {row["address"].lower(): row for row in rows}
    assert set(logged) == set(expected)
    for path, message in got.items():
        assert to_of(message) == [path], f"{path} got a message To {to_of(message)}"
        row = logged[path]
        assert row["state"] == "accepted" and row["reference"] == REFERENCE, row
        assert (row["code"], row["status"], row["attempts"]) == (250, "2.0.0", 1), row
        assert row["reply"] == "2.0.0 Ok" and row["stage"] == "final_dot" and row["relay"] == "main", row
        assert row["accepted_at"] and row["next_attempt_at"] is None, row
        assert hashlib.sha256(message.octets).hexdigest() == row["sha256"], f"{path}: other octets than the log says"
        assert row["message_id"].encode() in message.octets
        others = [other for other in expected if other != path and other.encode() in message.octets.lower()]
        assert not others, f"{path} sees the addresses {others}"
    groups = {path: set() for path in expected}
    for group in GROUPS:
        for path in addressees(ws.dir / "recipients", [group]):
            groups[path].add(group)
    assert {path: set(row["groups"]) for path, row in logged.items()} == groups
    sound(messages)
    assert f"{REFERENCE}: completed; {len(expected)} frozen: {len(expected)} accepted" in ended.err, ended
    [entry] = ws.expect(0, "check", "--format", "json").json()
    assert entry["file"] == f"templates/{name}" and entry["status"] == "sent", entry
    assert [problem for problem in entry["problems"] if problem["severity"] == "error"] == []
    return messages


def sample_as_text():
    with Workspace() as ws:
        ws.drop("bdt-112.txt", SAMPLE)
        reaches_everyone(ws, "bdt-112.txt")


def sample_as_markdown():
    with Workspace() as ws:
        ws.drop("bdt-112.md", SAMPLE)
        reaches_everyone(ws, "bdt-112.md")


def with_line_ends_of_another_system():
    with Workspace() as ws:
        ws.drop("bdt-112.txt", b"\xef\xbb\xbf" + SAMPLE.replace("\n", "\r\n").encode())
        reaches_everyone(ws, "bdt-112.txt")


def with_carriage_returns_alone():
    with Workspace() as ws:
        ws.drop("bdt-112.txt", SAMPLE.replace("\n", "\r"))
        reaches_everyone(ws, "bdt-112.txt")


def again():
    with Workspace() as ws:
        ws.drop("bdt-112.txt", SAMPLE)
        ws.run()
        count = ws.sink.count()
        for _ in range(2):
            ws.sends_nothing()
        ws.drop("bdt-112.txt", SAMPLE)
        ws.sends_nothing()
        assert ws.sink.count() == count == len(ws.log())


def other_content():
    with Workspace() as ws:
        ws.drop("bdt-112.txt", SAMPLE)
        ws.run()
        before = ws.log()
        ws.drop("bdt-112.txt", SAMPLE.replace("whole household", "entire household"))
        ended = ws.sends_nothing()
        why = "a used reference is not sent twice"
        assert why in ended.err, ended
        entry = ws.check("bdt-112.txt", code=2)
        assert entry["status"] == "parked" and why in entry["problems"][0]["message"], entry
        assert entry["problems"][0]["line"] == 10, entry
        parked, sent = ws.circulars()
        assert parked["state"] == "parked" and why in parked["reason"] and parked["frozen"] == 0, parked
        assert sent["state"] == "completed" and sent["totals"]["accepted"] == sent["frozen"] == len(before), sent
        assert ws.log() == before


def under_another_name():
    with Workspace() as ws:
        ws.drop("bdt-112.txt", SAMPLE)
        ws.run()
        ws.drop("again.md", SAMPLE.replace("Circular BDT/DNS/DGS/112", "BDT / DNS / DGS / 112"))
        ws.sends_nothing()
        entry = ws.check("again.md", code=2)
        assert any("112" in problem["message"] for problem in entry["problems"]), entry
        assert any(row["state"] == "parked" and row["reason"] for row in ws.circulars()), ws.circulars()


def two_names_at_once():
    with Workspace() as ws:
        ws.drop("a.txt", SAMPLE)
        ws.drop("b.txt", SAMPLE)
        ended = ws.run()
        expected = addressees(ws.dir / "recipients")
        assert set(by_path(ws.sent())) == set(expected), ended
        assert len(ws.log()) == len(expected)
        ws.sends_nothing()
        assert [entry["status"] for entry in ws.expect(0, "check", "--format", "json").json()] == ["sent", "sent"]


def languages():
    with Workspace() as ws:
        french = (
            SAMPLE.replace("Geneva, 3 December 2021", "Genève, le 3 décembre 2021")
            .replace("To\n", "Aux\n").replace("Subject:", "Objet:").replace("Ref.:", "Réf.:")
            .replace("Dear Sir/Madam,", "Madame, Monsieur,").replace("Yours faithfully,", "Veuillez agréer, Madame, Monsieur, l'assurance de ma considération distinguée.")
            .replace("Administrations of ITU Member States", "Administrations des États Membres de l'UIT")
            .replace("Regulators", "Régulateurs").replace("ITU-D Sector Members", "Membres du Secteur de l'UIT-D")
            .replace("Academia", "Établissements universitaires").replace("Permanent Missions", "Missions permanentes")
        )
        ws.drop("bdt.en.md", SAMPLE)
        ws.drop("bdt.fr.md", french)
        expected = addressees(ws.dir / "recipients")
        ended = ws.run()
        got = by_path(ws.sent())
        assert set(got) == set(expected), f"{len(got)} of {len(expected)}: {ended}"
        for row in ws.log():
            path = row["address"].lower()
            speaks = re.split(r"[;,]\s*", expected[path]["language"]) if expected[path]["language"] else []
            wanted = next((language for language in speaks if language in ("en", "fr")), "en")
            assert row["language"] == wanted, f"{path} speaks {speaks} and got {row['language']}"
            assert f"\r\nContent-Language: {wanted}\r\n".encode() in got[path].octets
        assert {row["language"] for row in ws.log()} == {"en", "fr"}
        sound(list(got.values()))


def merged():
    text = "First.\n\nThis copy is for {{ addressee.name }} of {{ addressee.country }}."
    with Workspace() as ws:
        ws.drop("bdt-7.txt", letter(reference="Circular BDT/7", to=["Academia"], body=text))
        ws.run()
        expected = addressees(ws.dir / "recipients", ["academia"])
        got = by_path(ws.sent())
        assert set(got) == set(expected)
        for path, message in got.items():
            parsed = email.message_from_bytes(message.octets, policy=email.policy.default)
            plain = " ".join(parsed.get_body(("plain",)).get_content().split())
            row = expected[path]
            assert f"This copy is for {row['name']} of {row['country']}." in plain, plain[:600]
        sound(list(got.values()))


def markdown_comes_through():
    text = (
        "A [link](https://cop.example/a?b=c&d=e) and *emphasis*.\n\n1. one\n2. two\n\n"
        "| Region | Office |\n|---|---|\n| AFR | Addis Ababa |\n| ARB | Cairo |\n"
    )
    with Workspace() as ws:
        ws.drop("bdt-8.md", letter(reference="Circular BDT/8", to=["Academia"], body=text))
        ws.run()
        parsed = email.message_from_bytes(ws.sent()[0].octets, policy=email.policy.default)
        html = parsed.get_body(("html",)).get_content()
        for part in ("<table", "Addis Ababa", "<ol", "<em>emphasis</em>", 'href="https://cop.example/a?b=c&amp;d=e"'):
            assert part in html, f"{part} is not in {html}"
        plain = parsed.get_body(("plain",)).get_content()
        for part in ("https://cop.example/a?b=c&d=e", "1.", "Addis Ababa"):
            assert part in plain, f"{part} is not in {plain}"
        sound(ws.sent())


CASES = [
    ("a letter dropped as .txt reaches each mailbox of its five groups once, and the log proves it", sample_as_text),
    ("a letter dropped as .md reaches each mailbox of its five groups once, and the log proves it", sample_as_markdown),
    ("a letter with a byte order mark and CRLF is the same letter", with_line_ends_of_another_system),
    ("a letter whose lines end in CR alone is the same letter", with_carriage_returns_alone),
    ("running again sends nothing", again),
    ("the same reference with other content sends nothing and says why", other_content),
    ("the same reference, spelled differently in another file, sends nothing and says why", under_another_name),
    ("one letter dropped under two names goes out once", two_names_at_once),
    ("a circular in two languages reaches each addressee in a language of theirs", languages),
    ("merge fields are each addressee's own", merged),
    ("links, lists, emphasis and tables come through", markdown_comes_through),
]
