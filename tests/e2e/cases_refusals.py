"""What is refused because the answer would be wrong, and what is told in the words that are true."""

import datetime
import os
import pty
import subprocess

from workspace import NOW, PROGRAM, Workspace, clean_environment, letter

TO = dict(reference="Circular BDT/9", to=["Academia"])


def nobody_approves():
    """An approval bears a name that people can see, and one person is one however the name is written."""
    with Workspace(NOW + "[release]\napprovals = 2\n") as ws:
        ws.drop("bdt-9.txt", letter(**TO))
        ws.sends_nothing()
        for act in ("approve", "hold", "release", "cancel"):
            for name in ("", " ", "\u200b", "\u3164 \u2060"):
                ended = ws.expect(2, act, "BDT/9", "--yes", "--by", name)
                assert "the name is empty" in ended.err, ended
        for command in (["groups", "accept", "academia"], ["recover"], ["settle", "BDT/9", "a@b.example", "lost"]):
            assert "the name is empty" in ws.expect(2, *command, "--yes", "--by", "").err, command
        assert "approved by 1 of 2" in ws.expect(0, "approve", "BDT/9", "--yes", "--by", "Ann").out
        for name in ("Ann\u200b", "A\u00adNN", "\u202eann", "\uff21nn"):
            again = ws.call("approve", "BDT/9", "--yes", "--by", name)
            assert "2 of 2" not in again.out, (name, again)
        ws.sends_nothing()
        assert "approved by 2 of 2" in ws.expect(0, "approve", "BDT/9", "--yes", "--by", "Anna").out


def sql_answers_one_question():
    with Workspace() as ws:
        for query in ("delete from circular", "pragma journal_mode=delete", "attach 'x.db' as x"):
            said = ws.expect(2, "sql", query).err
            assert "`sql` only reads" in said and "var/" not in said and "lsof" not in said, said
        for form in ("table", "json", "csv"):
            said = ws.expect(2, "sql", "select 1 as a; select 'x' as b, 2 as c", "--format", form).err
            assert "a second statement" in said, said
        said = ws.expect(2, "sql", "select 1 as a, 2 as a", "--format", "json").err
        assert 'two columns are called "a"' in said, said
        assert ws.expect(0, "sql", "select 1 as a, 2 as a", "--format", "csv").out.lstrip("\ufeff").split() == ["a,a", "1,2"]
        assert ws.expect(0, "sql", "select 1 as z, ';' as a;", "--format", "json").out == '[\n{"z":1,"a":";"}\n]\n'


def nothing_is_not_shown():
    """A limit of nothing shows nothing, and that is no answer to whether there is something."""
    with Workspace() as ws:
        for command in ("list", "alerts", "schedule", "log"):
            ended = ws.expect(2, command, "--limit", "0")
            assert "nothing" not in ended.out and "no circular yet" not in ended.err, ended


def days_to_come():
    with Workspace() as ws:
        ws.sends_nothing()
        said = ws.expect(2, "groups", "academia", "--on", "2099-01-01").err
        assert "2099-01-01: that day is still to come" in said, said
        today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
        assert ws.expect(0, "groups", "academia", "--on", today, "--format", "json").json()


def register_of_unknown_parents():
    """A mistyped supplement uses up no number, and skips none."""
    with Workspace() as ws:
        ws.drop("a.txt", letter(reference="Circular BDT/9", to=["Academia"], head="send: 2099-12-07 09:00"))
        ws.drop("b.txt", letter(reference="Withdrawal of Circular BDT/77", to=[]))
        ws.sends_nothing()
        rows = ws.expect(0, "list", "--register", "--format", "json").json()
        found = [(row["number"], row["up_to"], row["status"], row["supplement"]) for row in rows]
        assert found == [(9, None, "taken", None), (None, None, "taken", "withdrawal")], rows


def bare_numbers():
    """A number alone is a circular's, never its supplement's, and where several fit they are named."""
    with Workspace() as ws:
        ws.drop("a.txt", letter(**TO))
        ws.run()
        text = letter(reference="Corrigendum 1 to Circular BDT/9", to=["Academia"], head="send: 2099-12-07 09:00")
        ws.drop("b.txt", text)
        ws.run()
        assert len(ws.circulars()) == 2, ws.circulars()
        assert "Circular BDT/9\n" in ws.expect(0, "show", "9").out
        assert 'no circular is called "1"' in ws.expect(2, "cancel", "1", "--yes").err
        ws.drop("c.txt", letter(reference="Circular TSB/9", to=["Academia"], head="send: 2099-12-07 09:00"))
        ws.run()
        said = ws.expect(2, "show", "9").err
        assert '"9" may be any of' in said and "BDT/9" in said and "TSB/9" in said, said


def ledger_is_gone():
    with Workspace() as ws:
        ws.drop("a.txt", letter(**TO))
        ws.run()
        for kept in ws.dir.glob("var/ledger.db*"):
            kept.rename(ws.base / kept.name)
        for command in ("list", "log"):
            assert "ledger.db is gone" in ws.expect(0, command).err, command


def asked_on_a_terminal(ws, *arguments):
    person, terminal = pty.openpty()
    os.write(person, b"n\n")
    command = [str(PROGRAM), "--workspace", str(ws.dir), *arguments]
    done = subprocess.run(command, stdin=terminal, capture_output=True, env=clean_environment(), check=False, timeout=60)
    os.close(person)
    os.close(terminal)
    assert done.returncode == 2, done
    return done.stderr.decode()


def prompts():
    """Before a person says yes it is said to what."""
    with Workspace() as ws:
        ws.drop("a.txt", letter(**TO))
        ws.run()
        address = ws.log()[0]["address"]
        mailbox = address.rpartition("@")[0]
        for known, says in (("lost", "has no copy, and is sent it again? [y/N]"), ("accepted", "which counts as accepted? [y/N]")):
            said = asked_on_a_terminal(ws, "settle", "BDT/9", address, known)
            assert mailbox.lower() in said.lower() and says in said, said
        assert "send 0 refused copies again? [y/N]" in asked_on_a_terminal(ws, "resend", "BDT/9", "--only", "refused")


def one_test_copy():
    with Workspace() as ws:
        ws.drop("a.txt", letter(**TO))
        for to in ("a@x.example, b@x.example", "a@x.example; b@x.example", "a@x.example b@x.example"):
            said = ws.expect(2, "test", "templates/a.txt", "--to", to, cwd=ws.dir).err
            assert "--to takes one address" in said, said


CASES = [
    ("nobody approves without a name that can be seen, nor twice", nobody_approves),
    ("sql answers one question and says that it only reads", sql_answers_one_question),
    ("a limit of nothing is refused", nothing_is_not_shown),
    ("who will be in a group on a day to come nobody knows", days_to_come),
    ("the register counts no number that stands only in a mistyped supplement", register_of_unknown_parents),
    ("a bare number is a circular's own, and several are named", bare_numbers),
    ("a ledger that is gone is missed by whoever asks it", ledger_is_gone),
    ("a prompt names whom and how many", prompts),
    ("a test copy goes to one address", one_test_copy),
]
