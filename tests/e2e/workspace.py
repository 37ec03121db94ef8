"""A workspace for one case, and the real program run on it."""

import csv
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from sink import Sink

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
PROGRAM = pathlib.Path(os.environ.get("CIRCULARD", TARGET / "debug/circulard")).resolve()
SAMPLE = (ROOT / "templates/_sample.txt").read_text(encoding="utf-8")
REFERENCE = "Circular BDT/DNS/DGS/112"
GROUPS = ["administrations", "regulators", "sector-members", "academia", "missions"]
NOW = '[schedule]\nrelease = "now"\n'
# longer than any of these runs takes; a run that hangs is a failure, not a wait
PATIENCE = 90


class Ended:
    """How a command ended."""

    def __init__(self, command, done):
        self.command = command
        self.code = done.returncode
        self.out = done.stdout.decode()
        self.err = done.stderr.decode()

    def json(self):
        return json.loads(self.out)

    def rows(self):
        return list(csv.DictReader(io.StringIO(self.out)))

    def __str__(self):
        return f"{' '.join(self.command)}\n  ended with {self.code}\n{self.out[-3000:]}\n{self.err[-3000:]}"


class Workspace:
    """Made by `init`, with a sink of its own unless `relay` is None."""

    def __init__(self, config=NOW, relay="sink", sink_options=(), init=True):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="circulard-e2e-"))
        self.dir = self.base / "ws"
        self.sink = Sink(sink_options) if relay == "sink" else None
        self.daemons = []
        if init:
            self.expect(0, "init", str(self.dir), workspace=False)
        else:
            (self.dir / "templates").mkdir(parents=True)
            shutil.copytree(ROOT / "recipients", self.dir / "recipients")
        self.configure(config)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        for number, daemon in enumerate(self.daemons):
            if error and hasattr(error, "add_note"):
                error.add_note(f"daemon {number} ({daemon.poll()}) said:\n{self.log_of(number)[-3000:]}")
            if daemon.poll() is None:
                daemon.kill()
                daemon.wait()
            for stream in (daemon.stdout, daemon.stderr):
                stream.close()
        if self.sink:
            self.sink.end()
        if kind is None:
            shutil.rmtree(self.base, ignore_errors=True)

    def configure(self, config):
        if "[web]" not in config:
            # cases run beside each other; a dashboard is opened by those that look at it
            config += '\n[web]\nlisten = ""\n'
        relay = f'[[relay]]\nurl = "{self.sink.url}"\n' if self.sink else ""
        (self.dir / "circulard.toml").write_text(relay + config, encoding="utf-8")

    def call(self, *arguments, workspace=True, env=None, cwd=None):
        where = ["--workspace", str(self.dir)] if workspace else []
        command = [str(PROGRAM), *where, *arguments]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False,
            env={**clean_environment(), **(env or {})}, cwd=cwd or self.base,
        )
        return Ended(command, done)

    def expect(self, code, *arguments, **named):
        ended = self.call(*arguments, **named)
        assert ended.code == code, f"exit code {ended.code}, not {code}: {ended}"
        return ended

    def run(self, code=0, **named):
        return self.expect(code, "run", "--until-idle", **named)

    def start(self, *arguments):
        """The daemon in the background; its stderr goes to a file, so that no pipe fills."""
        log = open(self.base / f"daemon{len(self.daemons)}.log", "wb")
        daemon = subprocess.Popen(
            [str(PROGRAM), "--workspace", str(self.dir), "run", *arguments], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=log, env=clean_environment(), cwd=self.base,
        )
        daemon.stderr = log
        self.daemons.append(daemon)
        return daemon

    def log_of(self, number=0):
        return (self.base / f"daemon{number}.log").read_text(encoding="utf-8")

    def drop(self, name, content, folder="templates"):
        """As a good editor does it: written beside, then renamed into place."""
        octets = content.encode() if isinstance(content, str) else content
        beside = self.dir / folder / f".{name}.part"
        beside.write_bytes(octets)
        beside.rename(self.dir / folder / name)

    def check(self, name, code):
        """The one entry of `check` about a file of templates/."""
        entries = self.expect(code, "check", "--format", "json").json()
        found = [entry for entry in entries if entry["file"] == f"templates/{name}"]
        assert len(found) == 1, f"{name} stands {len(found)} times in {entries}"
        return found[0]

    def circulars(self):
        return self.expect(0, "list", "--format", "json").json()

    def states(self):
        return {row["reference"] or row.get("stem"): row["state"] for row in self.circulars()}

    def log(self, *arguments):
        return self.expect(0, "log", *arguments, "--format", "json").json()

    def sent(self):
        return self.sink.messages()

    def sends_nothing(self):
        """Runs until idle; the sink must not see a message more."""
        before = self.sink.count()
        ended = self.run()
        assert self.sink.count() == before, f"{self.sink.count() - before} messages were sent: {ended}"
        return ended


def until(what, found, seconds=30):
    """Asks again and again until it is so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found():
            return
        time.sleep(0.05)
    raise AssertionError(f"after {seconds} s still not so: {what}")


def stop(daemon, code=0, kind=signal.SIGTERM):
    daemon.send_signal(kind)
    ended = daemon.wait(PATIENCE)
    assert ended == code, f"the daemon ended with {ended}"


def clean_environment():
    """The case's configuration is in its files; the caller's must not reach it."""
    return {key: value for key, value in os.environ.items() if not key.startswith("CIRCULARD")}


def addressees(folder, groups=GROUPS):
    """The unique mailboxes of groups, read from the lists by other code than the program's, compared without case."""
    found = {}
    for group in groups:
        with open(folder / f"{group}.csv", encoding="utf-8-sig", newline="") as file:
            text = file.read()
        delimiter = ";" if text.splitlines()[0].count(";") > text.splitlines()[0].count(",") else ","
        for row in csv.DictReader(io.StringIO(text), delimiter=delimiter):
            for address in row["email"].split(";"):
                local, _, domain = address.strip().rpartition("@")
                domain = domain.lower().encode("idna").decode()
                found.setdefault(f"{local}@{domain}".lower(), row)
    return found


def letter(reference=REFERENCE, to=None, subject=None, body=None, head=None):
    """The sample letter with other facts. `to` replaces the five lines, `body` all between salutation and closing."""
    text = SAMPLE.replace(REFERENCE, reference)
    if to is not None:
        start, end = text.index("- Administrations"), text.index("Subject: ")
        text = text[:start] + "".join(f"- {line}\n" for line in to) + "\n" + text[end:]
    if subject is not None:
        text = text.replace("Updates on the Child Online Protection (COP) Initiative", subject)
    if body is not None:
        start, end = text.index("I have the honour"), text.index("Yours faithfully,")
        text = text[:start] + body + "\n\n" + text[end:]
    if head is not None:
        text = f"---\n{head}\n---\n{text.lstrip()}"
    return text
