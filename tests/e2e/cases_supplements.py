"""Supplements, supplementary issues, copies by protocol: real messages, as the rehearsal keeps them."""

import email
import email.policy

from sink import Sink
from workspace import NOW, Workspace, letter, stop, until

ACADEMIA = {"reference": "Circular BDT/9", "to": ["Academia"]}
CORRIGENDUM = """Corrigendum 1 to Circular BDT/9

Geneva, 5 December 2021

Subject: Updates on the COP Initiative

Dear Sir/Madam,

In the second paragraph, for "household" read "community".

Yours faithfully,

[Original signed]

Doreen Bogdan-Martin
Director
"""
OFFICES = "email,name,organization,country,language,copy_to\n"
BOOK = '[offices]\nlabels.en = ["Offices"]\n[missions]\nlabels.en = ["Permanent Missions"]\n'


def rehearsed(**named):
    """A workspace without a relay: every message is kept as .eml."""
    return Workspace(relay=None, **named)


def kept(ws):
    """The messages of the rehearsal by Message-ID, parsed by other code than the program's."""
    found = {}
    for path in sorted((ws.dir / "var/rehearsal").rglob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        found[message["Message-ID"].strip()] = message
    return found


def log(ws, *arguments):
    return ws.expect(0, "--rehearsal", "log", *arguments, "--format", "json").json()


def certified(ws, reference):
    return ws.expect(0, "--rehearsal", "certificate", reference, "--format", "json").json()


def order(ws, code, *arguments):
    return ws.expect(code, "--rehearsal", *arguments, "--yes", "--by", "Ada", "--reason", "as agreed")


def explained(ws, reference, address):
    """Per issue: the verdict and all reasons as one text."""
    rows = ws.expect(0, "--rehearsal", "explain", reference, address, "--format", "json").json()
    return {row["issue"]: (row["verdict"], "; ".join(reason["text"] for reason in row["because"])) for row in rows}


def states(ws):
    rows = ws.expect(0, "--rehearsal", "list", "--format", "json").json()
    return {row["reference"]: row["state"] for row in rows}


def show(ws, reference):
    [shown] = ws.expect(0, "--rehearsal", "show", reference, "--format", "json").json()
    return shown


def with_offices(ws, rows):
    for name in list(ws.dir.glob("recipients/*.csv")):
        name.unlink()
    ws.drop("groups.toml", BOOK, "recipients")
    ws.drop("offices.csv", OFFICES + rows, "recipients")


def corrigendum_threads():
    """Each message of the corrigendum answers to the one that this mailbox got, and to no other."""
    with rehearsed() as ws:
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.run()
        first = {row["address"]: row["message_id"] for row in log(ws)}
        assert len(first) == 11
        ws.drop("bdt-9-corr.txt", CORRIGENDUM)
        ws.run()
        second = log(ws, "Corrigendum 1 to Circular BDT/9")
        assert {row["address"] for row in second} == set(first), second
        messages = kept(ws)
        for row in second:
            original, message = first[row["address"]], messages[row["message_id"]]
            assert message["In-Reply-To"] == message["References"] == original, (row, message["In-Reply-To"])
            assert row["in_reply_to"] == original and messages[original]["To"].addresses[0].addr_spec == row["address"]
            assert message["Subject"].startswith("Corrigendum 1 to Circular BDT/9: "), message["Subject"]
        assert all(messages[original]["In-Reply-To"] is None for original in first.values())
        parent, supplement = show(ws, "BDT/9"), show(ws, "Corrigendum 1 to Circular BDT/9")
        assert [row["reference"] for row in parent["supplements"]] == ["Corrigendum 1 to Circular BDT/9"], parent
        assert parent["supplements"][0]["supplement"] == "corrigendum 1"
        assert supplement["parent"]["reference"] == "Circular BDT/9", supplement
        row = second[0]
        file = str(ws.dir / "templates/bdt-9-corr.txt")
        shown = ws.expect(0, "--rehearsal", "preview", file, "--as", row["address"], "--part", "eml").out
        assert email.message_from_string(shown, policy=email.policy.default)["In-Reply-To"] == row["in_reply_to"]
        # an addendum to the corrigendum follows both
        ws.drop("bdt-9-add.txt", "Ref.: " + CORRIGENDUM.replace("Corrigendum 1 to", "Addendum 1 to Corrigendum 1 to"))
        ws.run()
        third = log(ws, "Addendum 1 to Corrigendum 1 to Circular BDT/9")
        messages, by_address = kept(ws), {row["address"]: row["message_id"] for row in second}
        assert len(third) == 11
        for row in third:
            message = messages[row["message_id"]]
            assert message["In-Reply-To"] == by_address[row["address"]]
            assert message["References"].split() == [first[row["address"]], by_address[row["address"]]]
        asked = ws.expect(0, "--rehearsal", "verify", "--all")
        assert "messages: 33 composed anew, each to the octet what was sent" in asked.out, asked
        proof = certified(ws, "Corrigendum 1 to Circular BDT/9")
        supplement = {"what": "corrigendum 1", "to": "Circular BDT/9"}
        assert proof["certificate"]["supplement"] == supplement, proof["certificate"]
        assert {line["address"]: line["in_reply_to"] for line in proof["deliveries"]} == first
        assert "supplement" not in certified(ws, "Circular BDT/9")["certificate"]


def supplement_before_parent():
    """Parked until its parent has gone out, and then it goes by itself."""
    with rehearsed() as ws:
        ws.drop("bdt-9-corr.txt", CORRIGENDUM)
        ended = ws.run()
        assert "not on record" in ended.err and "send the parent first" in ended.err, ended
        assert states(ws) == {"Corrigendum 1 to Circular BDT/9": "parked"}
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.run()
        assert set(states(ws).values()) == {"completed"}, states(ws)
        rows = log(ws)
        assert len(rows) == 22 and sum(row["in_reply_to"] is not None for row in rows) == 11


def behind_its_parent():
    """While nobody takes the parent, its corrigendum waits; a run that ends when idle ends all the same."""
    with Workspace() as ws:
        port = ws.sink.port
        ws.sink.end()
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.drop("bdt-9-corr.txt", CORRIGENDUM)
        ended = ws.run()
        assert "once every message of its parent has been on its way" in ended.err, ended
        assert ws.states()["Corrigendum 1 to Circular BDT/9"] == "ready"
        again = Sink(port=port)
        try:
            ws.run()
            rows = ws.log()
            assert again.count() == len(rows) == 22
            assert sum(row["in_reply_to"] is not None for row in rows) == 11, "each answers to the one before"
        finally:
            again.end()


def nobody_left():
    """A parent of which every copy was withdrawn has no addressee: its corrigendum is parked."""
    with Workspace() as ws:
        ws.sink.end()
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.run()
        ws.expect(0, "cancel", "BDT/9", "--yes", "--by", "Ada")
        assert {row["state"] for row in ws.log()} == {"withdrawn"}
        ws.drop("bdt-9-corr.txt", CORRIGENDUM)
        assert "has no addressee left" in ws.run().err
        assert ws.states()["Corrigendum 1 to Circular BDT/9"] == "parked"


def supplement_with_own_to():
    """Addressees of its own stand: threaded where the mailbox got the parent, and only there."""
    with rehearsed() as ws:
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.run()
        first = {row["address"]: row["message_id"] for row in log(ws)}
        own = CORRIGENDUM.replace("Subject:", "To:\n- Academia\n- Regulators\n\nSubject:")
        ws.drop("bdt-9-corr.txt", own)
        ws.run()
        rows = log(ws, "Corrigendum 1 to Circular BDT/9")
        assert len(rows) > 11
        for row in rows:
            assert row["in_reply_to"] == first.get(row["address"]), row
        stray = own.replace("BDT/9", "BDT/77")
        ws.drop("stray.txt", stray)
        ws.run()
        rows = log(ws, "Corrigendum 1 to Circular BDT/77")
        assert rows and all(row["in_reply_to"] is None for row in rows)


def those_who_left():
    """Who got the letter gets its correction, also if they have left the group; said before and marked after."""
    with rehearsed() as ws:
        rows = "a@one.example,A,One,Aland,en,\nb@two.example,B,Two,Bland,en,\n"
        with_offices(ws, rows)
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Offices"]))
        ws.run()
        ws.drop("offices.csv", OFFICES + rows.splitlines()[0] + "\nc@three.example,C,Three,Cland,en,\n", "recipients")
        ws.drop("bdt-9-corr.txt", CORRIGENDUM)
        check = ws.expect(0, "--rehearsal", "check", "--format", "json").json()
        [entry] = [entry for entry in check if entry["file"].endswith("corr.txt")]
        said = " ".join(problem["message"] for problem in entry["problems"])
        assert "b@two.example" in said and "in its groups no more" in said and entry["reaches"] == 2, entry
        would = entry["prospect"]
        assert (would["messages"], would["languages"], would["before"]) == (2, {"en": 2}, None), would
        assert would["countries"] == {"Aland": 1, "Bland": 1}, would
        ws.run()
        reference = "Corrigendum 1 to Circular BDT/9"
        verdict, because = explained(ws, reference, "b@two.example")[1]
        assert verdict == "in" and "it was frozen for Circular BDT/9, issue 1" in because, because
        assert "none of the parent's groups any more" in because, because
        verdict, because = explained(ws, reference, "a@one.example")[1]
        assert verdict == "in" and "any more" not in because, because
        verdict, because = explained(ws, reference, "c@three.example")[1]
        assert verdict == "out" and "the addressees of Circular BDT/9, and it is none of them" in because, because
        assert {row["address"] for row in log(ws, "Corrigendum 1 to Circular BDT/9")} == {"a@one.example", "b@two.example"}
        query = "SELECT address FROM delivery_log WHERE left_groups"
        assert ws.expect(0, "--rehearsal", "sql", query, "--format", "json").json() == [{"address": "b@two.example"}]
        # the head leaves them out
        ws.drop("bdt-9-add.txt", "---\nexclude: b@two.example\n---\n" + CORRIGENDUM.replace("Corrigendum", "Addendum"))
        ws.run()
        assert {row["address"] for row in log(ws, "Addendum 1 to Circular BDT/9")} == {"a@one.example"}
        verdict, because = explained(ws, "Addendum 1 to Circular BDT/9", "b@two.example")[1]
        assert verdict == "out" and "`exclude` in the letter's head names this address" in because, because


def resend_new():
    """The frozen text, not the file as it now stands, to those who have joined since; and once only."""
    with rehearsed() as ws:
        rows = "a@one.example,A,One,Aland,en,\nb@two.example,B,Two,Bland,en,\n"
        with_offices(ws, rows)
        text = letter(reference="Circular BDT/9", to=["Offices"], head="attachments: form.pdf")
        (ws.dir / "templates/bdt-9").mkdir()
        (ws.dir / "templates/bdt-9/form.pdf").write_bytes(b"%PDF-1.7 first")
        ws.drop("bdt-9.txt", text)
        ws.run()
        ended = order(ws, 2, "resend", "BDT/9", "--new")
        assert "nobody is new" in ended.err, ended
        ws.drop("offices.csv", OFFICES + rows + "c@three.example,C,Three,Cland,en,\n", "recipients")
        (ws.dir / "templates/bdt-9/form.pdf").write_bytes(b"%PDF-1.7 second")
        ws.drop("bdt-9.txt", text.replace("honour", "pleasure"))
        ws.run()
        asked = ws.expect(2, "--rehearsal", "resend", "BDT/9", "--new")
        assert "--yes" in asked.err, asked
        ended = order(ws, 0, "resend", "BDT/9", "--new")
        assert "issue 2 is frozen for 1 new mailbox" in ended.out, ended
        ws.run()
        new = [row for row in log(ws, "BDT/9") if row["issue"] == 2]
        assert [row["address"] for row in new] == ["c@three.example"] and new[0]["state"] == "accepted", new
        message = kept(ws)[new[0]["message_id"]]
        octets = message.as_bytes()
        assert b"honour" in octets and b"pleasure" not in octets
        [annex] = message.iter_attachments()
        assert annex.get_content() == b"%PDF-1.7 first", annex.get_content()
        assert "nobody is new" in order(ws, 2, "resend", "BDT/9", "--new").err
        first, second = explained(ws, "BDT/9", "c@three.example")[1], explained(ws, "BDT/9", "c@three.example")[2]
        assert first[0] == "out" and "it was in issue 2" in first[1] and second[0] == "in", (first, second)
        assert "recipients/offices.csv:4 is in offices" in second[1], second
        verdict, because = explained(ws, "BDT/9", "a@one.example")[2]
        assert verdict == "out" and "to those who had joined since; it was in issue 1" in because, because
        # the next of the series is compared with all to whom this one went
        ws.drop("bdt-10.txt", letter(reference="Circular BDT/10", to=["Offices"]))
        [entry] = ws.expect(0, "--rehearsal", "check", str(ws.dir / "templates/bdt-10.txt"), "--format", "json").json()
        before = entry["prospect"]["before"]
        assert [before[key] for key in ("issue", "addressees", "new", "gone")] == [1, 3, 0, 0], before
        [event] = ws.expect(
            0, "--rehearsal", "sql", "SELECT by, reason FROM event_log WHERE kind = 'resent_to_new'", "--format", "json"
        ).json()
        assert event == {"by": "Ada", "reason": "as agreed"}
        asked = ws.expect(0, "--rehearsal", "verify", "--all")
        assert "messages: 3 composed anew" in asked.out and "1 frozen, each the sum over its states" in asked.out, asked
        proof = certified(ws, "BDT/9")
        assert [issue.get("repeats") for issue in proof["certificate"]["issues"]] == [None, 1], proof["certificate"]
        assert [line["issue"] for line in proof["deliveries"]] == [1, 1, 2] and proof["seal"]["deliveries"] == 3
        assert [row["address"] for row in log(ws, "BDT/9", "--country", "Cland")] == ["c@three.example"]


def resend_new_by_the_daemon():
    """The same while a daemon runs: it carries the order out."""
    with Workspace() as ws:
        rows = "a@one.example,A,One,Aland,en,\n"
        with_offices(ws, rows)
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Offices"]))
        ws.run()
        ws.drop("offices.csv", OFFICES + rows + "c@three.example,C,Three,Cland,en,\n", "recipients")
        daemon = ws.start()
        until("the list is in force", lambda: len(ws.expect(0, "groups", "offices", "--format", "json").json()) == 2)
        ws.expect(0, "resend", "BDT/9", "--new", "--yes", "--by", "Ada")
        until("it is sent", lambda: ws.sink.count() == 2)
        until("it is completed", lambda: ws.states() == {"Circular BDT/9": "completed"})
        stop(daemon)


def resend_needs_a_choice():
    with rehearsed() as ws:
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.run()
        for state in ("refused", "expired"):
            assert f"none of its deliveries is {state}" in order(ws, 2, "resend", "BDT/9", "--only", state).err
        assert "--only" in ws.expect(2, "--rehearsal", "resend", "BDT/9", "--yes").err
        assert ws.call("--rehearsal", "resend", "BDT/9", "--only", "refused", "--new", "--yes").code == 2
        ws.drop("bdt-10.txt", letter(reference="Circular BDT/10", to=["Academia"], head="send: 2099-12-07 09:00"))
        ws.run()
        assert "nothing was sent" in order(ws, 2, "resend", "BDT/10", "--new").err


def copies_to_missions():
    """An office's copy goes to its mission, once, marked, in the mission's language; To beats Copy."""
    with rehearsed() as ws:
        with_offices(
            ws,
            "a@one.example,Ann,One,Aland,en,mission@a.example; Shared@missions.example\n"
            "b@two.example,Ben,Two,Bland,fr,shared@missions.example\n"
            "c@three.example,Cem,Three,Cland,en,a@one.example\n",
        )
        ws.drop("missions.csv", "email,name,language\nmission@a.example,Mission of Aland,fr\n", "recipients")
        english = letter(reference="Circular BDT/9", to=["Offices"], body="This is for {{ addressee.name }}.")
        french = english.replace("Geneva, 3 December 2021", "Genève, le 3 décembre 2021")
        ws.drop("bdt-9.en.txt", english)
        ws.drop("bdt-9.fr.txt", french.replace("This is for", "Ceci est pour"))
        entries = ws.expect(0, "--rehearsal", "check", "--format", "json").json()
        assert {entry["reaches"] for entry in entries} == {5}, entries
        [would] = [entry["prospect"] for entry in entries if entry["prospect"]]
        assert (would["messages"], would["copies"], would["office_copies"]) == (5, 2, 2), would
        assert would["languages"] == {"en": 3, "fr": 2} and would["countries"]["Aland"] == 3, would
        words = " ".join(ws.expect(0, "--rehearsal", "check", str(ws.dir / "templates/bdt-9.en.txt")).out.split())
        assert "copies that offices ask for (copy_to): 2" in words and "When" in words, words
        preview = ws.expect(0, "preview", str(ws.dir / "templates/bdt-9.en.txt"), "--as", "mission@a.example").out
        assert "Copie, pour information" in preview and "Ceci est pour Mission of Aland" in preview, preview
        ws.run()
        rows = {row["address"].lower(): row for row in log(ws)}
        assert len(rows) == len(log(ws)) == 5, rows
        assert rows["a@one.example"]["role"] == "to" and rows["a@one.example"]["copy_of"] == ["c@three.example"]
        own, shared = rows["mission@a.example"], rows["shared@missions.example"]
        assert (own["role"], own["language"], own["copy_of"]) == ("copy", "fr", ["a@one.example"]), own
        assert (shared["role"], shared["language"]) == ("copy", "en"), shared
        assert shared["copy_of"] == ["a@one.example", "b@two.example"] and shared["country"] == "Aland", shared
        lines = {line["address"].lower(): line for line in certified(ws, "BDT/9")["deliveries"]}
        assert {address: line["copy_of"] for address, line in lines.items()} == {
            address: row["copy_of"] for address, row in rows.items()
        }
        for address, reasons in {
            "mission@a.example": ["recipients/offices.csv:2: as the copy that a@one.example asks for (copy_to)"],
            "shared@missions.example": ["recipients/offices.csv:2: as the copy", "offices.csv:3: as the copy that b@two"],
            "a@one.example": ["recipients/offices.csv:2 is in offices", "that c@three.example asks for (copy_to)"],
        }.items():
            verdict, because = explained(ws, "BDT/9", address)[1]
            assert verdict == "in" and all(reason in because for reason in reasons), because
        # the next letter of the series has the same addressees, copies included
        ws.drop("bdt-10.en.txt", english.replace("BDT/9", "BDT/10"))
        ws.drop("bdt-10.fr.txt", french.replace("BDT/9", "BDT/10"))
        entries = ws.expect(0, "--rehearsal", "check", "--format", "json").json()
        [before] = [entry["prospect"]["before"] for entry in entries if entry["prospect"]]
        assert (before["reference"], before["new"], before["gone"]) == ("Circular BDT/9", 0, 0), before
        ws.drop("missions.csv", "email,name,language\nother@a.example,Mission of Aland,fr\n", "recipients")
        ws.drop("offices.csv", (ws.dir / "recipients/offices.csv").read_text().replace("mission@a", "other@a"), "recipients")
        entries = ws.expect(0, "--rehearsal", "check", "--format", "json").json()
        [before] = [entry["prospect"]["before"] for entry in entries if entry["prospect"]]
        assert (before["new"], before["new_names"], before["gone"]) == (1, ["other@a.example"], 1), before
        messages = kept(ws)
        message = messages[own["message_id"]]
        assert message["To"].addresses[0].display_name == "Mission of Aland"
        assert "Copie, pour information" in message.get_body(("plain",)).get_content()
        message = messages[shared["message_id"]]
        text = message.get_body(("plain",)).get_content()
        assert message["To"].addresses[0].display_name == "", "the mission is not called by the office's name"
        assert "Copy, for information" in text and "This is for Ann." in text, text
        assert "Copy, for information" not in messages[rows["a@one.example"]["message_id"]].as_string()


def copies_left_out():
    with rehearsed() as ws:
        with_offices(ws, "a@one.example,Ann,One,Aland,en,mission@a.example\nb@two.example,Ben,Two,Bland,en,mission@b.example\n")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Offices"], head="copy: none"))
        ws.drop("bdt-10.txt", letter(reference="Circular BDT/10", to=["Offices"], head="exclude: mission@b.example"))
        ws.run()
        assert {row["address"] for row in log(ws, "BDT/9")} == {"a@one.example", "b@two.example"}
        verdict, because = explained(ws, "BDT/9", "mission@a.example")[1]
        assert verdict == "out" and "a@one.example asks for a copy for it (copy_to), and `copy: none`" in because, because
        verdict, because = explained(ws, "BDT/10", "mission@b.example")[1]
        assert verdict == "out" and "`exclude` in the letter's head names this address" in because, because
        assert {row["address"] for row in log(ws, "BDT/10")} == {"a@one.example", "b@two.example", "mission@a.example"}


def parity():
    """Versions that disagree are parked, with both files, lines and values; mended they go out."""
    with rehearsed() as ws:
        body = "Please reply by 7 January 2027, see [the form](https://house.example/form).\n\nAnnexes: 1"
        english = letter(reference="Circular BDT/9", to=["Academia"], body=body)
        french = english.replace("Geneva, 3 December 2021", "Genève, le 3 décembre 2021").replace("Dear Sir/Madam,", "Madame, Monsieur,")
        french = french.replace("Please reply by 7 January 2027, see [the form]", "Veuillez répondre avant le 7 janvier 2027, voir [le formulaire]")
        ws.drop("bdt-9.en.txt", english)
        table = [
            ("le 3 décembre", "le 4 décembre", ["date", "2021-12-04", "bdt-9.en.txt:", "2021-12-03"]),
            ("7 janvier 2027", "8 janvier 2027", ["deadlines", "2027-01-08", "bdt-9.en.txt:", "2027-01-07"]),
            ("Annexes: 1", "Annexes: 2", ["annexes", "(2)", "(1)"]),
            ("[le formulaire](https://house.example/form)", "le formulaire", ["links", "0 links", "1 link"]),
        ]
        for right, wrong, said in table:
            assert right in french, right
            ws.drop("bdt-9.fr.txt", french.replace(right, wrong))
            entries = ws.expect(2, "check", "--format", "json").json()
            [entry] = [entry for entry in entries if entry["file"].endswith("fr.txt")]
            errors = [problem["message"] for problem in entry["problems"] if problem["severity"] == "error"]
            assert len(errors) == 1 and all(word in errors[0] for word in said), (wrong, errors)
        ws.run()
        assert states(ws) == {"Circular BDT/9": "parked"}
        ws.drop("bdt-9.fr.txt", french)
        ws.run()
        assert {row["language"] for row in log(ws)} == {"en", "fr"}


def confidential():
    """A letter marked confidential wants one more person than the house asks for, here one instead of none."""
    with rehearsed() as ws:
        text = letter(**ACADEMIA).replace("Circular BDT/9", "Circular BDT/9\n\nCONFIDENTIAL", 1)
        ws.drop("bdt-9.txt", text)
        ws.run()
        shown = show(ws, "BDT/9")
        assert shown["state"] == "awaiting_approval" and shown["confidential"], shown
        assert (shown["approvals_needed"], shown["approvals_missing"]) == (1, 1), shown
        order(ws, 0, "approve", "BDT/9")
        ws.run()
        assert len(log(ws)) == 11


def approvals_are_voided():
    """A list, a text, an annex that changes voids what was approved, for good; `show` says what did."""
    with rehearsed(config=NOW + "[release]\napprovals = 2\n") as ws:
        rows = "a@one.example,A,One,Aland,en,\n"
        with_offices(ws, rows)
        text = letter(reference="Circular BDT/9", to=["Offices"], head="attachments: form.pdf")
        (ws.dir / "templates/bdt-9").mkdir()
        (ws.dir / "templates/bdt-9/form.pdf").write_bytes(b"%PDF-1.7 first")
        ws.drop("bdt-9.txt", text)
        changes = [
            ("its addressees were changed", lambda: ws.drop("offices.csv", OFFICES + rows + "b@two.example,B,,,en,\n", "recipients")),
            ("its annexes were changed", lambda: (ws.dir / "templates/bdt-9/form.pdf").write_bytes(b"%PDF-1.7 second")),
            ("bdt-9.txt was changed", lambda: ws.drop("bdt-9.txt", text.replace("honour", "pleasure"))),
        ]
        for what, change in changes:
            ws.run()
            ws.expect(0, "--rehearsal", "approve", "BDT/9", "--yes", "--by", "Ada")
            assert show(ws, "BDT/9")["approvals_missing"] == 1
            change()
            ws.run()
            shown = show(ws, "BDT/9")
            assert shown["approvals_missing"] == 2 and what in shown["approvals"][-1]["voided_by"], shown
            assert shown["state"] == "awaiting_approval" and not log(ws), shown
        # what was approved once does not come back with the old text
        ws.drop("bdt-9.txt", text)
        ws.run()
        assert show(ws, "BDT/9")["approvals_missing"] == 2
        for name in ("Ada", "Bo"):
            ws.expect(0, "--rehearsal", "approve", "BDT/9", "--yes", "--by", name)
        ws.run()
        assert len(log(ws)) == 2
        query = "SELECT reason FROM event_log WHERE kind = 'approvals_voided'"
        assert len(ws.expect(0, "--rehearsal", "sql", query, "--format", "json").json()) == 3
        # a supplementary issue goes to people whom nobody approved: as many must order it
        ws.drop("offices.csv", OFFICES + rows + "b@two.example,B,,,en,\nc@three.example,C,,,en,\n", "recipients")
        ws.run()
        for name, said in (("Ada", "approved by 1 of 2"), ("Ada", "approved by 1 of 2"), ("Bo", "issue 2 is frozen for 1 new")):
            ended = ws.expect(0, "--rehearsal", "resend", "BDT/9", "--new", "--yes", "--by", name)
            assert said in ended.out, ended
        ws.run()
        assert len(log(ws)) == 3


def register():
    """Numbers used, taken, repeated and skipped, by series and year, supplements below their parent."""
    with rehearsed() as ws:
        later = "send: 2099-12-07 09:00"
        ws.drop("a.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ws.drop("b.txt", letter(reference="Circular BDT/12", to=["Academia"], head=later))
        ws.drop("c.txt", letter(reference="CL 2021/07", to=["Academia"], head=later))
        ws.run()
        ws.drop("d.txt", letter(reference="CL 2021/7", to=["Regulators"], head=later))
        ws.drop("e.txt", CORRIGENDUM.replace("Corrigendum 1", "Corrigendum 2"))
        ended = ws.run()
        assert "CL 2021/7" in ended.err and "also stands in c" in ended.err, ended
        rows = ws.expect(0, "--rehearsal", "list", "--register", "--format", "json").json()
        found = [(row["series"], row["year"], row["number"], row["up_to"], row["status"], row["supplement"]) for row in rows]
        assert found == [
            ("bdt", None, 9, None, "used", None),
            ("bdt", None, 9, None, "skipped", "corrigendum 1"),
            ("bdt", None, 9, None, "used", "corrigendum 2"),
            ("bdt", None, 10, 11, "skipped", None),
            ("bdt", None, 12, None, "taken", None),
            ("cl", 2021, 7, None, "taken", None),
            ("cl", 2021, 7, None, "repeated", None),
        ], found
        table = ws.expect(0, "--rehearsal", "list", "--register").out
        assert "10 to 11" in table and "Corrigendum 2 to Circular BDT/9" in table, table


def approvals_given_up():
    """A house that asks for no approvals any more lets the letter go that waited for them."""
    with rehearsed(config=NOW + "[release]\napprovals = 1\n") as ws:
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.run()
        assert states(ws) == {"Circular BDT/9": "awaiting_approval"}
        ws.configure(NOW)
        ws.run()
        assert states(ws) == {"Circular BDT/9": "completed"} and len(log(ws)) == 11


CASES = [
    ("a letter that waits for approvals goes when the house asks for none any more", approvals_given_up),
    ("the register shows numbers used, taken, repeated and skipped", register),
    ("a corrigendum goes to the parent's addressees, each message in reply to their own", corrigendum_threads),
    ("a supplement whose parent is not on record waits for it", supplement_before_parent),
    ("a supplement waits until its parent has been on its way", behind_its_parent),
    ("a supplement to a circular that was withdrawn from everybody is parked", nobody_left),
    ("a supplement with addressees of its own goes to those", supplement_with_own_to),
    ("a supplement reaches those who left the group, says so, and can leave them out", those_who_left),
    ("resend --new sends what was frozen to those who joined since", resend_new),
    ("resend --new is carried out by a daemon that runs", resend_new_by_the_daemon),
    ("resend wants --only or --new, and says when there is nothing to send", resend_needs_a_choice),
    ("an office's copy goes to its mission, once and marked", copies_to_missions),
    ("copy: none and exclude leave the offices' copies out", copies_left_out),
    ("versions of one circular that disagree are parked with the difference", parity),
    ("a confidential letter asks for one more approval", confidential),
    ("any change of text, annex or list voids the approvals for good", approvals_are_voided),
]
