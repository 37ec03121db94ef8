"""What staff see before anything is sent: the note beside a parked letter, the test copy, and what would happen."""

import collections
import email
import email.policy
import hashlib
import json
import os
import re

from workspace import NOW, ROOT, Workspace, addressees, letter, stop, until

MARK = "[circulard] "


def note_of(ws, stem):
    path = ws.dir / f"templates/{stem}.problems.txt"
    return path.read_text(encoding="utf-8") if path.exists() else None


def ready(ws):
    """The lists are read, so that a letter is understood as soon as it has come to rest."""
    until("the lists are read", lambda: len(ws.expect(0, "groups", "--format", "json").json()) == 5)


def note_comes_and_goes():
    with Workspace() as ws:
        daemon = ws.start()
        ready(ws)
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Acadamia"]))
        until("there is a note", lambda: note_of(ws, "bdt-9"))
        note = note_of(ws, "bdt-9")
        assert note.startswith(MARK), note
        lines = (ws.dir / "templates/bdt-9.txt").read_text(encoding="utf-8").splitlines()
        line = next(number for number, text in enumerate(lines, 1) if "Acadamia" in text)
        assert f'templates/bdt-9.txt:{line}: no group is called "Acadamia"; did you mean "Academia" (academia)?' in note, note
        assert re.search(r"^Written on \w{3} \d\d \w{3} \d{4} .* UTC \(\+00:00\)$", note, re.MULTILINE), note
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Regulaters"]))
        until("the note says what is wrong now", lambda: "Regulaters" in (note_of(ws, "bdt-9") or ""))
        assert "Acadamia" not in note_of(ws, "bdt-9")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        until("it is completed", lambda: ws.states().get("Circular BDT/9") == "completed")
        until("the note is gone", lambda: note_of(ws, "bdt-9") is None)
        stop(daemon)
        assert ws.sink.count() == 11, "the note itself went out"
        assert {row["reference"] for row in ws.circulars()} == {"Circular BDT/9"}
        left = [name for name in os.listdir(ws.dir / "templates") if "note" in name]
        assert left == [], f"left behind: {left}"


def note_goes_with_its_letter():
    with Workspace() as ws:
        ws.drop("gone.txt", letter(reference="Circular BDT/8", to=["Nobody at all"]))
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Nobody at all"]))
        ws.run()
        assert note_of(ws, "gone") and note_of(ws, "bdt-9")
        entries = ws.expect(2, "check", "--format", "json").json()
        assert [entry["file"] for entry in entries] == ["templates/bdt-9.txt", "templates/gone.txt"], "a note was read as a letter"
        named = ws.expect(0, "check", "--format", "json", str(ws.dir / "templates/gone.problems.txt")).json()
        assert named[0]["status"] == "not_a_letter" and "note of problems" in named[0]["problems"][0]["message"], named
        # while nobody runs
        (ws.dir / "templates/gone.txt").unlink()
        ws.run()
        assert note_of(ws, "gone") is None and note_of(ws, "bdt-9")
        daemon = ws.start()
        ready(ws)
        (ws.dir / "templates/bdt-9.txt").unlink()
        until("the note is gone", lambda: note_of(ws, "bdt-9") is None)
        stop(daemon)


def note_left_alone():
    """The same problems, the same file: no new date, no new time of change, whatever else happens in the folder."""
    with Workspace() as ws:
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Acadamia"]))
        ws.run()
        before = os.stat(ws.dir / "templates/bdt-9.problems.txt"), note_of(ws, "bdt-9")
        daemon = ws.start()
        ready(ws)
        ws.drop("bdt-8.txt", letter(reference="Circular BDT/8", to=["Academia"]))
        until("another went out", lambda: ws.states().get("Circular BDT/8") == "completed")
        # saved again without a change
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Acadamia"]))
        ws.drop("bdt-7.txt", letter(reference="Circular BDT/7", to=["Academia"]))
        until("and another", lambda: ws.states().get("Circular BDT/7") == "completed")
        stop(daemon)
        ws.run()
        after = os.stat(ws.dir / "templates/bdt-9.problems.txt"), note_of(ws, "bdt-9")
        assert (before[0].st_mtime_ns, before[0].st_ino) == (after[0].st_mtime_ns, after[0].st_ino), "written anew"
        assert before[1] == after[1]


def deleted_note_comes_again():
    with Workspace('[schedule]\nrelease = "now"\n[watch]\nrescan = "1s"\n') as ws:
        daemon = ws.start()
        ready(ws)
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Acadamia"]))
        until("there is a note", lambda: note_of(ws, "bdt-9"))
        (ws.dir / "templates/bdt-9.problems.txt").unlink()
        until("there is one again", lambda: note_of(ws, "bdt-9"))
        stop(daemon)


def somebody_elses_file():
    """What bears the note's name and is not ours is left alone, and the others go on."""
    with Workspace() as ws:
        outside = ws.base / "outside.txt"
        outside.write_text("[circulard] precious\n", encoding="utf-8")
        own = ws.dir / "templates/own.problems.txt"
        own.write_text("My problems with this letter\n", encoding="utf-8")
        (ws.dir / "templates/link.problems.txt").symlink_to(outside)
        # of letters in which nothing is wrong, and of none
        for stem in ("bdt-9", "nothing"):
            (ws.dir / f"templates/{stem}.problems.txt").write_text("Mine\n", encoding="utf-8")
        for stem, reference in (("own", "Circular BDT/7"), ("link", "Circular BDT/8")):
            ws.drop(f"{stem}.txt", letter(reference=reference, to=["Acadamia"]))
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ended = ws.run()
        assert own.read_text(encoding="utf-8") == "My problems with this letter\n"
        assert outside.read_text(encoding="utf-8") == "[circulard] precious\n"
        assert (ws.dir / "templates/link.problems.txt").is_symlink()
        assert ended.err.count("not written by circulard") == 2, ended
        assert all(note_of(ws, stem) == "Mine\n" for stem in ("bdt-9", "nothing"))
        assert ws.sink.count() == 11


def unwritable_folder():
    """A templates/ folder in which nothing can be made: one line of the log, and letters go out all the same."""
    with Workspace() as ws:
        # a folder under the hidden name keeps the superuser, too, from writing notes
        (ws.dir / "templates/.circulard-note.part").mkdir()
        (ws.dir / "templates/.circulard-note.part/x").write_text("x", encoding="utf-8")
        for number in (6, 7, 8):
            ws.drop(f"bdt-{number}.txt", letter(reference=f"Circular BDT/{number}", to=["Acadamia"]))
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ended = ws.run()
        assert ended.err.count("the note cannot be kept there") == 1, ended
        assert ws.states()["Circular BDT/9"] == "completed"
        assert note_of(ws, "bdt-8") is None


def note_in_the_letters_language():
    with Workspace(NOW + '[staff]\nlanguage = "letter"\n') as ws:
        french = letter(reference="Circulaire BDT/9", to=["Acadamia"])
        french = french.replace("Geneva, 3 December 2021", "Genève, le 3 décembre 2021").replace("Dear Sir/Madam,", "Madame, Monsieur,")
        ws.drop("bdt-9.fr.txt", french)
        ws.drop("bdt-8.txt", letter(reference="Circular BDT/8", to=["Acadamia"]))
        ws.run()
        note = note_of(ws, "bdt-9")
        assert "cette lettre est retenue" in note and "aucun groupe ne s'appelle « Acadamia »" in note, note
        assert "this letter is parked" in note_of(ws, "bdt-8"), note_of(ws, "bdt-8")


def cancelled_letter_has_no_note():
    """A letter that a person has cancelled stays so when it is read again, and nobody is told to mend it."""
    with Workspace('[schedule]\nrelease = "0 9 1 1 *"\n') as ws:
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ws.run()
        ws.expect(0, "cancel", "Circular BDT/9", "--yes", "--by", "ada")
        ws.run()
        assert [row["state"] for row in ws.circulars()] == ["cancelled"], ws.circulars()
        assert note_of(ws, "bdt-9") is None
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"], body="Quite another text."))
        ws.run()
        assert "was cancelled" in note_of(ws, "bdt-9")


def link_in_a_letters_place():
    with Workspace() as ws:
        outside = ws.base / "outside.txt"
        outside.write_text(letter(), encoding="utf-8")
        (ws.dir / "templates/bdt-9.txt").symlink_to(outside)
        ws.run()
        assert "templates/bdt-9.txt: it is a symbolic link; put the file itself here" in note_of(ws, "bdt-9")
        (ws.dir / "templates/bdt-9.txt").unlink()
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ws.run()
        assert note_of(ws, "bdt-9") is None and ws.sink.count() == 11


def headers(message):
    return email.message_from_bytes(message.octets, policy=email.policy.default)


def events(ws, kind, *arguments):
    rows = ws.expect(0, *arguments, "sql", f"SELECT reference, by, detail FROM event_log WHERE kind = '{kind}' ORDER BY id", "--format", "json").json()
    return [{**row, **json.loads(row["detail"])} for row in rows]


def test_copy():
    """One marked message to somebody who is no addressee; nothing is counted, the chain of events knows it."""
    with Workspace('[schedule]\nrelease = "0 9 1 1 *"\n') as ws:
        (ws.dir / "templates/bdt-9").mkdir()
        (ws.dir / "templates/bdt-9/form.txt").write_text("Name: …\n", encoding="utf-8")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Administrations of ITU Member States"], head="attachments: form.txt"))
        ended = ws.expect(0, "test", str(ws.dir / "templates/bdt-9.txt"), "--to", "colleague@house.example", "--as", "cabinet@mcten.gouv.sn.example", "--by", "ada")
        assert "accepted: 250 " in ended.out and "colleague@house.example" in ended.out, ended
        (message,) = ws.sent()
        assert message.forward_paths == ["colleague@house.example"]
        assert message.reverse_path.startswith("<circulars@circulard.example>"), message.reverse_path
        fields = headers(message)
        assert fields["To"] == "colleague@house.example", "an answer to all must not reach the minister"
        assert fields["Subject"].startswith("[TEST] Circular BDT/9: "), fields["Subject"]
        text = fields.get_body(("plain",)).get_content()
        assert "Test copy. This letter has not been issued." in text and "Madame la Ministre," in text, text
        assert [part.get_filename() for part in fields.iter_attachments()] == ["form.txt"]
        assert ws.log() == [] and ws.circulars() == [], "a test copy counts as nothing"
        (begun,), (ended,) = events(ws, "test_begun"), events(ws, "test_ended")
        assert begun["by"] == "ada" and begun["to"] == "colleague@house.example" and begun["reference"] == "Circular BDT/9"
        octets = (ws.dir / "templates/bdt-9.txt").read_bytes()
        assert begun["file_sha256"] == hashlib.sha256(octets).hexdigest() and begun["as"] == "cabinet@mcten.gouv.sn.example"
        assert begun["sha256"] == hashlib.sha256(message.octets).hexdigest(), "the octets recorded are those sent"
        assert ended["code"] == 250 and ended["outcome"] == "accepted" and ended["relay"] == "main", ended
        assert begun["message_id"] == ended["message_id"] == fields["Message-ID"]
        ws.expect(0, "verify")
        # again: another Message-ID, and the letter itself still goes out whole
        ws.expect(0, "test", str(ws.dir / "templates/bdt-9.txt"), "--to", "colleague@house.example")
        assert len({headers(message)["Message-ID"] for message in ws.sent()}) == 2
        ws.run()
        ws.expect(0, "release", "Circular BDT/9", "--yes", "--by", "ada")
        ws.run()
        real = [message for message in ws.sent() if not headers(message)["Subject"].startswith("[TEST]")]
        assert len(real) == len(addressees(ws.dir / "recipients", ["administrations"])) == len(ws.log())


def test_copy_beside_a_daemon():
    with Workspace('[schedule]\nrelease = "0 9 1 1 *"\n') as ws:
        daemon = ws.start()
        ready(ws)
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        until("it is ready", lambda: ws.states().get("Circular BDT/9") == "ready")
        for _ in range(3):
            ws.expect(0, "test", str(ws.dir / "templates/bdt-9.txt"), "--to", "colleague@house.example")
        assert ws.sink.count() == 3 and daemon.poll() is None
        ws.expect(0, "release", "Circular BDT/9", "--yes", "--by", "ada")
        until("it is completed", lambda: ws.states().get("Circular BDT/9") == "completed")
        stop(daemon)
        assert ws.sink.count() == 3 + 11
        ws.expect(0, "verify")


def test_copy_of_a_parked_letter():
    with Workspace() as ws:
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia", "Acadamias"]))
        ended = ws.expect(0, "test", str(ws.dir / "templates/bdt-9.txt"), "--to", "colleague@house.example")
        assert "the letter itself is parked" in ended.err and 'no group is called "Acadamias"' in ended.err, ended
        assert "as the first addressee" in ended.err and ws.sink.count() == 1, ended
        ws.drop("bdt-8.txt", letter(reference="Circular BDT/8", to=["Nobody known"]))
        ended = ws.expect(0, "test", str(ws.dir / "templates/bdt-8.txt"), "--to", "colleague@house.example")
        assert "as nobody in particular" in ended.err and ws.sink.count() == 2, ended
        assert events(ws, "test_begun")[-1]["parked"] is True
        # what cannot be composed is refused, with file, line and remedy
        ws.drop("bdt-7.txt", letter(reference="Circular BDT/7", to=["Nobody known"], body="Dear {{ addressee.name }}, good day."))
        ended = ws.expect(2, "test", str(ws.dir / "templates/bdt-7.txt"), "--to", "colleague@house.example")
        assert "no addressee is known" in ended.err, ended
        ws.drop("bdt-6.txt", letter(reference="Circular BDT/6", to=["Academia"], body="Good {% day %}."))
        ended = ws.expect(2, "test", str(ws.dir / "templates/bdt-6.txt"), "--to", "colleague@house.example")
        assert "bdt-6.txt:" in ended.err, ended
        ended = ws.expect(2, "test", str(ws.dir / "templates/bdt-9.txt"), "--to", "colleague@house.example", "--as", "stranger@far.example")
        assert "stranger@far.example is in none of the letter's groups" in ended.err, ended
        for to in ("colleague", "a@b.example, c@d.example", "", "a@b.example>\r\nRCPT TO:<c@d.example"):
            ws.expect(2, "test", str(ws.dir / "templates/bdt-9.txt"), "--to", to)
        assert ws.sink.count() == 2 and len(events(ws, "test_begun")) == 2


def test_copy_rehearsed():
    with Workspace(relay=None) as ws:
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ended = ws.expect(0, "test", str(ws.dir / "templates/bdt-9.txt"), "--to", "colleague@house.example", "--by", "ada")
        assert "REHEARSAL: nothing left this machine" in ended.err and "accepted: 250 " in ended.out, ended
        (kept,) = (ws.dir / "var/rehearsal").glob("*.eml")
        assert b"[TEST]" in kept.read_bytes()
        assert events(ws, "test_begun", "--rehearsal")[0]["rehearsal"] is True
        assert events(ws, "test_begun") == [], "the real ledger knows nothing of it"


def test_copy_marked_in_its_language():
    with Workspace() as ws:
        french = letter(reference="Circulaire BDT/9", to=["Academia"], subject="Mise à jour").replace("Dear Sir/Madam,", "Madame, Monsieur,")
        ws.drop("bdt-9.fr.txt", french)
        ws.expect(0, "test", str(ws.dir / "templates/bdt-9.fr.txt"), "--to", "collegue@maison.example")
        (message,) = ws.sent()
        fields = headers(message)
        assert fields["Subject"].startswith("[ESSAI] Circulaire BDT/9"), fields["Subject"]
        assert "Copie d'essai." in fields.get_body(("plain",)).get_content()


def test_copy_refused():
    """The relay's own words are printed and recorded; nothing else happens."""
    with Workspace(sink_options=("-f", "RCPT")) as ws:
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ended = ws.expect(1, "test", str(ws.dir / "templates/bdt-9.txt"), "--to", "colleague@house.example")
        assert "not accepted: rcpt: 5" in ended.out, ended
        (event,) = events(ws, "test_ended")
        assert event["outcome"] == "refused" and event["stage"] == "rcpt" and event["code"] // 100 == 5, event
        ws.sink.process.terminate()
        ws.sink.process.wait(10)
        ended = ws.expect(1, "test", str(ws.dir / "templates/bdt-9.txt"), "--to", "colleague@house.example")
        assert "not sent: connect: " in ended.out, ended
        assert events(ws, "test_ended")[-1]["outcome"] == "not_sent"


def test_copy_makes_no_ledger_that_sends():
    """Where there was no ledger, the one made to record a test copy does not let old letters go."""
    with Workspace(init=False) as ws:
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ws.expect(0, "test", str(ws.dir / "templates/bdt-9.txt"), "--to", "colleague@house.example")
        ws.run()
        assert ws.sink.count() == 1 and ws.states() == {"Circular BDT/9": "late"}, ws.circulars()


def test_copy_takes_the_next_relay():
    """As letters do: the relay that is asked first rests, the next one has it; and a rate that is used up is kept."""
    with Workspace() as ws:
        (ws.dir / "recipients/one.csv").write_text("email\nonly@x.example\n", encoding="utf-8")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["one"]))
        dead = '[[relay]]\nname = "dead"\nurl = "smtp://127.0.0.1:1"\n'
        main = f'[[relay]]\nurl = "{ws.sink.url}"\npriority = 2\n'
        (ws.dir / "circulard.toml").write_text(dead + main + NOW, encoding="utf-8")
        ended = ws.expect(0, "test", str(ws.dir / "templates/bdt-9.txt"), "--to", "colleague@house.example")
        assert "relay dead: connect: " in ended.err and "through main: accepted" in ended.out, ended
        (ws.dir / "circulard.toml").write_text(f'{main}rate = "1/hour"\n{NOW}', encoding="utf-8")
        ws.run()
        assert ws.sink.count() == 2
        ended = ws.expect(2, "test", str(ws.dir / "templates/bdt-9.txt"), "--to", "colleague@house.example")
        assert 'relay "main": its rate is used up' in ended.err and ws.sink.count() == 2, ended
        assert events(ws, "test_ended")[-1]["outcome"] == "not_sent"
        ws.expect(0, "verify")


def unit_grants_the_folder():
    """The service may write where notes lie, and a note is readable for the folder's group."""
    unit = (ROOT / "deploy/circulard.service").read_text(encoding="utf-8")
    keys = dict(line.split("=", 1) for line in unit.splitlines() if re.match(r"\w+=", line))
    workspace = re.search(r"--workspace (\S+) run", keys["ExecStart"]).group(1)
    assert f"{workspace}/templates" in keys["ReadWritePaths"].split(), keys["ReadWritePaths"]
    assert keys["ProtectSystem"] == "strict" and int(keys["UMask"], 8) & 0o040 == 0
    with Workspace() as ws:
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Acadamia"]))
        ws.run()
        mode = (ws.dir / "templates/bdt-9.problems.txt").stat().st_mode & 0o777
        umask = os.umask(0o022)
        os.umask(umask)
        assert mode == 0o666 & ~umask, oct(mode)


GROUPS_ASKED = ["Administrations of ITU Member States", "Regulators", "Academia"]


def what_would_happen_happens():
    """The counts that `check` foretells are those that are frozen, by language, country, role and sender."""
    with Workspace('[release]\napprovals = 1\n[schedule]\nrelease = "0 9 1 1 *"\ntime_zone = "Europe/Zurich"\n') as ws:
        (ws.dir / "templates/bdt-9").mkdir()
        (ws.dir / "templates/bdt-9/form.txt").write_text("x" * 1500, encoding="utf-8")
        head = "attachments: form.txt\nexclude: missions, dean.ict@univ-rift.example\nreply-to: cop@itu.example\ncopy: Permanent Missions, ITU-D Sector Members"
        english = letter(reference="Circular BDT/9", to=GROUPS_ASKED, head=head)
        french = english.replace("Dear Sir/Madam,", "Madame, Monsieur,").replace("Geneva, 3 December 2021", "Genève, le 3 décembre 2021")
        ws.drop("bdt-9.en.txt", english)
        ws.drop("bdt-9.fr.txt", french)
        would = ws.check("bdt-9.en.txt", 0)["prospect"]
        assert ws.check("bdt-9.fr.txt", 0)["prospect"] is None, "said once, with the original"
        assert would["due_by"] == "window" and would["due_at"].endswith("-01-01T09:00:00+01:00"), would
        assert would["attachments"] == [{"name": "form.txt", "octets": 1500}] and would["reply_to"] == ["cop@itu.example"]
        assert would["approvals"] == {"needed": 1, "given": 0, "missing": 1, "voided": []} and would["before"] is None
        # read from the lists by other code than the program's
        asked = addressees(ws.dir / "recipients", ["administrations", "regulators", "academia", "sector-members"])
        missions = addressees(ws.dir / "recipients", ["missions"])
        excluded = [mailbox for mailbox in asked if mailbox in missions or mailbox == "dean.ict@univ-rift.example"]
        assert would["messages"] == len(asked) - len(excluded), would
        ws.run()
        ws.expect(0, "approve", "Circular BDT/9", "--yes", "--by", "ada")
        assert ws.check("bdt-9.en.txt", 0)["prospect"]["approvals"] == {"needed": 1, "given": 1, "missing": 0, "voided": []}
        ws.expect(0, "release", "Circular BDT/9", "--yes", "--by", "ada")
        ws.run()
        rows = ws.log()
        count = lambda key: dict(collections.Counter(row[key] for row in rows if row[key]))
        assert would["messages"] == len(rows)
        assert would["languages"] == count("language") and would["countries"] == count("country"), would
        assert would["copies"] == count("role").get("copy", 0) > 0
        assert would["several"] == sum(len(row["groups"]) > 1 for row in rows)
        rule = "SELECT count(*) AS n FROM delivery_log WHERE language_rule = 'original'"
        assert would["fallback"] == ws.expect(0, "sql", rule, "--format", "json").json()[0]["n"]
        assert ws.check("bdt-9.en.txt", 0)["status"] == "sent" and ws.check("bdt-9.en.txt", 0)["prospect"] is None


def who_is_left_out():
    with Workspace() as ws:
        (ws.dir / "recipients/testers.csv").write_text(
            "email,name,country,valid_from,valid_until\na@x.example,A,Kenya,,\nb@x.example,B,Chad,,2020-12-31\n"
            "c@x.example,C,Fiji,2099-01-01,\nd@x.example,D,Peru,,\ne@x.example,E,Kenya,,\n", encoding="utf-8",
        )
        (ws.dir / "recipients/few.csv").write_text("email\ne@x.example\n", encoding="utf-8")
        with open(ws.dir / "recipients/groups.toml", "a", encoding="utf-8") as book:
            book.write('\n[most]\ngroups = ["testers"]\nexcept = ["few"]\nlabels.en = ["Most testers"]\n')
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Most testers"], head="exclude: d@x.example"))
        would = ws.check("bdt-9.txt", 0)["prospect"]
        assert would["messages"] == 1 and would["left_out"] == {"not_valid": 2, "excepted": 1, "excluded": 1}, would
        assert would["not_reached"] == ["Chad", "Fiji", "Peru"], would
        table = ws.expect(0, "check").out
        assert "not valid today: 2" in table and "by an exception of their group: 1" in table, table


def what_differs_from_the_last_time():
    with Workspace() as ws:
        ws.drop("bdt-8.txt", letter(reference="Circular BDT/8", to=["Academia"]))
        ws.run()
        path = ws.dir / "recipients/academia.csv"
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        gone = lines.pop(1)
        lines.append("new@univ-new.example,Prof. New,,,University of Newness,Fiji,ASP,en\n")
        path.write_text("".join(lines), encoding="utf-8")
        (ws.dir / "templates/bdt-9").mkdir()
        (ws.dir / "templates/bdt-9/form.txt").write_text("x", encoding="utf-8")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia", "Regulators"], head="attachments: form.txt"))
        ws.drop("tsb-1.txt", letter(reference="Circular TSB/1", to=["Academia"]))
        before = ws.check("bdt-9.txt", 0)["prospect"]["before"]
        assert before["reference"] == "Circular BDT/8" and before["issue"] == 1 and before["addressees"] == 11, before
        regulators = addressees(ws.dir / "recipients", ["regulators"])
        assert before["gone"] == 1 and gone.split(",")[4] in before["gone_names"][0], before
        assert before["new"] == len(set(regulators) - set(addressees(ws.dir / "recipients", ["academia"]))) + 1, before
        assert before["changes"] == {"groups": ["academia", "academia, regulators"], "annexes": ["", "form.txt"]}, before
        assert ws.check("tsb-1.txt", 0)["prospect"]["before"] is None, "another series"
        table = ws.expect(0, "check", env={"COLUMNS": "80"}).out
        assert "Circular BDT/8, issue 1" in table and "No longer" in table, table
        assert "annexes: none → form.txt" in table, table
        # where the lists are those in force, the answer is the same
        ws.configure('[schedule]\nrelease = "0 9 1 1 *"\n')
        ws.run()
        assert ws.check("bdt-9.txt", 0)["prospect"]["before"] == before


def check_in_the_letters_language():
    with Workspace(NOW + '[staff]\nlanguage = "letter"\n') as ws:
        samples = {
            "fr": ("Madame, Monsieur,", "CE QUI SE PASSERAIT", "PRÊTE"), "ru": ("Уважаемые коллеги!", "ЧТО ПРОИЗОШЛО БЫ", "ГОТОВО"),
            "zh": ("尊敬的先生/女士：", "发出时的情形", "可发"), "ar": ("حضرات السادة والسيدات،", "ما الذي سيحدث", "جاهزة"),
            "es": ("Muy señor mío:", "LO QUE OCURRIRÍA", "LISTA"),
        }
        for number, (language, (salutation, _, _)) in enumerate(samples.items()):
            text = letter(reference=f"Circular BDT/{number}", to=["Academia"], head=f"language: {language}")
            ws.drop(f"x-{language}.{language}.txt", text.replace("Dear Sir/Madam,", salutation))
        ws.drop("plain.txt", letter(reference="Circular BDT/77", to=["Academia"]))
        out = ws.expect(0, "check", env={"COLUMNS": "80"}).out
        for _, title, verdict in samples.values():
            assert title in out and verdict in out, f"{title} {verdict}\n{out}"
        assert "WHAT WOULD HAPPEN" in out and "READY" in out
        # programs read the same words whatever staff read
        assert {entry["status"] for entry in ws.expect(0, "check", "--format", "json").json()} == {"ready"}
        ws.configure('[staff]\nlanguage = "klingon"\n')
        ended = ws.expect(78, "check")
        assert "circulard.toml:" in ended.err and "klingon" in ended.err, ended


CASES = [
    ("a parked letter has a note beside it, which follows it and goes when it is mended", note_comes_and_goes),
    ("a note goes when its letter goes", note_goes_with_its_letter),
    ("a note that would say the same is left alone", note_left_alone),
    ("a note that was deleted comes again while its letter is parked", deleted_note_comes_again),
    ("a file of somebody else's with a note's name is neither replaced nor followed", somebody_elses_file),
    ("notes that cannot be written are told once and stop nothing", unwritable_folder),
    ("a note is in the letter's language where the house wants it so", note_in_the_letters_language),
    ("a cancelled letter that is read again stays cancelled and has no note", cancelled_letter_has_no_note),
    ("a link in a letter's place is told in a note", link_in_a_letters_place),
    ("a test copy takes the next relay, and keeps the relay's rate", test_copy_takes_the_next_relay),
    ("the service's unit lets notes be written where staff read them", unit_grants_the_folder),
    ("a test copy is marked, goes to anyone, and counts as nothing", test_copy),
    ("a test copy goes out beside a running daemon", test_copy_beside_a_daemon),
    ("a parked letter can be tested as long as it can be composed", test_copy_of_a_parked_letter),
    ("a test copy without a relay is rehearsed", test_copy_rehearsed),
    ("a test copy is marked in its language", test_copy_marked_in_its_language),
    ("a test copy that the relay refuses is told in the relay's words", test_copy_refused),
    ("a ledger made for a test copy lets no old letter go", test_copy_makes_no_ledger_that_sends),
    ("what check foretells is what is frozen", what_would_happen_happens),
    ("check counts those left out, by why", who_is_left_out),
    ("check tells what differs from the last time", what_differs_from_the_last_time),
    ("check speaks the letter's language where the house wants it so", check_in_the_letters_language),
]
