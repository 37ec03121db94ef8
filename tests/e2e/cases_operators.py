"""The operator's hand, and the daemon under signals."""

import collections
import signal
import time

from sink import Sink
from workspace import NOW, REFERENCE, SAMPLE, Workspace, addressees, letter, stop, until

ACADEMIA = {"reference": "Circular BDT/9", "to": ["Academia"]}
LATER = "send: 2099-12-07 09:00"


def held_and_released():
    with Workspace() as ws:
        ws.drop("bdt-9.txt", letter(head=LATER, **ACADEMIA))
        ws.run()
        ws.expect(0, "hold", "BDT/9", "--yes", "--by", "Ada", "--reason", "figures to be checked")
        [row] = ws.circulars()
        assert row["state"] == "held", row
        ws.sends_nothing()
        ws.expect(0, "release", "bdt-9", "--yes", "--by", "Bo")
        ws.run()
        assert ws.sink.count() == 11


def hold_taken_back():
    """Who held a letter to look at it may let it wait for its time again; that sends nothing now."""
    with Workspace() as ws:
        ws.drop("bdt-9.txt", letter(head=LATER, **ACADEMIA))
        ws.run()
        [before] = ws.circulars()
        refused = ws.expect(2, "release", "BDT/9", "--at-its-time", "--yes", "--by", "Ada")
        assert "only what was held before it went out" in refused.err, refused
        ws.expect(0, "hold", "BDT/9", "--yes", "--by", "Ada", "--reason", "figures to be checked")
        ended = ws.expect(0, "release", "BDT/9", "--at-its-time", "--yes", "--by", "Bo")
        assert "it goes out at its time" in ended.out, ended
        [after] = ws.circulars()
        assert (after["state"], after["due_at"], after["reason"]) == ("ready", before["due_at"], None), after
        ws.run()
        ws.sends_nothing()


def held_without_a_reason():
    with Workspace() as ws:
        ws.drop("bdt-9.txt", letter(head=LATER, **ACADEMIA))
        ws.run()
        assert "goes out" in ws.expect(0, "list").out
        ws.expect(0, "hold", "BDT/9", "--yes", "--by", "Ada")
        shown = ws.expect(0, "list").out
        assert "goes out" not in shown and "`release` sends it" in shown, shown


def held_on_the_way():
    # one session, a second for each copy: there is time to hold it
    with Workspace("sessions = 1\n" + NOW, sink_options=("-w", "1")) as ws:
        daemon = ws.start()
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        until("some are out", lambda: ws.log("--state", "accepted"))
        ws.expect(0, "hold", "BDT/9", "--yes", "--by", "Ada")
        until("it is held", lambda: ws.states() == {"Circular BDT/9": "held"})
        until("nothing is on the wire", lambda: not ws.log("--state", "in_transaction"))
        count = len(ws.sent())
        assert 0 < count < 11, count
        time.sleep(2)
        assert len(ws.sent()) == count, "a held circular went on"
        ws.expect(0, "release", "BDT/9", "--yes", "--by", "Ada")
        until("it is completed", lambda: ws.states() == {"Circular BDT/9": "completed"})
        stop(daemon)
        assert len({message.forward_paths[0] for message in ws.sent()}) == len(ws.sent()) == 11


def cancelled():
    with Workspace() as ws:
        ws.drop("bdt-9.txt", letter(head=LATER, **ACADEMIA))
        ws.run()
        ws.expect(0, "cancel", "BDT/9", "--yes", "--by", "Ada")
        assert ws.states() == {"Circular BDT/9": "cancelled"}
        ws.sends_nothing()
        ended = ws.call("release", "BDT/9", "--yes", "--by", "Ada")
        assert ended.code == 2, ended
        ws.sends_nothing()


def cancelled_on_the_way():
    with Workspace(sink_options=("-w", "1")) as ws:
        daemon = ws.start()
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        until("some are out", lambda: ws.log("--state", "accepted"))
        ws.expect(0, "cancel", "BDT/9", "--yes", "--by", "Ada")
        until("it is cancelled", lambda: ws.states() == {"Circular BDT/9": "cancelled"})
        until("nothing is on the wire", lambda: not ws.log("--state", "in_transaction"))
        stop(daemon)
        states = collections.Counter(row["state"] for row in ws.log())
        assert states["accepted"] == len(ws.sent()) and states["withdrawn"] == 11 - states["accepted"], states
        assert 0 < states["accepted"] < 11, states


def two_approvals():
    with Workspace('[schedule]\nrelease = "now"\n[release]\napprovals = 2\n') as ws:
        text = letter(**ACADEMIA)
        ws.drop("bdt-9.txt", text)
        ended = ws.sends_nothing()
        assert "awaiting approval" in ended.err, ended
        assert ws.states() == {"Circular BDT/9": "awaiting_approval"}
        ws.expect(0, "approve", "BDT/9", "--yes", "--by", "Ada")
        ws.sends_nothing()
        ws.call("approve", "BDT/9", "--yes", "--by", " ADA")
        again = ws.call("approve", "BDT/9", "--yes", "--by", "Ada")
        assert again.code in (0, 2), again
        ws.sends_nothing()
        ws.expect(0, "approve", "BDT/9", "--yes", "--by", "Bo")
        ws.run()
        assert ws.sink.count() == 11


def approval_of_other_text():
    with Workspace('[schedule]\nrelease = "now"\n[release]\napprovals = 2\n') as ws:
        text = letter(**ACADEMIA)
        ws.drop("bdt-9.txt", text)
        ws.run()
        ws.expect(0, "approve", "BDT/9", "--yes", "--by", "Ada")
        ws.drop("bdt-9.txt", text.replace("whole household", "entire household"))
        ws.sends_nothing()
        ws.expect(0, "approve", "BDT/9", "--yes", "--by", "Bo")
        ws.sends_nothing()
        ws.expect(0, "approve", "BDT/9", "--yes", "--by", "Ada")
        ws.run()
        assert ws.sink.count() == 11


def approvals_are_not_bypassed():
    """Hold and release by one person do not make up for the approval of two."""
    with Workspace('[schedule]\nrelease = "now"\n[release]\napprovals = 2\n') as ws:
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.run()
        assert "approve" in ws.expect(2, "release", "BDT/9", "--yes", "--by", "Ada").err
        ws.expect(0, "hold", "BDT/9", "--yes", "--by", "Ada")
        ws.call("release", "BDT/9", "--yes", "--by", "Ada")
        ws.sends_nothing()
        for name in ("Ada", "Bo"):
            ws.expect(0, "approve", "BDT/9", "--yes", "--by", name)
        ws.run()
        assert ws.sink.count() == 11


def late_needs_approvals():
    with Workspace('[schedule]\nrelease = "now"\n[release]\napprovals = 1\n') as ws:
        ws.drop("bdt-9.txt", letter(head="send: 2020-01-01 09:00", **ACADEMIA))
        ws.sends_nothing()
        ws.call("release", "BDT/9", "--yes", "--by", "Ada")
        ws.sends_nothing()
        ws.expect(0, "approve", "BDT/9", "--yes", "--by", "Bo")
        ws.run()
        assert ws.sink.count() == 11


def unknown_references():
    with Workspace() as ws:
        ws.drop("bdt-112.txt", letter(head=LATER))
        ws.run()
        for act in ("release", "hold", "cancel", "approve"):
            ended = ws.expect(2, act, "Circular BDT/DNS/DSG/112", "--yes", "--by", "Ada")
            assert "DSG" in ended.err and f'did you mean "{REFERENCE}"?' in ended.err, ended
        ended = ws.expect(2, "release", REFERENCE, "--by", "Ada")
        assert "--yes" in ended.err, ended
        for ask in ("show", "log"):
            assert "BDT/8" in ws.expect(2, ask, "BDT/8").err
        assert ws.states() == {REFERENCE: "ready"}


def stopped_on_the_way(kind=signal.SIGTERM):
    """SIGTERM while letters are on the wire: they are finished, the rest waits, and the next run goes on."""
    with Workspace(sink_options=("-w", "1")) as ws:
        expected = addressees(ws.dir / "recipients")
        daemon = ws.start()
        ws.drop("bdt-112.txt", SAMPLE)
        until("some are out", lambda: ws.sink.count() >= 6)
        stop(daemon, kind=kind)
        states = collections.Counter(row["state"] for row in ws.log())
        assert set(states) == {"accepted", "queued"}, states
        first = ws.sent()
        assert states["accepted"] == len(first) and sum(states.values()) == len(expected), (states, len(first))
        port = ws.sink.port
        ws.sink.end()
        rest = Sink(port=port)
        try:
            ws.run()
            paths = [message.forward_paths[0].lower() for message in first + rest.messages()]
            assert len(paths) == len(set(paths)) and set(paths) == set(expected), f"{len(paths)} messages"
            assert {row["state"] for row in ws.log()} == {"accepted"}
            assert {row["attempts"] for row in ws.log()} == {1}
            ws.expect(0, "verify")
        finally:
            rest.end()


def interrupted():
    with Workspace() as ws:
        daemon = ws.start()
        until("it runs", lambda: "list accepted" in ws.log_of())
        daemon.send_signal(signal.SIGINT)
        assert daemon.wait(20) == 0


def second_daemon():
    with Workspace() as ws:
        daemon = ws.start()
        until("it runs", lambda: "list accepted" in ws.log_of())
        ended = ws.expect(75, "run", "--until-idle")
        assert "another" in ended.err, ended
        assert ws.circulars() == []
        stop(daemon)


def refused_alike():
    """The same 5yz to everybody is not the addressees' doing: the circular pauses, nobody is marked as refused."""
    with Workspace(sink_options=("-f", "rcpt")) as ws:
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ended = ws.call("run", "--until-idle")
        assert ended.code == 0 and ended.err.count("ERROR paused") == 1, ended
        assert ws.states() == {"Circular BDT/9": "paused"}
        assert {row["state"] for row in ws.log()} == {"queued"}, ws.log()
        port = ws.sink.port
        ws.sink.end()
        mended = Sink(port=port)
        try:
            ws.run()
            assert mended.count() == 0, "a paused circular waits for a person"
            ws.expect(0, "release", "BDT/9", "--yes", "--by", "Ada")
            ws.run()
            assert mended.count() == 11 and {row["state"] for row in ws.log()} == {"accepted"}
        finally:
            mended.end()


def one_refused(ws):
    ws.drop("academia.csv", "email,name,country\na@p.example,A,Kenya\n", "recipients")
    ws.drop("bdt-9.txt", letter(**ACADEMIA))


def a_refusal_is_an_end():
    with Workspace(sink_options=("-f", "rcpt")) as ws:
        one_refused(ws)
        ended = ws.run(code=1)
        [row] = ws.log("--state", "refused")
        assert (row["stage"], row["code"], row["status"]) == ("rcpt", 500, "5.3.0"), row
        assert ws.states() == {"Circular BDT/9": "completed"}, ended
        ws.run(code=0)
        port = ws.sink.port
        ws.sink.end()
        mended = Sink(port=port)
        try:
            ws.expect(2, "resend", "BDT/9", "--only", "expired", "--yes", "--by", "Ada")
            ws.expect(0, "resend", "BDT/9", "--only", "refused", "--yes", "--by", "Ada")
            ws.run()
            [row] = ws.log("--attempts")
            assert row["state"] == "accepted" and row["attempts"] == 2 == len(row["history"]), row
            assert mended.count() == 1
            assert "seals: 2 circulars completed" in ws.expect(0, "verify").out, "both ends hold, though it was sent again"
        finally:
            mended.end()


def stop_is_no_failure():
    with Workspace(sink_options=("-f", "rcpt")) as ws:
        daemon = ws.start()
        one_refused(ws)
        until("it is completed", lambda: ws.states() == {"Circular BDT/9": "completed"})
        assert len(ws.log("--state", "refused")) == 1
        stop(daemon, code=0)


def deferrals_do_not_keep_the_run():
    with Workspace(sink_options=("-r", "rcpt")) as ws:
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ended = ws.call("run", "--until-idle")
        assert ended.code == 0, ended
        assert ws.sink.count() == 0
        rows = ws.log()
        assert len(rows) == 11 and {row["state"] for row in rows} <= {"deferred", "queued"}, rows
        assert any(word in ended.err for word in ("next attempt", "rests")), ended


def no_relay_there():
    with Workspace() as ws:
        port = ws.sink.port
        ws.sink.end()
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ended = ws.call("run", "--until-idle")
        assert ended.code == 0, ended
        assert {(row["state"], row["attempts"]) for row in ws.log()} == {("queued", 0)}, ws.log()
        assert "connect" in ended.err, ended
        again = Sink(port=port)
        try:
            ws.run()
            assert again.count() == 11 and {row["state"] for row in ws.log()} == {"accepted"}
        finally:
            again.end()


CASES = [
    ("a circular held before its time waits until it is released", held_and_released),
    ("a hold that is taken back sends nothing before the letter's time", hold_taken_back),
    ("of a held circular no list says that it goes out", held_without_a_reason),
    ("a circular held on the way stops, and goes on where it was", held_on_the_way),
    ("a cancelled circular is never sent", cancelled),
    ("a circular cancelled on the way withdraws what has not been sent", cancelled_on_the_way),
    ("two people must approve, and one person twice is one", two_approvals),
    ("an approval holds for the text it was given to", approval_of_other_text),
    ("hold and release do not make up for approvals", approvals_are_not_bypassed),
    ("a late circular that is released still needs its approval", late_needs_approvals),
    ("unknown references are refused with the nearest known one", unknown_references),
    ("SIGTERM while letters are on the wire loses nothing and repeats nothing", stopped_on_the_way),
    ("a terminal that is closed (SIGHUP) ends the daemon as gently", lambda: stopped_on_the_way(signal.SIGHUP)),
    ("SIGINT ends an idle daemon in order", interrupted),
    ("a second daemon is refused with 75", second_daemon),
    ("a relay that refuses everybody alike pauses the circular, and no addressee counts as refused", refused_alike),
    ("a refused addressee ends the run with 1, and resend tries again", a_refusal_is_an_end),
    ("a daemon that is told to stop ends with 0, whatever was refused", stop_is_no_failure),
    ("deferrals do not keep a run that ends when idle", deferrals_do_not_keep_the_run),
    ("a relay that is not there costs no attempt, and the next run sends", no_relay_there),
]
