"""A ledger that was restored, and a workspace that was copied: nothing goes out a second time by itself."""

import os
import shutil
import sqlite3

from workspace import Workspace, addressees, letter, until

ACADEMIA = {"reference": "Circular BDT/9", "to": ["Academia"]}


def back_up(ws):
    database = sqlite3.connect(ws.dir / "var/ledger.db")
    database.execute("VACUUM INTO ?", (str(ws.base / "backup.db"),))
    database.close()


def put_back(ws):
    for name in ("ledger.db-wal", "ledger.db-shm"):
        (ws.dir / "var" / name).unlink(missing_ok=True)
    os.replace(ws.base / "backup.db", ws.dir / "var/ledger.db")


def recovered(ws, *where):
    """Refused, then shown, then let go on by a person."""
    ended = ws.expect(74, *where, "run", "--until-idle", workspace=not where)
    assert "circulard recover" in ended.err, ended
    looked = ws.expect(2, *where, "recover", workspace=not where)
    assert "no letter goes out by itself" in looked.out and "hold" not in looked.out, looked
    done = ws.expect(0, *where, "recover", "--yes", "--by", "Ada", "--reason", "compared", workspace=not where)
    assert "waits as `late`" in done.out, done
    return looked


def restored_from_before_the_letter():
    with Workspace() as ws:
        ws.drop("bdt-8.txt", letter(reference="Circular BDT/8", to=["Nobody whom we know"]))
        ws.run()
        assert ws.states() == {"Circular BDT/8": "parked"}
        back_up(ws)
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.run()
        assert len(ws.sent()) == 11
        put_back(ws)
        looked = recovered(ws)
        assert "knows 11 deliveries that the ledger does not; 11 of them were accepted" in looked.out, looked
        ws.sends_nothing()
        assert ws.states()["Circular BDT/9"] == "late", ws.states()
        somebody = next(iter(addressees(ws.dir / "recipients", ["academia"])))
        for asks in (["list"], ["show", "BDT/9"], ["explain", "BDT/9", somebody]):
            ended = ws.expect(0, *asks)
            assert "may have gone out already" in " ".join(ended.out.split()), ended
        # nor by itself in the next run, nor a letter that was parked then and is mended now
        ws.drop("bdt-8.txt", letter(reference="Circular BDT/8", to=["Academia"]))
        ws.sends_nothing()
        assert ws.states() == {"Circular BDT/8": "late", "Circular BDT/9": "late"}, ws.states()
        assert "may have gone out already" in ws.expect(0, "show", "BDT/8").out
        # what comes afterwards goes, and what a person releases
        ws.drop("bdt-10.txt", letter(reference="Circular BDT/10", to=["Academia"]))
        ws.run()
        assert len(ws.sent()) == 22
        ws.expect(0, "release", "BDT/9", "--yes", "--by", "Ada")
        ws.run()
        assert len(ws.sent()) == 33 and ws.states()["Circular BDT/9"] == "completed", ws.states()
        ws.expect(0, "verify", "--all")


def restored_with_letters_that_wait():
    """What the old ledger itself holds for later waits for a person too: ready, and repeated."""
    with Workspace('[schedule]\nrelease = "now"\nlate_after = "3000d"\n') as ws:
        ws.drop("bdt-9.txt", letter(head="send: 2099-01-01 08:00", **ACADEMIA))
        ws.drop("bdt-7.txt", letter(reference="Circular BDT/7", to=["Academia"], head="repeat: 0 8 1 1 *"))
        ws.run()
        assert ws.states() == {"Circular BDT/9": "ready", "Circular BDT/7": "ready"}, ws.states()
        ws.expect(0, "release", "BDT/7", "--yes", "--by", "Ada")
        ws.run()
        assert len(ws.sent()) == 11 and ws.states()["Circular BDT/7"] == "ready", ws.states()
        back_up(ws)
        ws.drop("bdt-6.txt", letter(reference="Circular BDT/6", to=["Academia"]))
        ws.run()
        put_back(ws)
        recovered(ws)
        # before a daemon has looked at the folder
        assert ws.states() == {"Circular BDT/9": "late", "Circular BDT/7": "late"}, ws.states()
        ws.sends_nothing()
        assert set(ws.states().values()) == {"late"} and len(ws.states()) == 3, ws.states()


def a_copied_workspace():
    with Workspace(sink_options=("-w", "3")) as ws:
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        daemon = ws.start()
        until("some are out", lambda: ws.log("--state", "accepted"))
        daemon.kill()
        daemon.wait()
        copy = ws.base / "copy"
        shutil.copytree(ws.dir, copy)
        ws.run()
        assert {row["state"] for row in ws.log()} == {"accepted"}, ws.log()
        sent = ws.sink.count()
        there = ("--workspace", str(copy))
        refused = ws.expect(74, *there, "run", "--until-idle", workspace=False)
        assert "the ledger is a copy" in refused.err, refused
        assert "the ledger is a copy" in ws.expect(0, *there, "list", workspace=False).err
        recovered(ws, *there)
        # 1: what was on the wire is in doubt
        ended = ws.call(*there, "run", "--until-idle", workspace=False)
        assert ended.code in (0, 1) and ws.sink.count() == sent, ended
        assert "may have gone out already" in " ".join(ws.expect(0, *there, "list", workspace=False).out.split())
        ws.drop("bdt-10.txt", letter(reference="Circular BDT/10", to=["Academia"]))
        # a folder that was moved is no copy; VACUUM writes into the same file
        moved = ws.base / "moved"
        ws.dir.rename(moved)
        ws.dir = moved
        database = sqlite3.connect(moved / "var/ledger.db")
        database.execute("VACUUM")
        database.close()
        ws.run()
        assert ws.sink.count() == sent + 11, ws.sink.count()


CASES = [
    ("copies: a ledger restored from before a letter does not send it again", restored_from_before_the_letter),
    ("copies: what a restored ledger has waiting waits for a person", restored_with_letters_that_wait),
    ("copies: a copied workspace sends nothing until a person has looked, a moved one goes on", a_copied_workspace),
]
