"""Whose files these are: a ledger of another user is not an empty one, and root's commands leave nothing that the service
cannot open."""

import os
import pwd
import shutil
import subprocess

from workspace import PATIENCE, PROGRAM, Ended, Workspace, clean_environment, letter

REHEARSED = '[schedule]\nrelease = "now"\n'
ASKS = (
    ["list"], ["who", "a@b.example"], ["verify"], ["alerts"], ["recover"], ["show", "Circular BDT/9"], ["log"], ["groups"],
    ["hold", "Circular BDT/9", "--yes"], ["sql", "SELECT 1"],
)


class Owned(Workspace):
    """A workspace in which others may go about, and of which var/ is the service's, as the unit's commands make it."""

    def __init__(self, **named):
        super().__init__(**named)
        for folder in (self.base, self.dir):
            folder.chmod(0o755)
        # the tree may lie where only its owner gets at it
        self.program = self.base / "circulard"
        try:
            os.link(PROGRAM, self.program)
        except OSError:
            shutil.copy(PROGRAM, self.program)

    def give(self, name):
        user = pwd.getpwnam(name)
        for path in [self.dir / "var", *(self.dir / "var").rglob("*")]:
            os.chown(path, user.pw_uid, user.pw_gid)

    def owners(self):
        return {path.name: path.owner() for path in (self.dir / "var").rglob("*")}

    def call_as(self, user, *arguments):
        command = [str(self.program), "--workspace", str(self.dir), *arguments]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False, env=clean_environment(),
            cwd=self.base, **({"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}),
        )
        return Ended(command, done)


def not_taken_for_empty():
    """Another user's ledger, the rehearsal's and the journal's folder: exit 74, with whose it is."""
    with Owned(config=REHEARSED) as ws:
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ws.run()
        root = os.geteuid() == 0
        if root:
            ws.give("daemon")
        else:
            (ws.dir / "var").chmod(0)
        try:
            for asks in ASKS + (["--rehearsal", "list"], ["run", "--until-idle"]):
                ended = ws.call_as("nobody" if root else None, *asks)
                assert ended.code == 74, ended
                assert not ended.out and "ermission denied" in ended.err, ended
                mend = "var belongs to daemon; ask as that user: sudo -u daemon circulard" if root else "chmod u+rwX"
                assert mend in ended.err, ended
        finally:
            (ws.dir / "var").chmod(0o700)
        # the folder may be looked into, the ledger may not be read
        (ws.dir / "var").chmod(0o755)
        if root:
            ended = ws.call_as("nobody", "list")
            assert ended.code == 74 and "ledger.db belongs to daemon" in ended.err, ended


def reading_leaves_nothing():
    with Owned(relay=None) as ws:
        before = sorted(path.name for path in (ws.dir / "var").iterdir())
        for asks in (["list"], ["verify"], ["alerts"], ["recover"], ["groups"], ["log"], ["check"], ["sql", "SELECT 1"]):
            ws.expect(0, *asks)
        after = {path.name for path in (ws.dir / "var").iterdir()}
        assert after - {"ledger.db-wal", "ledger.db-shm"} == set(before), after


def root_asks_first():
    """`init` and the unit's chown, then commands of root, then the service starts."""
    if os.geteuid() != 0:
        return
    with Owned(config=REHEARSED) as ws:
        ws.give("nobody")
        for asks in (["list"], ["verify"], ["recover"], ["check"], ["hold", "X", "--yes"], ["groups", "accept", "x", "--yes"]):
            ws.call_as(None, *asks)
        sample = str(ws.dir / "templates/_sample.txt")
        tried = ws.call_as(None, "--rehearsal", "test", sample, "--to", "a@b.example", "--by", "root")
        assert tried.code == 0, tried
        assert {"rehearsal.db", "rehearsal"} <= set(ws.owners()), ws.owners()
        assert any(name.endswith(".eml") for name in ws.owners()), ws.owners()
        assert set(ws.owners().values()) == {"nobody"}, ws.owners()
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ended = ws.call_as("nobody", "run", "--until-idle")
        assert ended.code == 0 and len(ws.sent()) == 11, ended
        # root starts the daemon by hand, and the service goes on
        ws.drop("bdt-10.txt", letter(reference="Circular BDT/10", to=["Academia"]))
        assert ws.call_as(None, "run", "--until-idle").code == 0
        assert set(ws.owners().values()) == {"nobody"}, ws.owners()
        ws.drop("bdt-11.txt", letter(reference="Circular BDT/11", to=["Academia"]))
        ended = ws.call_as("nobody", "run", "--until-idle")
        assert ended.code == 0 and len(ws.sent()) == 33, ended


def a_lock_of_root():
    """A lock that is another's: whose it is and how to mend it; an answer is given all the same."""
    if os.geteuid() != 0:
        return
    with Owned(config=REHEARSED) as ws:
        ws.give("nobody")
        (ws.dir / "var/ledger.lock").touch(0o644)
        mend = f"it belongs to root, its folder to nobody; mend it with: chown nobody {ws.dir}/var/ledger.lock"
        ended = ws.call_as("nobody", "run", "--until-idle")
        assert ended.code == 74 and mend in ended.err, ended
        ended = ws.call_as("nobody", "list")
        assert ended.code == 0 and mend in ended.err, ended
        # nor does a link lead root's commands elsewhere
        (ws.dir / "var/ledger.lock").unlink()
        (ws.base / "kept").write_text("kept", encoding="utf-8")
        (ws.dir / "var/ledger.lock").symlink_to(ws.base / "kept")
        ws.call_as(None, "list")
        assert (ws.base / "kept").read_text(encoding="utf-8") == "kept"
        assert ws.call_as(None, "run", "--until-idle").code == 74


CASES = [
    ("owners: a ledger that cannot be read is not an empty one", not_taken_for_empty),
    ("owners: commands that only read leave nothing behind", reading_leaves_nothing),
    ("owners: root's commands before the first start leave the service its files", root_asks_first),
    ("owners: a lock of another user says whose it is", a_lock_of_root),
]
