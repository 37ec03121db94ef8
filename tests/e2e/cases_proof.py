"""The proof of dispatch: certificate, verify, and the log by pages and as it happens."""

import hashlib
import html.parser
import json
import signal
import sqlite3
import subprocess

from workspace import PROGRAM, REFERENCE, SAMPLE, Workspace, addressees, clean_environment, letter, stop, until


def facts_hash(certificate):
    """As the README says: every addressee's line, then the facts, each as one line ended by LF."""
    lines = [*certificate["deliveries"], certificate["certificate"]]
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    return hashlib.sha256(text.encode()).hexdigest()


def certified(ws, *arguments, reference=REFERENCE):
    return ws.expect(0, *arguments, "certificate", reference, "--format", "json").json()


class Page(html.parser.HTMLParser):
    """What stands on a page, and what it would ask for."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words, self.asks = set(), [], []
        self.feed(text)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.asks += [value for name, value in attrs if name in ("src", "href", "action", "data", "srcset")]

    def handle_data(self, data):
        self.words.append(data)


def certificate_adds_up():
    with Workspace() as ws:
        ws.drop("bdt-112.txt", SAMPLE)
        ws.run()
        proof = certified(ws)
        facts, lines, seal = proof["certificate"], proof["deliveries"], proof["seal"]
        expected = set(addressees(ws.dir / "recipients"))
        assert {line["address"].lower() for line in lines} == expected and seal["deliveries"] == len(lines) == len(expected)
        assert sum(facts["totals"].values()) == len(expected) == facts["totals"]["accepted"], facts["totals"]
        for by in ("groups", "countries", "languages"):
            assert all(sum(totals.values()) > 0 for totals in facts[by].values()), by
        assert sum(sum(totals.values()) for totals in facts["countries"].values()) == len(expected)
        assert not facts["interim"] and not facts["rehearsal"] and facts["state"] == "completed", facts
        [issue] = facts["issues"]
        assert issue["versions"][0]["sha256"] == hashlib.sha256(SAMPLE.encode()).hexdigest(), issue
        assert issue["frozen_at"] <= issue["first_attempt_at"] <= issue["last_accepted_at"] <= issue["completed_at"]
        sent = {hashlib.sha256(message.octets).hexdigest() for message in ws.sent()}
        assert {line["sha256"] for line in lines} == sent, "the certificate names other octets than the relay has"
        assert seal["facts_sha256"] == facts_hash(proof)
        events = ws.expect(0, "sql", "SELECT id, hash FROM event_log ORDER BY id", "--format", "json").json()
        assert (seal["ledger_events"], seal["chain_head"]) == (events[-1]["id"], events[-1]["hash"])


def certificate_is_comparable():
    with Workspace() as ws:
        ws.drop("bdt-112.txt", SAMPLE)
        ws.run()
        first = certified(ws)
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ws.run()
        second = certified(ws, reference="112")
        assert first["seal"]["facts_sha256"] == second["seal"]["facts_sha256"], "nothing about this circular has changed"
        assert first["seal"]["chain_head"] != second["seal"]["chain_head"]
        file = ws.base / "proof.html"
        told = ws.expect(0, "certificate", REFERENCE, "--out", str(file))
        assert first["seal"]["facts_sha256"] in told.err and str(file) in told.out, told
        assert first["seal"]["facts_sha256"] in file.read_text(encoding="utf-8")
        ws.expect(0, "certificate", "112", "--out", str(ws.base / "proof.json"))
        written = json.loads((ws.base / "proof.json").read_text(encoding="utf-8"))
        assert written["seal"]["facts_sha256"] == first["seal"]["facts_sha256"]
        assert not [path for path in ws.base.iterdir() if path.suffix == ".part"]
        database = sqlite3.connect(ws.dir / "var/ledger.db")
        database.execute("UPDATE delivery SET reply = 'other words' WHERE id = 1")
        database.commit()
        database.close()
        assert certified(ws)["seal"]["facts_sha256"] != first["seal"]["facts_sha256"], "another reply, the same hash"


def certificate_page():
    """What the demonstration's relay refused stands first; a rehearsal says so; the page asks nobody for anything."""
    with Workspace(relay=None) as ws:
        kept = ws.base / "kept"
        ws.expect(0, "demo", "--keep", str(kept), workspace=False)
        done = subprocess.run(
            [str(PROGRAM), "--workspace", str(kept), "--rehearsal", "certificate", "112"], capture_output=True, check=True,
            env=clean_environment(),
        )
        page = Page(done.stdout.decode())
        assert page.asks == [] and not page.tags & {"script", "link", "img", "iframe"}, (page.asks, page.tags)
        assert "85 addressees = 81 accepted + 4 refused" in page.text, page.text[:600]
        assert "REHEARSAL Nothing left this machine." in page.text and "INTERIM" not in page.text
        first, everyone = page.text.split("Every addressee In the order", 1)
        first = first.split("To look at first", 1)[1]
        assert first.count("What to do:") == 4 and everyone.count("What to do:") == 0
        assert "dir=auto" in done.stdout.decode() and "البعثة الدائمة" in page.text
        assert done.stdout.count(b"@bottom-right { content: \"Page \" counter(page)") == 1


def certificate_without_pdf():
    """The suite's build has no typesetter: it says so, says what to do, and leaves no file behind."""
    with Workspace() as ws:
        ws.drop("bdt-112.txt", SAMPLE)
        ws.run()
        for words in (["--format", "pdf"], ["--out", str(ws.base / "proof.pdf")]):
            ended = ws.expect(2, "certificate", "112", *words)
            assert "--features pdf" in ended.err and "--format html" in ended.err, ended.err
        other = ws.expect(2, "certificate", "112", "--out", str(ws.base / "proof.docx"))
        assert ".docx" in other.err and ".html" in other.err, other.err
        assert not list(ws.base.glob("*proof*"))


def certificate_on_the_way():
    with Workspace(sink_options=("-w", "1")) as ws:
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"], head="send: 2099-12-07 09:00"))
        ws.run()
        for unknown in ("BDT/9", "BDT/10"):
            ended = ws.expect(2, "certificate", unknown)
            assert ended.out == "", ended
        assert "has not been frozen yet" in ws.expect(2, "certificate", "BDT/9").err
        daemon = ws.start()
        ws.expect(0, "release", "BDT/9", "--yes", "--by", "Ada", "--reason", "agreed by telephone")
        until("some are out", lambda: ws.sink.count() >= 1)
        ws.expect(0, "hold", "BDT/9", "--yes", "--by", "Ada")
        until("nothing is on the wire", lambda: not ws.log("--state", "in_transaction"))
        proof = certified(ws, reference="BDT/9")
        facts = proof["certificate"]
        assert facts["interim"] and facts["totals"]["queued"] > 0 and sum(facts["totals"].values()) == 11, facts
        acts = [(event["kind"], event["by"], event["reason"]) for event in facts["events"]]
        assert ("released", "Ada", "agreed by telephone") in acts, acts
        assert "INTERIM" in ws.expect(0, "certificate", "BDT/9").out
        assert facts_hash(proof) == proof["seal"]["facts_sha256"]
        stop(daemon)


def pages_of_the_log():
    with Workspace() as ws:
        ws.drop("bdt-112.txt", SAMPLE)
        ws.run()
        whole = [row["delivery"] for row in ws.log()]
        found, after = [], []
        while True:
            page = ws.expect(0, "log", "--format", "json", "--limit", "20", *after)
            rows = page.json()
            found += [row["delivery"] for row in rows]
            if "--after" not in page.err:
                break
            after = ["--after", page.err.split("--after ")[1].split()[0]]
            assert len(rows) == 20, rows
        assert found == whole
        cells = ws.expect(0, "log", "--format", "csv", "--limit", "3", "--after", f"d{whole[9]:x}").rows()
        assert [int(row["delivery"]) for row in cells] == whole[10:13]
        ended = ws.expect(2, "log", "--after", "yesterday")
        assert "is no place in the log" in ended.err, ended
        rows = ws.log()
        domain = rows[0]["address"].rsplit("@")[1].lower()
        same = [row["delivery"] for row in rows if row["address"].lower().endswith(f"@{domain}")]
        assert [row["delivery"] for row in ws.log("--to", f"@{domain.upper()}")] == same
        for option, key, value in (
            ("--language", "language", "en"), ("--role", "role", "to"), ("--relay", "relay", rows[0]["relay"]),
        ):
            assert [row["delivery"] for row in ws.log(option, value)] == [row["delivery"] for row in rows if row[key] == value]
        assert ws.log("--role", "copy") == [] and ws.log("--language", "zh") == [] and ws.log("--relay", "nobody") == []
        assert "is no place" in ws.expect(2, "log", "--after", "").err
        ws.expect(2, "log", "--role", "cc")


def followed():
    with Workspace() as ws:
        ws.run()
        command = [str(PROGRAM), "--workspace", str(ws.dir), "log", "--follow", "--format", "json"]
        tail = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment())
        try:
            assert b"following" in tail.stderr.readline()
            ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
            ws.run()
            rows = [json.loads(tail.stdout.readline()) for _ in range(11)]
            assert {row["address"].lower() for row in rows} == set(addressees(ws.dir / "recipients", ["academia"]))
            assert {row["state"] for row in rows} == {"accepted"} and all(row["code"] == 250 for row in rows), rows
            tail.send_signal(signal.SIGINT)
            out, err = tail.communicate(timeout=30)
            assert tail.returncode == 0 and out == b"", (tail.returncode, out, err)
        finally:
            if tail.poll() is None:
                tail.kill()
                tail.communicate()
        ws.expect(2, "log", "--follow", "--limit", "3")


def tampered(sql, *says):
    def case():
        with Workspace() as ws:
            (ws.dir / "templates/bdt-9").mkdir()
            (ws.dir / "templates/bdt-9/form.bin").write_bytes(b"\x00a form\r\n\xff")
            ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"], head="attachments: form.bin"))
            ws.run()
            for all_of_it in ([], ["--all"]):
                sound = ws.expect(0, "verify", *all_of_it).out
                assert "messages: 11" in sound and "annexes: each" in sound, sound
            database = sqlite3.connect(ws.dir / "var/ledger.db")
            for [trigger] in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                database.execute(f'DROP TRIGGER "{trigger}"')
            database.execute(sql)
            database.commit()
            database.close()
            ended = ws.expect(1, "verify", "--all")
            for words in says:
                assert words in ended.out, f"{words} is not in {ended}"

    return case


def asked_from_outside():
    """The connection string of the README reads, and writes nothing."""
    with Workspace() as ws:
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ws.run()
        database = sqlite3.connect(f"file:{ws.dir}/var/ledger.db?mode=ro", uri=True)
        for view, count in (("delivery_log", 11), ("attempt_log", 11), ("circular_log", 1), ("annex_log", 0)):
            assert database.execute(f"SELECT count(*) FROM {view}").fetchone() == (count,), view
        try:
            database.execute("UPDATE issue SET total = 1")
            raise AssertionError("a read-only connection wrote")
        except sqlite3.OperationalError:
            pass
        database.close()
        shown = ws.expect(0, "sql", "--help").out
        for view in ("delivery_log", "attempt_log", "circular_log", "annex_log", "group_members", "event_log"):
            assert view in shown, f"{view} is not in {shown}"


CASES = [
    ("a certificate lists every addressee, adds up, and carries the hashes of what the relay got", certificate_adds_up),
    ("a certificate gives the same hash as long as nothing about the circular has changed", certificate_is_comparable),
    ("a certificate's page stands alone, names failures first with remedies, and marks a rehearsal", certificate_page),
    ("a certificate as PDF says what to do where the program was built without", certificate_without_pdf),
    ("an unfinished circular gives an interim certificate, one not frozen none", certificate_on_the_way),
    ("the log's pages are the log, and each filter filters", pages_of_the_log),
    ("log --follow shows each attempt once and ends when interrupted", followed),
    ("verify finds a changed addressee by composing anew", tampered(
        "UPDATE delivery SET address = 'Other@place.example' WHERE id = 4",
        "messages: Circular BDT/9: delivery 4 to Other@place.example: composed anew")),
    ("verify finds a changed letter", tampered(
        "UPDATE part SET rendered = replace(rendered, 'honour', 'horror')", "messages: Circular BDT/9: delivery 1 ")),
    ("verify finds a changed annex", tampered(
        "UPDATE annex SET octets = x'00'", "annexes: Circular BDT/9: issue 1: annex \"form.bin\"", "annex \"form.bin\" was changed")),
    ("verify finds a changed state", tampered(
        "UPDATE delivery SET state = 'refused' WHERE id = 2", "totals: Circular BDT/9: issue 1: ")),
    ("verify finds an attempt that the journal knows and the ledger lost", tampered(
        "DELETE FROM attempt WHERE delivery = 5", "delivery 5: accepted without a 250", "of delivery 5, accepted, is not in the ledger")),
    ("verify finds a changed reply", tampered(
        "UPDATE attempt SET reply = 'Ok: another' WHERE delivery = 5", "delivery 5: its answer is not that of its last attempt",
        "seals: Circular BDT/9: attempts 1 to 11 are not those on record when it was completed")),
    ("verify finds a changed address by the seal", tampered(
        "UPDATE delivery SET address = 'Other@place.example' WHERE id = 4",
        "seals: Circular BDT/9: issue 1: its addressees are not those it was completed with")),
    ("verify names the first broken link", tampered(
        "UPDATE event SET by = 'somebody else' WHERE id = 3", "events: broken at event 3 (", "is not what was hashed")),
    ("the views answer a read-only connection from outside", asked_from_outside),
]
