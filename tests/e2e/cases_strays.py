"""What a stranger met who tried the program by its README: letters that are told of nowhere, or told wrongly."""

import os

from workspace import Workspace, letter, stop, until

LATER = '[schedule]\nrelease = "0 9 1 1 *"\n[watch]\nsettle = "1s"\nrescan = "1s"\n'


def french(text):
    return text.replace("Geneva, 3 December 2021", "Genève, le 3 décembre 2021").replace("Dear Sir/Madam,", "Madame, Monsieur,")


def no_plain_file(put, words):
    """A link or a pipe in a letter's place has a row in `list`, an alert and a note, as any parked letter; and none once it is gone."""

    def case():
        with Workspace(LATER) as ws:
            put(ws, ws.dir / "templates/sym.txt")
            ws.run()
            row, = ws.circulars()
            assert row["state"] == "parked" and words in row["reason"] and "templates/sym.txt" in row["reason"], row
            alerts = ws.expect(0, "alerts", "--format", "json").json()
            assert "sym" in str(alerts) and "parked" in str(alerts), alerts
            assert words in (ws.dir / "templates/sym.problems.txt").read_text()
            entry = ws.check("sym.txt", 2)
            assert entry["status"] == "parked" and words in entry["problems"][0]["message"], entry
            (ws.dir / "templates/sym.txt").unlink()
            ws.run()
            assert ws.circulars() == [] and not (ws.dir / "templates/sym.problems.txt").exists()

    return case


def link(ws, path):
    outside = ws.base / "outside.txt"
    outside.write_text(letter(), encoding="utf-8")
    path.symlink_to(outside)


def version_that_is_a_link():
    """The other languages do not go out as if the link were not there."""
    with Workspace() as ws:
        english = letter(reference="Circular BDT/9", to=["Academia"])
        ws.drop("bdt-9.en.txt", english)
        link(ws, ws.dir / "templates/bdt-9.fr.txt")
        ws.sends_nothing()
        assert ws.states() == {"Circular BDT/9": "parked"}
        (ws.dir / "templates/bdt-9.fr.txt").unlink()
        ws.run()
        assert ws.states() == {"Circular BDT/9": "completed"}


def renamed_letter():
    """It is not parked because of its own old name, and keeps its time."""
    with Workspace(LATER) as ws:
        daemon = ws.start()
        ws.drop("old.txt", letter(reference="Circular RN/1", to=["Academia"]))
        until("it is ready", lambda: [(row["file"], row["state"]) for row in ws.circulars()] == [("old", "ready")])
        (ws.dir / "templates/old.txt").rename(ws.dir / "templates/better.txt")
        until("it is ready", lambda: [(row["file"], row["state"]) for row in ws.circulars()] == [("better", "ready")])
        stop(daemon)
        assert "also stands in" not in ws.log_of(), ws.log_of()
        assert not (ws.dir / "templates/better.problems.txt").exists()


def twin_whose_other_goes():
    """Two letters with one reference: once one of them is taken away, the other is looked at again."""
    with Workspace(LATER) as ws:
        daemon = ws.start()
        ws.drop("one.txt", letter(reference="Circular RN/1", to=["Academia"]))
        until("it is ready", lambda: [row["state"] for row in ws.circulars()] == ["ready"])
        ws.drop("two.txt", letter(reference="Circular RN/1", to=["Regulators"]))
        until("it is parked", lambda: {row["state"] for row in ws.circulars()} == {"ready", "parked"})
        (ws.dir / "templates/one.txt").unlink()
        until("the other is ready", lambda: [(row["file"], row["state"]) for row in ws.circulars()] == [("two", "ready")])
        stop(daemon)


def one_file_of_several_languages():
    """`check FILE` reads the versions beside it: what would happen is that of the circular."""
    with Workspace(LATER) as ws:
        english = letter(reference="Circular BDT/9", to=["Administrations of ITU Member States"])
        ws.drop("bdt-9.en.txt", english)
        ws.drop("bdt-9.fr.txt", french(english))
        whole = [entry["prospect"] for entry in ws.expect(0, "check", "--format", "json").json() if entry["prospect"]]
        for name in ("bdt-9.en.txt", "bdt-9.fr.txt"):
            entry, = ws.expect(0, "check", "--format", "json", str(ws.dir / "templates" / name)).json()
            assert entry["file"] == f"templates/{name}" and [entry["prospect"]] == whole, entry
        ws.drop("bdt-9.fr.txt", french(english).replace("BDT/9", "BDT/10"))
        ended = ws.expect(2, "check", str(ws.dir / "templates/bdt-9.en.txt"))
        assert "PARKED with templates/bdt-9.fr.txt" in ended.out and "to be mended: 0" not in ended.out, ended
        assert "error: templates/bdt-9.fr.txt" in ended.out and "BDT/10" in ended.out, ended


def deadlines_that_differ():
    """Without a year, and in the subject."""
    for words, other in [
        (("Please reply by 15 December.", "Prière de répondre d'ici au 16 décembre."), "body"),
        (("Call for papers, deadline 15 December 2021", "Appel, date limite 16 décembre 2021"), "subject"),
    ]:
        with Workspace(LATER) as ws:
            text = [letter(reference="Circular BDT/9", to=["Academia"], **{"body": "Text.", other: said}) for said in words]
            ws.drop("d.en.txt", text[0])
            ws.drop("d.fr.txt", french(text[1]))
            ended = ws.expect(2, "check")
            assert "2021-12-15" in ended.out and "2021-12-16" in ended.out and "do not agree" in ended.out, ended


def letter_in_a_sub_folder():
    with Workspace(LATER) as ws:
        (ws.dir / "templates/2026/December").mkdir(parents=True)
        (ws.dir / "templates/2026/December/x.txt").write_text(letter(), encoding="utf-8")
        (ws.dir / "templates/bdt-9").mkdir()
        (ws.dir / "templates/bdt-9/form.docx").write_bytes(b"PK")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ended = ws.expect(0, "check")
        assert "templates/2026" in ended.out and "x.txt" in ended.out and "form.docx" not in ended.out, ended
        ended = ws.run()
        assert "templates/2026: it holds letters that are not read, such as x.txt" in ended.err, ended
        assert "form.docx" not in ended.err, ended


def line_break_in_a_name():
    with Workspace(LATER) as ws:
        with open(os.fsencode(ws.dir / "templates") + b"/new\nline.txt", "wb") as file:
            file.write(letter().encode())
        ended = ws.expect(2, "check")
        assert "line break" in ended.out and "rename it" in ended.out, ended
        assert "line break" in ws.run().err


def hours_that_are_not_or_come_twice():
    config = LATER.replace("[schedule]", '[schedule]\ntime_zone = "Europe/Zurich"')
    for head, words in [("send: 28 March 2027, 02:30", "does not exist"), ("send: 31 October 2027, 02:30", "comes twice")]:
        with Workspace(config) as ws:
            ws.drop("x.txt", letter(to=["Academia"], head=head))
            entry = ws.check("x.txt", 0)
            said = [problem for problem in entry["problems"] if words in problem["message"]]
            assert len(said) == 1 and said[0]["severity"] == "warning" and said[0]["line"] == 2, entry


def another_spelling_of_a_used_number():
    with Workspace() as ws:
        ws.drop("one.txt", letter(reference="Circular R/2", to=["Academia"]))
        ws.run()
        for reference in ("Circular R-2", "Circular R 2"):
            ws.drop("two.txt", letter(reference=reference, to=["Academia"], body="Other."))
            said = [problem["message"] for problem in ws.check("two.txt", 0)["problems"]]
            assert any('looks like "Circular R/2", which was sent from one' in message for message in said), said
        ws.drop("two.txt", letter(reference="Circ. R/2", to=["Academia"], body="Other."))
        assert ws.check("two.txt", 2)["status"] == "parked"


CASES = [
    ("a symbolic link in a letter's place has its row, alert and note", no_plain_file(link, "symbolic link")),
    ("a pipe in a letter's place has its row, alert and note", no_plain_file(lambda _, path: os.mkfifo(path), "a pipe")),
    ("a version that is a link keeps the other languages back", version_that_is_a_link),
    ("a renamed letter is not parked because of itself", renamed_letter),
    ("a letter parked because of another goes once that one is gone", twin_whose_other_goes),
    ("one file of a circular is checked with the versions beside it", one_file_of_several_languages),
    ("deadlines without a year or in the subject are compared between versions", deadlines_that_differ),
    ("a letter in a sub-folder is told by check and log", letter_in_a_sub_folder),
    ("a letter with a line break in its name is told by check and log", line_break_in_a_name),
    ("a time to send that the clocks skip or show twice warns", hours_that_are_not_or_come_twice),
    ("a used number in a spelling that may be another warns", another_spelling_of_a_used_number),
]
