"""What the program answers: the shapes of its lists in JSON and CSV, its views, and the rehearsal and demonstration."""

import email
import email.policy
import hashlib
import json
import os
import pty
import subprocess

from cases_journey import sound
from workspace import GROUPS, PROGRAM, REFERENCE, SAMPLE, Workspace, addressees, clean_environment, letter

LOG = [
    "reference", "issue", "delivery", "role", "groups", "address", "name", "organization", "country", "language", "state",
    "report", "attempts", "possible_duplicate", "relay", "stage", "code", "status", "reply", "message_id", "sha256",
    "queued_at", "last_attempt_at", "accepted_at", "next_attempt_at",
]
CHECK = [
    "file", "language", "reference", "supplement", "place", "date", "to", "copy", "subject", "salutation", "closing",
    "signatories", "annexes", "deadlines", "status", "problems",
]


def sent_workspace():
    ws = Workspace()
    ws.drop("bdt-112.txt", SAMPLE)
    return ws


def log_shapes():
    with sent_workspace() as ws:
        ws.run()
        expected = addressees(ws.dir / "recipients")
        rows = ws.log()
        assert all([key for key in row if key in LOG] == LOG for row in rows), rows[0]
        assert len(rows) == len(expected)
        cells = ws.expect(0, "log", "--format", "csv").rows()
        assert [row["address"] for row in cells] == [row["address"] for row in rows]
        assert cells[0]["groups"].split("; ") == rows[0]["groups"]
        assert len(ws.log("--limit", "7")) == 7
        academia = {row["address"].lower() for row in ws.log("--group", "academia")}
        assert academia == set(addressees(ws.dir / "recipients", ["academia"]))
        kenya = {row["address"].lower() for row in ws.log(REFERENCE, "--country", "Kenya")}
        assert kenya and kenya <= set(expected)
        [one] = ws.log("--to", "ITU-FOCAL@ict.go.ke.example", "--attempts")
        assert len(one["history"]) == 1 and one["history"][0]["code"] == 250, one
        assert ws.log("--state", "refused") == [] and ws.log("--until", "2020-01-01") == []
        assert len(ws.log("--since", "2020-01-01")) == len(expected)
        assert "ITU-FOCAL" not in ws.expect(0, "log").err
        ws.expect(2, "log", "--state", "sent")


def log_by_parts():
    """A part of the log is not mistaken for the whole, and a slip of the pen is named with what there is."""
    with sent_workspace() as ws:
        ws.run()
        count = len(ws.log())
        said = ws.expect(0, "log", REFERENCE, "--limit", "4").err
        assert f"4 shown (4 accepted) of {count} frozen: {count} accepted" in said, said
        assert f"0 shown of {count} frozen" in ws.expect(0, "log", "--state", "refused").err
        assert "shown" not in ws.expect(0, "log").err
        assert "--limit" in ws.expect(2, "log", "--limit", "0").err
        for arguments, words in (
            (["--country", "Kenia"], 'country "Kenia"; did you mean "Kenya"?'),
            (["--group", "regulatos"], 'group "regulatos"; did you mean "regulators"?'),
            (["--group", "regs"], 'group "regs"; there is academia, administrations, missions, regulators, sector-members'),
            (["--relay", "foo"], 'relay "foo"; there is main'),
            (["--language", "french"], 'language "french"; there is en'),
        ):
            for form in ([], ["--format", "json"], [REFERENCE]):
                said = ws.expect(0, "log", *form, *arguments)
                assert words in said.err, said
        assert "no delivery has" not in ws.expect(0, "log", "--country", "KENYA", "--relay", "main").err


def nearly_a_reference():
    """What parts letters and numbers does not matter where one circular can be meant; where two can, both are named."""
    with Workspace() as ws:
        ws.drop("one.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ws.drop("two.txt", letter(reference="BDT/1/12", to=["Academia"]))
        ws.drop("three.txt", letter(reference="BDT/1-12", to=["Academia"]))
        ws.run()
        for typed in ("bdt 9", "BDT-9", "bdt9", "circular bdt 9", "bdt.9"):
            [shown] = ws.expect(0, "show", typed, "--format", "json").json()
            assert shown["reference"] == "Circular BDT/9", shown
            assert {row["reference"] for row in ws.log(typed)} == {"Circular BDT/9"}
        said = ws.expect(2, "show", "bdt 1 12").err
        assert '"BDT/1/12"' in said and '"BDT/1-12"' in said and "write the one you mean" in said, said
        assert "BDT/1" in ws.expect(2, "show", "bdt 11/2").err


def spellings_of_a_country():
    """Accents, case and the kind of apostrophe part no country in two: neither in sums, nor in filters, nor beforehand."""
    names = ["Sénégal", "Senegal", "SENEGAL", "Sénégal", "Côte d'Ivoire", "Côte d’Ivoire", "Côte d’Ivoire", "Mali"]
    with Workspace() as ws:
        rows = "".join(f"a{at}@p.example,A,{name}\n" for at, name in enumerate(names))
        ws.drop("academia.csv", "email,name,country\n" + rows, "recipients")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        sums = {"Côte d’Ivoire": 3, "Mali": 1, "Sénégal": 4}
        assert ws.check("bdt-9.txt", 0)["prospect"]["countries"] == sums
        ws.run()
        [shown] = ws.expect(0, "show", "bdt 9", "--format", "json").json()
        assert {name: totals["accepted"] for name, totals in shown["countries"].items()} == sums, shown
        for typed in ("Senegal", "sénégal", "SÉNÉGAL"):
            said = ws.expect(0, "log", "--country", typed, "--format", "json")
            assert len(said.json()) == 4 and "no delivery has" not in said.err, said
        assert len(ws.log("--country", "cote d'ivoire")) == 3
        certificate = ws.expect(0, "certificate", "bdt 9", "--format", "json").json()["certificate"]
        assert set(certificate["countries"]) == set(sums), certificate["countries"]


def deferred_says_when():
    """A copy that was put off says when it is tried again: in a column, or before the reply where there is no room."""
    with Workspace(sink_options=("-r", "rcpt")) as ws:
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ws.run()
        [first, *_] = ws.log("--state", "deferred")
        clock = first["next_attempt_at"][11:16]
        assert "NEXT" in ws.expect(0, "log", env={"COLUMNS": "140"}).out.splitlines()[0]
        for width, attempts in (("140", []), ("140", ["--attempts"]), ("80", []), ("80", ["--attempts"])):
            shown = ws.expect(0, "log", *attempts, env={"COLUMNS": width}).out
            told = next(line for line in shown.splitlines() if first["address"] in line) if width == "140" else shown
            assert clock in told, shown
        shown = ws.expect(0, "show", "BDT/9").out
        soonest = min(entry["next_attempt_at"] for entry in ws.log("--state", "deferred"))
        assert "Next attempt" in shown and soonest[11:16] in shown, shown


def release_says_what_leaves():
    """Before it asks, `release` says how many copies go out, that it is before their time, and that it is for good."""
    with Workspace(config='[schedule]\nrelease = "0 9 1 1 *"\n') as ws:
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ws.run()
        command = [str(PROGRAM), "--workspace", str(ws.dir), "release", "BDT/9", "--by", "Ada"]
        person, terminal = pty.openpty()
        os.write(person, b"n\n")
        done = subprocess.run(command, stdin=terminal, capture_output=True, env=clean_environment(), check=False, timeout=60)
        os.close(person)
        os.close(terminal)
        said = done.stderr.decode()
        for words in ("Circular BDT/9 (", "11 copies go out now", "cannot be called back", "; release? [y/N]", "nothing was done"):
            assert words in said, said
        assert "before the time they are due (" in said and done.returncode == 2, said


def narrow_tables():
    """At 80 columns words stay whole where they have room, and lines under a table end at the terminal's edge."""
    with Workspace(relay=None) as ws:
        text = letter(reference="Circular BDT/9", to=["Academia", "Friends of the Bureau and of its many partners"])
        ws.drop("wmo-letter.en.txt", text)
        ws.call("run", "--until-idle")
        for command in (["list"], ["alerts"]):
            shown = ws.expect(0, "--rehearsal", *command, env={"COLUMNS": "80"}).out
            assert "templates/wmo-letter.en.txt:" in shown, shown
            assert max(map(len, shown.splitlines())) <= 80, shown
        shown = ws.call("check", env={"COLUMNS": "80"}).out
        problems = shown[shown.index("error: "):].splitlines()
        assert len(problems) > 1 and max(map(len, problems)) <= 80, shown


def list_and_show():
    with sent_workspace() as ws:
        ws.run()
        count = len(addressees(ws.dir / "recipients"))
        rows = ws.circulars()
        assert len(rows) == 1, rows
        [row] = rows
        assert row["reference"] == REFERENCE and row["state"] == "completed" and row["frozen"] == count, row
        assert sum(row["totals"].values()) == count and row["totals"]["accepted"] == count, row
        [cells] = ws.expect(0, "list", "--format", "csv").rows()
        assert cells["reference"] == REFERENCE and cells["frozen"] == str(count), cells
        for name in (REFERENCE, "BDT/DNS/DGS/112", "bdt/dns/dgs/112", "BDT-DNS dgs 112", "112", "bdt-112", "templates/bdt-112.txt"):
            [shown] = ws.expect(0, "show", name, "--format", "json").json()
            assert shown["frozen"] == count and set(shown["groups"]) == set(GROUPS), shown
        for group in GROUPS:
            assert f"{group} " in ws.expect(0, "show", REFERENCE).out
        [who] = ws.expect(0, "who", "itu-focal@ict.go.ke.example", "--format", "json").json()
        assert who["reference"] == REFERENCE and who["state"] == "accepted", who


def check_shape():
    with sent_workspace() as ws:
        entry = ws.check("bdt-112.txt", code=0)
        assert [key for key in entry if key in CHECK] == CHECK, list(entry)
        assert entry["status"] == "ready" and entry["language"] == "en" and entry["date"] == "2021-12-03", entry
        assert entry["reference"] == REFERENCE and entry["place"] == "Geneva" and entry["copy"] == [], entry
        assert [line["groups"] for line in entry["to"]] == [[group] for group in GROUPS], entry["to"]
        assert [line["text"] for line in entry["to"]] == [
            "Administrations of ITU Member States", "Regulators", "ITU-D Sector Members", "Academia", "Permanent Missions",
        ]
        assert entry["to"][0]["line"] == 1 + SAMPLE[: SAMPLE.index("- Administrations")].count("\n")
        assert entry["signatories"] == [{"name": "Doreen Bogdan-Martin", "title": "Director"}], entry
        assert entry["salutation"] == "Dear Sir/Madam," and entry["closing"] == "Yours faithfully,", entry
        assert {problem["severity"] for problem in entry["problems"]} == {"warning"}, entry["problems"]
        shown = ws.expect(0, "check").out
        for words in ("READY", REFERENCE, "2021-12-03", "-> missions (15)", "85 mailboxes"):
            assert words in shown, f"{words} is not in {shown}"


def groups_and_schedule():
    with sent_workspace() as ws:
        ws.run()
        rows = ws.expect(0, "groups", "--format", "json").json()
        assert {row["group"]: row["mailboxes"] for row in rows} == {
            group: len(addressees(ws.dir / "recipients", [group])) for group in GROUPS
        }
        members = ws.expect(0, "groups", "academia", "--format", "csv").rows()
        assert {row["address"].lower() for row in members} == set(addressees(ws.dir / "recipients", ["academia"]))
        assert "academia" in ws.expect(2, "groups", "akademia").err
        assert ws.expect(0, "schedule", "--format", "json").json() == []


def sql_views():
    with sent_workspace() as ws:
        ws.run()
        count = len(ws.log())
        for view in ("delivery_log", "attempt_log"):
            [row] = ws.expect(0, "sql", f"SELECT count(*) AS n FROM {view}", "--format", "json").json()
            assert row == {"n": count}, (view, row)
        for view in ("circular_log", "group_members", "event_log"):
            assert ws.expect(0, "sql", f"SELECT * FROM {view}", "--format", "csv").rows(), view
        rows = ws.expect(
            0, "sql", "SELECT country, count(*) AS n FROM delivery_log GROUP BY country ORDER BY n DESC, country",
            "--format", "csv",
        ).rows()
        assert list(rows[0]) == ["country", "n"] and rows[0] == {"country": "China", "n": "5"}, rows[:3]


def sql_only_reads():
    with sent_workspace() as ws:
        ws.run()
        before = ws.log()
        for query in (
            "DELETE FROM delivery", "DROP VIEW delivery_log", "UPDATE delivery SET state = 'refused'", "PRAGMA user_version = 9",
            "ATTACH 'x.db' AS x", "VACUUM", "SELECT 1; DELETE FROM delivery", "SELECT nothing FROM nowhere",
        ):
            ended = ws.call("sql", query)
            assert ended.code == 2, f"{query!r} was not refused: {ended}"
        assert ws.log() == before
        ws.expect(0, "verify")
        assert not (ws.base / "x.db").exists()


def preview_is_what_goes_out():
    with sent_workspace() as ws:
        path = str(ws.dir / "templates/bdt-112.txt")
        address = "itu-focal@ict.go.ke.example"
        text = ws.expect(0, "preview", path, "--as", address).out
        assert "Updates on the Child Online Protection" in text and "Doreen Bogdan-Martin" in text
        html = ws.expect(0, "preview", path, "--as", address, "--part", "html").out
        assert '<html lang="en" dir="ltr"' in html, html[:300]
        raw = ws.expect(0, "preview", path, "--as", address, "--part", "eml")
        message = email.message_from_string(raw.out, policy=email.policy.default)
        assert message["to"].addresses[0].addr_spec == address
        stranger = ws.expect(2, "preview", path, "--as", "nobody@place.example")
        assert "nobody@place.example" in stranger.err, stranger
        ws.run()
        sent = next(message for message in ws.sent() if message.forward_paths == [address])
        bodies = email.message_from_bytes(sent.octets, policy=email.policy.default)
        assert bodies.get_body(("html",)).get_content().replace("\r\n", "\n").strip() == html.replace("\r\n", "\n").strip()


def rehearsal():
    with Workspace(relay=None) as ws:
        ws.drop("bdt-112.txt", SAMPLE)
        ended = ws.run()
        assert "REHEARSAL" in ended.err, ended
        expected = addressees(ws.dir / "recipients")
        files = sorted((ws.dir / "var/rehearsal").glob("*.eml"))
        assert len(files) == len(expected)
        rows = ws.expect(0, "--rehearsal", "log", "--format", "json")
        assert "REHEARSAL" in rows.err
        rows = rows.json()
        assert {row["address"].lower() for row in rows} == set(expected)
        assert {row["state"] for row in rows} == {"accepted"}
        assert sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in files) == sorted(row["sha256"] for row in rows)

        class Kept:
            def __init__(self, octets):
                self.octets = octets

        sound([Kept(file.read_bytes()) for file in files])
        assert ws.log() == [] and ws.circulars() == [], "the ledger in earnest knows nothing of a rehearsal"
        ended = ws.run()
        assert len(list((ws.dir / "var/rehearsal").glob("*.eml"))) == len(expected)


def rehearsed_beside_a_relay():
    """Who asks for a rehearsal gets one, whatever relay is configured."""
    with Workspace() as ws:
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        for order in (["--rehearsal", "run", "--until-idle"], ["run", "--rehearsal", "--until-idle"]):
            assert "REHEARSAL: nothing left this machine" in ws.expect(0, *order).err
        assert ws.sink.count() == 0, "a rehearsal was sent"
        assert len(ws.expect(0, "--rehearsal", "log", "--format", "json").json()) == 11 and ws.log() == []
        assert len(list((ws.dir / "var/rehearsal").glob("*.eml"))) == 11
        ws.run()
        assert ws.sink.count() == 11


def rehearsed_then_sent():
    with Workspace() as ws:
        url = ws.sink.url
        (ws.dir / "circulard.toml").write_text('[schedule]\nrelease = "now"\n', encoding="utf-8")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ws.run()
        assert ws.sink.count() == 0
        ws.configure('[schedule]\nrelease = "now"\n')
        ws.run()
        assert ws.sink.count() == 11, url


def demonstration():
    with Workspace(relay=None) as ws:
        ended = ws.expect(0, "demo", workspace=False)
        for words in (
            "REHEARSAL", REFERENCE, "sector-members", "85 mailboxes", "THE RELAY'S OWN WORDS", "accepted", "refused", "TRIES",
            "85 frozen:", "init",
        ):
            assert words in ended.out, f"{words} is not in {ended.out}"
        kept = ws.base / "kept"
        ws.expect(0, "demo", "--keep", str(kept), workspace=False)
        rows = json.loads(
            subprocess.run(
                [str(PROGRAM), "--workspace", str(kept), "--rehearsal", "log", "--format", "json"], capture_output=True,
                check=True, env=clean_environment(),
            ).stdout
        )
        assert len(rows) == 85 and {row["state"] for row in rows} == {"accepted", "refused"}
        assert not [row for row in rows if row["state"] == "accepted" and row["code"] != 250]


def empty_ledger():
    """Where there is no ledger, every list is an empty list, and none is made."""
    with Workspace(init=False, relay=None) as ws:
        for command in (["list"], ["log"], ["groups"]):
            assert ws.expect(0, *command, "--format", "json").json() == [], command
        assert ws.expect(0, "sql", "SELECT * FROM delivery_log", "--format", "json").json() == []
        ws.drop("bdt-112.txt", SAMPLE)
        assert ws.check("bdt-112.txt", code=0)["status"] == "ready"
        assert not list(ws.dir.glob("var/*.db")), "a question made a ledger"


def tampered():
    """A changed event breaks the chain, and `verify` says where."""
    import sqlite3

    with sent_workspace() as ws:
        ws.run()
        ws.expect(0, "verify")
        database = sqlite3.connect(ws.dir / "var/ledger.db")
        triggers = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for trigger in triggers:
            database.execute(f'DROP TRIGGER "{trigger}"')
        database.execute("UPDATE event SET by = 'somebody else' WHERE id = 3")
        database.commit()
        database.close()
        ended = ws.expect(1, "verify")
        assert "broken at" in ended.out, ended


CASES = [
    ("answers: release says what leaves before it asks", release_says_what_leaves),
    ("answers: at 80 columns words stay whole", narrow_tables),
    ("answers: a part of the log is no whole, and a slip of the pen is named", log_by_parts),
    ("answers: a reference typed with other marks is found, or all that it may be are named", nearly_a_reference),
    ("answers: the spellings of a country are one", spellings_of_a_country),
    ("answers: a copy that was put off says when it is tried again", deferred_says_when),
    ("the log answers in JSON and CSV under the same names, and its filters filter", log_shapes),
    ("list, show and who agree on totals, and any spelling of a reference finds the circular", list_and_show),
    ("check tells each field of the letter with its line", check_shape),
    ("groups and schedule answer in JSON and CSV", groups_and_schedule),
    ("the documented views answer questions in SQL", sql_views),
    ("sql reads and nothing else", sql_only_reads),
    ("preview shows what then goes out", preview_is_what_goes_out),
    ("with no relay the run rehearses, keeps every message and says so", rehearsal),
    ("a rehearsal that is asked for sends nothing, whatever relay is configured", rehearsed_beside_a_relay),
    ("a reference used in rehearsal is free in earnest", rehearsed_then_sent),
    ("the demonstration runs on its own and prints the log", demonstration),
    ("an absent ledger reads as empty and is not made by a question", empty_ledger),
    ("a changed event is found by verify", tampered),
]
