"""When letters go: windows, times of their own, what was missed, what a new ledger finds."""

import datetime
import time

from workspace import REFERENCE, SAMPLE, Workspace, letter, stop, until

ACADEMIA = {"reference": "Circular BDT/9", "to": ["Academia"]}


def a_quiet_window():
    """A release window that does not open while the tests run."""
    soon = datetime.datetime.now(datetime.timezone.utc)
    return f'[schedule]\nrelease = "0 9 {(soon + datetime.timedelta(days=40)).day} {(soon + datetime.timedelta(days=40)).month} *"\n'


def waits_for_its_window():
    with Workspace(a_quiet_window()) as ws:
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ended = ws.sends_nothing()
        assert "Circular BDT/9: ready, goes out" in ended.err and "(+00:00)" in ended.err, ended
        [row] = ws.circulars()
        assert row["state"] == "ready" and row["due_at"], row
        planned = ws.expect(0, "schedule", "--format", "json").json()
        assert [run["reference"] for run in planned if run["what"] == "circular"] == ["Circular BDT/9"], planned
        assert planned[0]["at"] == row["due_at"], planned


def weekdays_at_nine():
    """The window of the house's default: a weekday, nine o'clock, local time with its offset."""
    with Workspace('[schedule]\nrelease = "0 9 * * Mon-Fri"\ntime_zone = "Europe/Zurich"\n', relay=None) as ws:
        runs = ws.expect(0, "schedule", "--format", "json", "--limit", "30").json()
        assert len(runs) == 30
        for run in runs:
            at = datetime.datetime.fromisoformat(run["at"])
            assert (at.hour, at.minute) == (9, 0) and at.weekday() < 5, run
            assert at.utcoffset() in (datetime.timedelta(hours=1), datetime.timedelta(hours=2)), run


def released_by_hand():
    with Workspace(a_quiet_window()) as ws:
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.sends_nothing()
        ws.expect(0, "release", "BDT/9", "--yes", "--by", "Ada", "--reason", "the Director asked")
        ws.run()
        assert ws.sink.count() == 11
        events = ws.expect(0, "sql", "SELECT kind, by, reason FROM event_log WHERE by = 'Ada'", "--format", "json").json()
        assert [event["reason"] for event in events] == ["the Director asked"], events


def future():
    with Workspace() as ws:
        ws.drop("bdt-9.txt", letter(head="send: 7 December 2099, 09:00", **ACADEMIA))
        ended = ws.sends_nothing()
        assert "2099" in ended.err, ended
        [row] = ws.circulars()
        assert row["due_at"].startswith("2099-12-07T09:00:00"), row


def just_passed():
    ago = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=2)
    with Workspace() as ws:
        ws.drop("bdt-9.txt", letter(head=f"send: {ago:%Y-%m-%d %H:%M}", **ACADEMIA))
        ws.run()
        assert ws.sink.count() == 11


def long_passed():
    ago = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=7)
    with Workspace() as ws:
        ws.drop("bdt-9.txt", letter(head=f"send: {ago:%Y-%m-%d %H:%M}", **ACADEMIA))
        ended = ws.sends_nothing()
        assert "late" in ended.err and "release" in ended.err, ended
        assert ws.states() == {"Circular BDT/9": "late"}
        ws.sends_nothing()
        ws.expect(0, "release", "BDT/9", "--yes", "--by", "Ada")
        ws.run()
        assert ws.sink.count() == 11 and ws.states() == {"Circular BDT/9": "completed"}


def new_ledger():
    with Workspace(init=False) as ws:
        ws.drop("bdt-112.txt", SAMPLE)
        ended = ws.sends_nothing()
        assert "the ledger is new" in ended.err and "release" in ended.err, ended
        assert ws.states() == {REFERENCE: "late"}
        ws.sends_nothing()
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.run()
        assert ws.states() == {REFERENCE: "late", "Circular BDT/9": "completed"}
        assert ws.sink.count() == 11
        ws.expect(0, "release", REFERENCE, "--yes", "--by", "Ada")
        ended = ws.run()
        assert ws.states()[REFERENCE] == "completed", f"{ws.states()} {ended}"


def lost_ledger():
    """The ledger is lost after the circular went out: the letter that lies there still is not sent again."""
    with Workspace() as ws:
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.run()
        for file in (ws.dir / "var").iterdir():
            if file.is_file():
                file.unlink()
        ended = ws.sends_nothing()
        assert "late" in ended.err, ended


def repeated():
    with Workspace() as ws:
        ws.drop("bdt-9.txt", letter(head="repeat: 0 9 1 1 *", **ACADEMIA))
        ws.sends_nothing()
        runs = ws.expect(0, "schedule", "--format", "json", "--limit", "3").json()
        repeats = [run["at"] for run in runs if run["what"] == "repeat"]
        assert len(repeats) == 3 and all(at[4:16] == "-01-01T09:00" for at in repeats), runs


def repeats_as_the_file_stands():
    """Each tick sends the file as it then stands; once the file is gone there is no further issue."""
    with Workspace('[schedule]\nrelease = "now"\n[watch]\nsettle = "1s"\n') as ws:
        text = letter(head="repeat: */4 * * * * *", body="The first text.", **ACADEMIA)
        ws.drop("bdt-9.txt", text)
        daemon = ws.start()
        until("the first issue is out", lambda: ws.sink.count() >= 11)
        ws.drop("bdt-9.txt", text.replace("The first text.", "The second text."))
        until("the second text is out", lambda: any(b"The second text." in message.octets for message in ws.sent()), 40)
        (ws.dir / "templates/bdt-9.txt").unlink()
        until("the repetition has ended", lambda: ws.circulars()[0]["repeat"] is None)
        until("all is out", lambda: ws.circulars()[0]["state"] == "completed")
        count = ws.sink.count()
        time.sleep(5)
        stop(daemon)
        assert ws.sink.count() == count
        rows = ws.log()
        assert len({(row["issue"], row["address"]) for row in rows}) == len(rows) == count == 11 * ws.circulars()[0]["issues"]
        assert len({row["message_id"] for row in rows}) == count


CASES = [
    ("a letter waits for its release window, and the run that ends says until when", waits_for_its_window),
    ("release windows are weekdays at nine in the house's zone, with the offset", weekdays_at_nine),
    ("a letter released by hand goes before its window, with name and reason on record", released_by_hand),
    ("a letter with a time in the future waits for it", future),
    ("a letter due two hours ago goes out", just_passed),
    ("a letter due seven hours ago is late and waits for a person", long_passed),
    ("a letter that lay there before a new ledger is not sent by itself", new_ledger),
    ("a lost ledger sends nothing again", lost_ledger),
    ("a repeated circular sends the file as it stands at each tick, until it is gone", repeats_as_the_file_stands),
    ("a repeated circular is planned by its cron expression", repeated),
]
