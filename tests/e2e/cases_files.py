"""What else people and machines put into the folders, and when a file counts as dropped."""

import os
import time

from workspace import REFERENCE, SAMPLE, Workspace, addressees, letter, stop, until


def no_letter(put, words, name="x.txt"):
    """Something that is no plain file: named on stderr, never opened, nothing sent, and the daemon goes on."""

    def case():
        with Workspace() as ws:
            put(ws, ws.dir / "templates" / name)
            ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
            ended = ws.run()
            assert f"templates/{name}" in ended.err and all(word in ended.err for word in words), ended
            assert {row["reference"] for row in ws.log()} == {"Circular BDT/9"}, "the good letter went out alone"
            assert ws.sink.count() == 11

    return case


def symbolic_link(ws, path):
    outside = ws.base / "outside.txt"
    outside.write_text(SAMPLE, encoding="utf-8")
    path.symlink_to(outside)


def huge(_, path):
    with open(path, "wb") as file:
        file.truncate(10 << 30)


def hard_link(ws, path):
    outside = ws.base / "outside.txt"
    outside.write_text(SAMPLE, encoding="utf-8")
    os.link(outside, path)


def folder_of_annexes():
    with Workspace() as ws:
        (ws.dir / "templates/bdt-9").mkdir()
        (ws.dir / "templates/bdt-9/notes.txt").write_text(SAMPLE, encoding="utf-8")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ws.run()
        assert {row["reference"] for row in ws.log()} == {"Circular BDT/9"}
        assert all(b"notes.txt" not in message.octets for message in ws.sent())


def strange_names():
    with Workspace() as ws:
        folder = os.fsencode(ws.dir / "templates")
        for name in (b"two\nlines.txt", b"\xff\xfe.txt", b"a" * 251 + b".txt", "reversed\u202etxt.txt".encode()):
            with open(folder + b"/" + name, "wb") as file:
                file.write(SAMPLE.encode())
        ended = ws.run()
        assert ws.sink.count() in (0, len(addressees(ws.dir / "recipients"))), "at most the one with the long name goes out"
        assert "\u202e" not in ended.err and "two\nlines" not in ended.err, "a file's name can forge a line of the log"
        assert "a line break" in ended.err and "not UTF-8" in ended.err, ended


def polled():
    with Workspace('[schedule]\nrelease = "now"\n[watch]\nmode = "poll"\nrescan = "1s"\n') as ws:
        daemon = ws.start()
        until("the lists are read", lambda: len(ws.expect(0, "groups", "--format", "json").json()) == 5)
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        until("it is completed", lambda: ws.states() == {"Circular BDT/9": "completed"})
        stop(daemon)


def folder_made_again():
    with Workspace() as ws:
        daemon = ws.start()
        until("the lists are read", lambda: len(ws.expect(0, "groups", "--format", "json").json()) == 5)
        (ws.dir / "templates").rename(ws.dir / "templates.old")
        time.sleep(1)
        (ws.dir / "templates").mkdir()
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        until("it is completed", lambda: ws.states() == {"Circular BDT/9": "completed"}, 60)
        stop(daemon)
        assert ws.sink.count() == 11


def photograph():
    with Workspace() as ws:
        ws.drop("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + os.urandom(2000))
        ws.drop("photo.txt", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 8)
        ws.sends_nothing()
        entries = {entry["file"]: entry for entry in ws.expect(2, "check", "--format", "json").json()}
        assert entries["templates/photo.txt"]["status"] == "parked", entries
        assert entries.get("templates/photo.jpg", {}).get("status", "not_a_letter") == "not_a_letter", entries
        named = ws.expect(0, "check", "--format", "json", str(ws.dir / "templates/photo.jpg")).json()
        assert named[0]["status"] == "not_a_letter", named


def leftovers():
    with Workspace() as ws:
        for name in ("_draft.txt", ".hidden.txt", "a.txt~", "a.txt.tmp", ".a.txt.swp", "~$a.txt", "a.problems.txt"):
            (ws.dir / "templates" / name).write_text(SAMPLE, encoding="utf-8")
        ws.sends_nothing()
        assert ws.circulars() == []


def slow_copy():
    """The file grows over four seconds; only the whole letter goes out, once."""
    with Workspace() as ws:
        daemon = ws.start()
        path = ws.dir / "templates/bdt-112.txt"
        cut = [len(SAMPLE) * part // 8 for part in range(9)]
        with open(path, "w", encoding="utf-8") as file:
            for start, end in zip(cut, cut[1:]):
                file.write(SAMPLE[start:end])
                file.flush()
                time.sleep(0.5)
                assert ws.sink.count() == 0, f"a half-written letter went out: {ws.log_of()}"
        assert ws.circulars() == [], "a half-written letter was read"
        expected = addressees(ws.dir / "recipients")
        until("the circular is completed", lambda: ws.states().get(REFERENCE) == "completed")
        stop(daemon)
        assert {message.forward_paths[0].lower() for message in ws.sent()} == set(expected)
        assert all(b"Doreen Bogdan-Martin" in message.octets for message in ws.sent())


def list_changed_meanwhile():
    """A list that changes makes letters be read again; one that is still being written is not among them."""
    with Workspace() as ws:
        daemon = ws.start()
        until("the lists are read", lambda: len(ws.expect(0, "groups", "--format", "json").json()) == 5)
        text = letter(reference="Circular BDT/9", to=["Academia"])
        list_ = (ws.dir / "recipients/regulators.csv").read_bytes()
        with open(ws.dir / "templates/bdt-9.txt", "w", encoding="utf-8") as file:
            file.write(text[: text.index("Yours faithfully")])
            for step in range(8):
                file.flush()
                ws.drop("regulators.csv", list_ + f"r{step}@p.example,R,,,,,,\n".encode(), "recipients") if step == 1 else None
                time.sleep(0.5)
                file.write("\n")
            assert ws.sink.count() == 0 and ws.circulars() == [], "a half-written letter was read"
            file.write(text[text.index("Yours faithfully") :])
        until("it is completed", lambda: ws.states() == {"Circular BDT/9": "completed"})
        stop(daemon)
        assert ws.sink.count() == 11 and all(b"Doreen Bogdan-Martin" in message.octets for message in ws.sent())


def other_language_on_its_way():
    """While one language of a circular is still being copied, the others wait for it."""
    with Workspace() as ws:
        daemon = ws.start()
        until("the lists are read", lambda: len(ws.expect(0, "groups", "--format", "json").json()) == 5)
        english = letter(reference="Circular BDT/9", to=["Academia"])
        french = english.replace("Geneva, 3 December 2021", "Genève, le 3 décembre 2021").replace("Dear Sir/Madam,", "Madame, Monsieur,")
        ws.drop("bdt-9.en.txt", english)
        with open(ws.dir / "templates/bdt-9.fr.txt", "w", encoding="utf-8") as file:
            for part in range(10):
                file.write(french[len(french) * part // 10 : len(french) * (part + 1) // 10])
                file.flush()
                time.sleep(0.5)
                assert ws.circulars() == [], "the circular was read before its French version had come to rest"
        until("it is completed", lambda: ws.states() == {"Circular BDT/9": "completed"})
        stop(daemon)
        assert {row["language"] for row in ws.log()} == {"en", "fr"}


def unreadable_version():
    """A version that is too large to be a letter: the others must not go out as if it were not there."""
    with Workspace() as ws:
        ws.drop("bdt-9.fr.txt", letter(reference="Circular BDT/9", to=["Academia"]) + "x" * (3 << 20))
        ws.drop("bdt-9.en.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ended = ws.sends_nothing()
        assert "templates/bdt-9.fr.txt" in ended.err, ended
        ws.expect(2, "check")


def asked_while_starting():
    """Commands look into the ledger while the daemon starts; neither disturbs the other."""
    with Workspace() as ws:
        ws.run()
        for _ in range(4):
            daemon = ws.start()
            for _ in range(4):
                ws.expect(0, "list")
            assert daemon.poll() is None, "the daemon gave up because somebody asked"
            stop(daemon)


def renamed_into_place():
    with Workspace() as ws:
        daemon = ws.start()
        until("the lists are read", lambda: len(ws.expect(0, "groups", "--format", "json").json()) == 5)
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        until("the first is completed", lambda: ws.states().get("Circular BDT/9") == "completed")
        ws.drop("bdt-10.md", letter(reference="Circular BDT/10", to=["Regulators"]))
        until("the second is completed", lambda: ws.states().get("Circular BDT/10") == "completed")
        stop(daemon)
        assert ws.sink.count() == 31


def mended_while_running():
    with Workspace() as ws:
        daemon = ws.start()
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Acadamia"]))
        until("it is parked", lambda: ws.states().get("Circular BDT/9") == "parked")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        until("it is completed", lambda: ws.states().get("Circular BDT/9") == "completed")
        stop(daemon)
        assert ws.sink.count() == 11
        assert ws.expect(0, "verify")


def replaced_while_sending():
    """The circular that is going out keeps its frozen text; the file that took its place is another matter."""
    with Workspace(sink_options=("-w", "1")) as ws:
        daemon = ws.start()
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        until("some are out", lambda: ws.sink.count() >= 1)
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"], body="Quite another text."))
        until("all are out", lambda: any(row["state"] == "completed" for row in ws.circulars()))
        stop(daemon)
        messages = ws.sent()
        assert len(messages) == 11
        assert not any(b"Quite another text" in message.octets for message in messages)


CASES = [
    ("a symbolic link is not followed", no_letter(symbolic_link, ["symbolic link"])),
    ("a file with a second name elsewhere is not read", no_letter(hard_link, ["x.txt"])),
    ("a pipe does not stop the daemon", no_letter(lambda _, path: os.mkfifo(path), ["pipe"])),
    ("a file of ten gigabytes is not read", no_letter(huge, ["octets"])),
    ("a folder of annexes is no letter", folder_of_annexes),
    ("files with forged names are named safely and not sent", strange_names),
    ("a folder that is polled is read too", polled),
    ("a folder that is made again is watched again", folder_made_again),
    ("a photograph is no letter, whatever it is called", photograph),
    ("drafts, hidden files and editors' leftovers are not sent", leftovers),
    ("a slow copy is picked up only when it has come to rest", slow_copy),
    ("a letter still being written is not read because a list has changed", list_changed_meanwhile),
    ("a circular waits for the language that is still being copied", other_language_on_its_way),
    ("a version that cannot be read keeps the others back", unreadable_version),
    ("questions asked while the daemon starts do not stop it", asked_while_starting),
    ("letters renamed into place go out while the daemon runs", renamed_into_place),
    ("a parked letter that is mended goes out", mended_while_running),
    ("a file replaced while its circular goes out changes nothing on the way", replaced_while_sending),
]
