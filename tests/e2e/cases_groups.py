"""The daemon holds the groups: large changes wait for a person, and the ledger says who was in and why."""

import json

from workspace import Workspace, addressees, letter, stop, until

HEADER = "email,name,country,language\n"


def office(number, language="en"):
    return f"office{number}@place{number}.example,Office {number},Kenya,{language}\n"


def offices(*numbers):
    return HEADER + "".join(office(number) for number in numbers)


def held(ws, name="offices"):
    """A workspace whose list of twenty is in force."""
    ws.drop(f"{name}.csv", offices(*range(20)), "recipients")
    ws.run()


def stands(ws, name="offices"):
    [row] = [row for row in ws.expect(0, "groups", "--format", "json").json() if row["group"] == name]
    return row


def accept(ws, *arguments, code=0, name="offices"):
    return ws.expect(code, "groups", "accept", name, "--yes", "--by", "Ann", "--reason", "seen", *arguments)


def members(ws, name="offices", *arguments):
    return ws.expect(0, "groups", name, "--format", "json", *arguments).json()


def events(ws, kind):
    query = f"SELECT by, reason, detail FROM event_log WHERE kind = '{kind}' ORDER BY id"
    rows = ws.expect(0, "sql", query, "--format", "json").json()
    return [{**row, "detail": json.loads(row["detail"])} for row in rows]


def to_offices(ws, reference="Circular BDT/9", name="bdt-9.txt", **named):
    ws.drop(name, letter(reference=reference, to=["Offices"], **named))


def many_leave():
    with Workspace() as ws:
        held(ws)
        ws.drop("offices.csv", offices(*range(17), 99), "recipients")
        to_offices(ws)
        ended = ws.run()
        assert "more than 10 % of offices leave: 3 of 20 mailboxes" in ended.err, ended
        assert ws.sink.count() == 20, "the version in force has twenty"
        row = stands(ws)
        assert row["state"].startswith("pending") and row["mailboxes"] == 20, row
        pending = row["pending"]
        assert (pending["mailboxes"], pending["leave"], pending["join"]) == (18, 3, 1), row
        assert pending["doubts"] == ["more than 10 % of offices leave: 3 of 20 mailboxes"], row
        moved = {one["address"]: one["change"] for one in members(ws) if one["change"]}
        assert moved == {**{f"office{n}@place{n}.example": "leaves" for n in (17, 18, 19)},
                         "office99@place99.example": "joins"}, moved
        ended = accept(ws)
        assert "office17@place17.example" in ended.out and "18 mailboxes in force" in ended.out, ended
        assert stands(ws)["pending"] is None and stands(ws)["accepted_by"] == "Ann", stands(ws)
        ended = ws.expect(0, "groups")
        assert "waits" not in ended.out + ended.err, ended
        assert events(ws, "group_accepted")[-1]["reason"] == "seen"
        to_offices(ws, "Circular BDT/10", "bdt-10.txt")
        ws.run()
        assert {row["address"] for row in ws.log("BDT/10")} == {
            f"office{n}@place{n}.example" for n in (*range(17), 99)
        }
        states = [one["state"] for one in members(ws, "offices", "--versions")]
        assert states == ["accepted", "superseded"], states


def said_before_sending():
    """check and show say that the letter goes by the version in force."""
    with Workspace(config='[schedule]\nrelease = "0 9 1 1 *"\n') as ws:
        held(ws)
        ws.drop("offices.csv", offices(1), "recipients")
        to_offices(ws)
        ws.run()
        entry = ws.check("bdt-9.txt", code=0)
        said = [one for one in entry["problems"] if "groups accept offices" in one["message"]]
        assert [one["severity"] for one in said] == ["warning"] and entry["reaches"] == 20, entry
        [shown] = ws.expect(0, "show", "BDT/9", "--format", "json").json()
        assert len(shown["lists"]) == 1 and "groups accept offices" in shown["lists"][0], shown


def few_leave():
    with Workspace() as ws:
        held(ws)
        ws.drop("offices.csv", offices(*range(18), *range(100, 130)), "recipients")
        ws.run()
        row = stands(ws)
        assert row["state"] == "in force" and row["mailboxes"] == 48 and row["pending"] is None, row
        ended = accept(ws, code=2)
        assert "nothing to accept" in ended.err, ended


def waits_for(change, words):
    def case():
        with Workspace() as ws:
            held(ws)
            ws.drop("offices.csv", change, "recipients")
            ended = ws.run()
            assert words in ended.err, ended
            assert stands(ws)["mailboxes"] == 20 and words in stands(ws)["pending"]["doubts"], stands(ws)

    return case


def back_again():
    with Workspace() as ws:
        held(ws)
        ws.drop("offices.csv", offices(1, 2), "recipients")
        ws.run()
        assert stands(ws)["pending"]["leave"] == 18
        ws.drop("offices.csv", offices(1, 2, 3), "recipients")
        ws.run()
        assert stands(ws)["pending"]["leave"] == 17, "the newest content waits"
        ws.drop("offices.csv", offices(*range(20)), "recipients")
        ws.run()
        row = stands(ws)
        assert row["state"] == "in force" and row["pending"] is None and row["mailboxes"] == 20, row
        rows = ws.expect(0, "sql", "SELECT count(DISTINCT address) AS held FROM group_members WHERE group_name = 'offices'",
                         "--format", "json").json()
        assert rows == [{"held": 20}], rows
        states = [one["state"] for one in members(ws, "offices", "--versions")]
        assert states == ["dropped", "dropped", "accepted"], states
        accept(ws, code=2)


def file_gone():
    with Workspace() as ws:
        held(ws)
        content = (ws.dir / "recipients/offices.csv").read_bytes()
        (ws.dir / "recipients/offices.csv").unlink()
        to_offices(ws)
        ended = ws.run()
        assert "recipients/offices.csv: the file is gone" in ended.err, ended
        assert ws.sink.count() == 20
        assert stands(ws)["pending"]["removal"] and stands(ws)["mailboxes"] == 20, stands(ws)
        assert "list waits" in ws.run().err, "it is told again at the next start"
        ws.drop("offices.csv", content, "recipients")
        ws.run()
        assert stands(ws)["state"] == "in force", stands(ws)
        (ws.dir / "recipients/offices.csv").unlink()
        ws.run()
        ended = accept(ws)
        assert "the group ends" in ended.out, ended
        assert stands(ws)["state"] == "gone" and stands(ws)["mailboxes"] == 0, stands(ws)
        to_offices(ws, "Circular BDT/10", "bdt-10.txt")
        ws.sends_nothing()
        assert ws.check("bdt-10.txt", code=2)["status"] == "parked"


def shown_is_accepted():
    with Workspace() as ws:
        held(ws)
        ws.drop("offices.csv", offices(1, 2), "recipients")
        ws.run()
        ws.drop("offices.csv", offices(7), "recipients")
        ended = accept(ws, code=2)
        assert "has changed since it was read" in ended.err, ended
        assert stands(ws)["mailboxes"] == 20 and len(members(ws)) == 20
        ws.run()
        accept(ws)
        assert [one["address"] for one in members(ws)] == ["office7@place7.example"]


def without_bad_rows():
    with Workspace() as ws:
        held(ws)
        ws.drop("offices.csv", offices(*range(20)) + "office@@place20.example,Office 20,Kenya,en\n" + office(21), "recipients")
        ended = ws.run()
        assert "recipients/offices.csv:22:" in ended.err, ended
        assert stands(ws)["state"].startswith("refused") and stands(ws)["mailboxes"] == 20, stands(ws)
        ended = accept(ws, code=2)
        assert "recipients/offices.csv:22" in ended.err and "--without-bad-rows" in ended.err, ended
        assert stands(ws)["mailboxes"] == 20
        ended = accept(ws, "--without-bad-rows")
        assert "left out: recipients/offices.csv:22: office@@place20.example" in ended.out, ended
        assert stands(ws)["mailboxes"] == 21 and stands(ws)["state"] == "in force", stands(ws)
        assert "left out: recipients/offices.csv:22:" in ws.expect(0, "groups").err
        [left_out] = events(ws, "group_accepted")[-1]["detail"]["left_out"]
        assert left_out["line"] == 22 and left_out["whom"] == "office@@place20.example", left_out
        ws.run()
        assert stands(ws)["mailboxes"] == 21, "the next start does not refuse it again"


def nothing_readable():
    with Workspace() as ws:
        held(ws)
        ws.drop("offices.csv", "name,country\nOffice,Kenya\n", "recipients")
        ws.run()
        ended = accept(ws, "--without-bad-rows", code=2)
        assert "nothing of it can be read" in ended.err, ended
        assert stands(ws)["mailboxes"] == 20


def daemon_accepts():
    """The daemon acts on it, and a letter that was parked for the group goes by itself."""
    with Workspace() as ws:
        held(ws)
        (ws.dir / "recipients/groups.toml").write_text("", encoding="utf-8")
        ws.drop("offices.csv", HEADER.replace("\n", ",group\n") + office(1).replace("\n", ",newcomers\n"), "recipients")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["newcomers"]))
        daemon = ws.start()
        until("the letter is parked", lambda: ws.states().get("Circular BDT/9") == "parked")
        until("the list waits", lambda: stands(ws)["pending"])
        assert ws.sink.count() == 0
        ended = accept(ws)
        assert "1 mailbox in force" in ended.out, ended
        until("the letter went out", lambda: ws.states().get("Circular BDT/9") == "completed")
        assert [row["address"] for row in ws.log("BDT/9")] == ["office1@place1.example"]
        stop(daemon)
        ws.expect(0, "verify")


def groups_inside():
    """A list that feeds other groups by its column, and one that groups.toml narrows: each is guarded by itself."""
    with Workspace() as ws:
        header = "email,study_group,group\n"
        rows = [f"o{n}@p{n}.example,{3 if n < 2 else 1},{'inner' if n < 3 else ''}\n" for n in range(40)]
        (ws.dir / "recipients/groups.toml").write_text(
            '[sg3]\nof = "offices"\nwhere = { study_group = "3" }\nlabels.en = ["Study Group 3"]\n', encoding="utf-8"
        )
        ws.drop("offices.csv", header + "".join(rows), "recipients")
        ws.run()
        assert {one["address"] for one in members(ws, "sg3")} == {"o0@p0.example", "o1@p1.example"}
        assert len(members(ws, "inner")) == 3
        ws.drop("offices.csv", header + "".join(rows).replace(",3,", ",1,"), "recipients")
        ws.run()
        assert stands(ws)["pending"]["doubts"] == ["sg3 would be empty: all 2 mailboxes leave"], stands(ws)
        ws.drop("offices.csv", header + "".join(rows).replace(",inner", ","), "recipients")
        ws.run()
        assert stands(ws)["pending"]["doubts"] == ["inner would be empty: all 3 mailboxes leave"], stands(ws)
        assert len(members(ws, "inner")) == 3 and len(members(ws, "sg3")) == 2


def narrowed_by_country():
    """`where` asks the ledger as it asks a row: accents and kinds of apostrophe do not part a country in two."""
    with Workspace() as ws:
        (ws.dir / "recipients/groups.toml").write_text(
            '[ivory]\nof = "offices"\nwhere = { country = "COTE D\'IVOIRE" }\n', encoding="utf-8"
        )
        rows = ["a@p.example,Côte d’Ivoire", "b@p.example,Cote d'Ivoire", "c@p.example,Ivory Coast", "d@p.example,"]
        ws.drop("offices.csv", "email,country\n" + "\n".join(rows) + "\n", "recipients")
        ws.run()
        assert {one["address"] for one in members(ws, "ivory")} == {"a@p.example", "b@p.example"}


def explained(ws, address, reference="BDT/9"):
    [entry] = ws.expect(0, "explain", reference, address, "--format", "json").json()
    words = ws.expect(0, "explain", reference, address).out
    for reason in entry["because"]:
        assert " ".join(reason["text"].split()) in " ".join(words.split()), words
    return entry, " ".join(reason["text"] for reason in entry["because"])


SOURCES = {
    "offices.csv": "email,language,study_group,valid_until\na@p.example,fr,3,\nb@p.example,ru,3,\nc@p.example,en,1,\n"
                   "late@p.example,en,3,2020-01-01\nx@p.example,en,3,\nkept@p.example,en,3,\nno@p.example,en,3,\n",
    "missions.csv": "email\nm@p.example\n",
    "academia.csv": "email\nx@p.example\n",
    "quiet.csv": "email\nno@p.example\n",
}
BOOK = """
[sg3]
of = "offices"
where = { study_group = "3" }
except = ["academia"]
labels.en = ["Study Group 3"]
"""


def explain_case(release):
    with Workspace(config=f'[schedule]\nrelease = "{release}"\n') as ws:
        for name, content in SOURCES.items():
            ws.drop(name, content, "recipients")
        (ws.dir / "recipients/groups.toml").write_text(BOOK, encoding="utf-8")
        head = "exclude: quiet, kept@p.example"
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Study Group 3"], head=head))
        ws.drop("bdt-9.fr.txt", letter(reference="Circular BDT/9", to=["Study Group 3"]))
        ws.run()
        frozen = release == "now"
        entry, because = explained(ws, "A@p.example")
        assert entry["verdict"] == "in" and entry["role"] == "to" and entry["groups"] == ["sg3"], entry
        assert entry["language"] == "fr" and "first of the addressee's languages (fr)" in entry["language_rule"], entry
        assert "recipients/offices.csv:2" in because and 'says "Study Group 3"' in because, because
        assert entry["issue"] == (1 if frozen else None) and bool(entry["accepted_at"]) == frozen, entry
        assert entry["state"] == ("accepted" if frozen else "ready") and bool(entry["due_at"]) != frozen, entry
        entry, because = explained(ws, "b@p.example")
        assert entry["language"] == "en" and "none of the addressee's languages (ru)" in entry["language_rule"], entry
        for address, words in {
            "c@p.example": 'recipients/offices.csv:4: study_group is "1", and "3" is asked for',
            "late@p.example": "recipients/offices.csv:5: valid until 2020-01-01",
            "x@p.example": "recipients/academia.csv:2 is in academia, which sg3 leaves out",
            "kept@p.example": "`exclude` in the letter's head names this address",
            "no@p.example": "recipients/quiet.csv:2 is in quiet, which `exclude` in the letter's head takes out",
            "m@p.example": "recipients/missions.csv:2 is in missions, which the letter does not name",
            "latee@p.example": "did you mean late@p.example?",
            "z@elsewhere.example": "no list in force has this address",
        }.items():
            entry, because = explained(ws, address)
            assert entry["verdict"] == "out" and words in because, f"{address}: {entry}"
            assert "it came after" not in because, entry
        ended = ws.expect(2, "explain", "BDT/777", "a@p.example")
        assert "no circular is called" in ended.err, ended
        ended = ws.expect(2, "explain", "BDT/9", "a@@p.example")
        assert "two @" in ended.err, ended


def explain_to_come():
    explain_case("0 9 1 1 *")


def explain_frozen():
    explain_case("now")


def explain_later():
    """Who came after the freeze, and whose list waits."""
    with Workspace() as ws:
        held(ws)
        to_offices(ws)
        ws.run()
        ws.drop("offices.csv", offices(*range(20), 50), "recipients")
        ws.run()
        entry, because = explained(ws, "office50@place50.example")
        assert entry["verdict"] == "out" and "it came after this was frozen" in because, entry
        assert entry["state"] == "not frozen" and "--new" in entry["next"], entry
        (ws.dir / "recipients/offices.csv").unlink()
        ws.drop("offices.csv", offices(1, 60), "recipients")
        ws.run()
        _, because = explained(ws, "office60@place60.example")
        assert "waits for `circulard groups accept`" in because, because
        entry, because = explained(ws, "office3@place3.example")
        assert entry["verdict"] == "in" and "recipients/offices.csv:5" in because, entry


def whole_lists():
    """Sample lists: everybody whom a letter to all five groups reaches is explained as in, with a row that exists."""
    with Workspace() as ws:
        ws.drop("bdt-112.txt", letter())
        ws.run()
        for address, row in list(addressees(ws.dir / "recipients").items())[::9]:
            entry, _ = explained(ws, address, "112")
            assert entry["verdict"] == "in" and entry["because"], entry
            for reason in entry["because"]:
                lines = (ws.dir / reason["file"]).read_text(encoding="utf-8").splitlines()
                assert row["name"] in lines[reason["line"] - 1], reason


CASES = [
    ("a list that loses more than a tenth waits for a person, and letters go by the version in force", many_leave),
    ("check and show say that a letter goes by an older version of a list", said_before_sending),
    ("a tenth may leave a list, and any number join, without a person", few_leave),
    ("a list that shares nothing with the one in force looks like the wrong file",
     waits_for(offices(*range(100, 120)),
               "it looks like the wrong file: of the 20 mailboxes in offices none stay, and 20 others come")),
    ("a list that has lost its languages waits",
     waits_for("email,name\n" + "".join(office(n).rsplit(",", 2)[0] + "\n" for n in range(20)),
               "the column language is gone; 20 rows had it filled in")),
    ("a list that is again as it was waits no more, and the newest content is what waits", back_again),
    ("a file that is gone empties no group until a person accepts it", file_gone),
    ("what is accepted is the version that was shown", shown_is_accepted),
    ("a list accepted without its bad rows lists whom it leaves out", without_bad_rows),
    ("a list of which nothing can be read cannot be accepted", nothing_readable),
    ("a running daemon lets an accepted list come into force, and the letter parked for it goes", daemon_accepts),
    ("a group inside a list is guarded by itself", groups_inside),
    ("a group narrowed by country has its rows however the list spells it", narrowed_by_country),
    ("explain says of a letter to come who is in and who is out, and why", explain_to_come),
    ("explain says of a frozen letter who was in and who was out, and why", explain_frozen),
    ("explain knows who came after the freeze, and whose list waits", explain_later),
    ("explain finds a row for everybody whom the sample letter reaches", whole_lists),
]
