"""Configuration and workspaces: what is refused, in which words, with which exit code."""

import json
import pathlib
import subprocess

from workspace import NOW, PROGRAM, ROOT, SAMPLE, Workspace, addressees, clean_environment, letter

# name, circulard.toml, words of the refusal
REFUSED = [
    ("an unknown key is refused with its line and the nearest one", '[schedule]\nrelaese = "now"\n',
     ["circulard.toml:2:", "relaese", "release"]),
    ("an unknown section is refused with its line and the nearest one", '\n[schedul]\nrelease = "now"\n',
     ["circulard.toml:2:", "schedul", "schedule"]),
    ("a file that is no TOML is refused with its line", "[schedule]\nrelease = now\n", ["circulard.toml:2:"]),
    ("a release window that is no cron expression is refused", '[schedule]\nrelease = "every day"\n',
     ["circulard.toml:2:", "every day", "0 9 * * Mon-Fri"]),
    ("day of month and weekday together are refused", '[schedule]\nrelease = "0 9 1 * Mon"\n', ["circulard.toml:2:"]),
    ("an unknown time zone is refused", '[schedule]\ntime_zone = "Europe/Zuerich"\n', ["circulard.toml:2:", "Europe/Zurich"]),
    ("a length of time without unit is refused", '[watch]\nsettle = "2"\n', ["circulard.toml:2:", "2s for seconds"]),
    ("another machine as relay without a sender is refused", '[[relay]]\nurl = "smtps://mail.example"\n', ["[[sender]]"]),
    ("a relay that speaks no SMTP is refused", '[[relay]]\nurl = "https://mail.example"\n', ["circulard.toml:2:", "smtps://"]),
    ("a relay without TLS on another machine is refused unless understood",
     '[[relay]]\nurl = "smtp://mail.example"\ninsecure = "yes"\n[[sender]]\nname = "a"\nfrom = "a@b.example"\n',
     ["i understand"]),
    ("a password in the file is refused", '[[relay]]\nurl = "smtps://user@mail.example"\npassword = "x"\n',
     ["password", "password_file"]),
    ("a sender that is no address is refused", '[[sender]]\nname = "a"\nfrom = "a@@b.example"\n', ["a@@b.example"]),
]


def refuses(config, words):
    with Workspace(config, relay=None) as ws:
        ws.drop("bdt-112.txt", SAMPLE)
        for command in (["run", "--until-idle"], ["list"], ["check"]):
            ended = ws.expect(78, *command)
            assert all(word in ended.err for word in words), f"{words}: {ended}"
        assert not (ws.dir / "var/rehearsal").exists()


def environment_overrides():
    with Workspace('[schedule]\nrelease = "0 9 1 1 *"\n') as ws:
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ws.sends_nothing()
    with Workspace('[schedule]\nrelease = "0 9 1 1 *"\n') as ws:
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ws.run(env={"CIRCULARD__SCHEDULE__RELEASE": "now"})
        assert ws.sink.count() == 11
        ended = ws.expect(78, "list", env={"CIRCULARD__SCHEDULE__RELAESE": "now"})
        assert "CIRCULARD__SCHEDULE__RELEASE" in ended.err, ended


def annotated():
    done = subprocess.run([str(PROGRAM), "config", "print"], capture_output=True, check=True, env=clean_environment())
    assert done.stdout == (ROOT / "deploy/circulard.toml").read_bytes()
    with Workspace(done.stdout.decode(), relay=None) as ws:
        ws.expect(0, "list")


def log_levels():
    """A misspelt level would be taken for a part of the program, and nothing would be logged at all."""
    for level in ("verbose", "wran", "info,circulard::ledger=loud", ""):
        with Workspace(f'[log]\nlevel = "{level}"\n', relay=None) as ws:
            for command in (["check"], ["run", "--until-idle"]):
                ended = ws.expect(78, *command)
                assert "log.level" in ended.err and "warn" in ended.err, ended
    with Workspace('[log]\nlevel = "warn,circulard::ledger=debug"\n', relay=None) as ws:
        ws.expect(0, "list")


def logs_for_machines():
    with Workspace('[schedule]\nrelease = "now"\n[log]\nformat = "json"\n') as ws:
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ended = ws.run()
        lines = [json.loads(line) for line in ended.err.splitlines() if line.startswith("{")]
        attempts = [line for line in lines if line["message"] == "attempt"]
        assert len(attempts) == 11 and {line["state"] for line in attempts} == {"accepted"}, ended
        assert all(list(line) == list(attempts[0]) for line in attempts), "fields in another order"
        assert not [path for path in addressees(ws.dir / "recipients") if path in ended.err.lower()], "an address stands in the log"


def init_makes_what_it_says():
    with Workspace(relay=None) as ws:
        for name in ("circulard.toml", "templates/_sample.txt", "templates/_layout/letter.html", "var/ledger.db"):
            assert (ws.dir / name).is_file(), name
        for path in list((ROOT / "recipients").iterdir()) + [ROOT / "templates/_sample.txt"]:
            assert (ws.dir / path.relative_to(ROOT)).read_bytes() == path.read_bytes(), path
        found = addressees(ws.dir / "recipients")
        assert len(found) >= 60 and all(path.endswith(".example") for path in found)
        assert (ws.dir / "var").stat().st_mode & 0o077 == 0, "others can read the ledger"


def init_refuses():
    with Workspace(relay=None) as ws:
        ended = ws.expect(2, "init", str(ws.dir), workspace=False)
        assert "not empty" in ended.err, ended
        (ws.base / "file").write_text("x", encoding="utf-8")
        assert ws.call("init", str(ws.base / "file"), workspace=False).code == 2
        (ws.base / "empty").mkdir()
        ws.expect(0, "init", str(ws.base / "empty"), workspace=False)
        ws.expect(0, "init", str(ws.base / "deep/er"), workspace=False)


def no_workspace():
    with Workspace(relay=None) as ws:
        for command in (["run", "--until-idle"], ["list"]):
            ended = ws.expect(78, "--workspace", str(ws.base / "absent"), *command, workspace=False)
            assert "init" in ended.err, ended


def usage():
    with Workspace(relay=None) as ws:
        for command in (["frobnicate"], ["list", "--format", "xml"], ["show"], ["settle", "x", "a@b.example", "perhaps"]):
            ws.expect(2, *command)
        assert "Exit codes" in ws.expect(0, "--help", workspace=False).out
        assert ws.expect(0, "--version", workspace=False).out.startswith("circulard 0.")
        assert ".TH circulard" in ws.expect(0, "man", workspace=False).out
        assert "_circulard" in ws.expect(0, "completions", "bash", workspace=False).out


def reader_goes():
    """A reader that has seen enough (`| head -1`) is no error."""
    for command in (["man"], ["completions", "bash"], ["config", "print"]):
        running = subprocess.Popen([str(PROGRAM), *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment())
        running.stdout.close()
        said = running.stderr.read().decode()
        assert (running.wait(20), said) == (0, ""), (command, said)
        running.stderr.close()


def repository_is_a_workspace():
    """The repository's own folder answers as a workspace, and questions leave nothing behind in it."""
    with Workspace(relay=None) as ws:
        before = sorted(str(path) for path in pathlib.Path(ROOT).glob("var/*"))
        ended = ws.expect(0, "--workspace", str(ROOT), "check", str(ROOT / "templates/_sample.txt"), workspace=False)
        assert "BDT/DNS/DGS/112" in ended.out, ended
        assert sorted(str(path) for path in pathlib.Path(ROOT).glob("var/*")) == before


def secret_in_the_open():
    """A password file that others can read is refused before anything is sent."""
    with Workspace(relay=None) as ws:
        (ws.dir / "relay.password").write_text("secret-of-the-relay\n", encoding="utf-8")
        (ws.dir / "relay.password").chmod(0o644)
        (ws.dir / "circulard.toml").write_text(
            f'[[relay]]\nurl = "smtp://user@127.0.0.1:1"\npassword_file = "relay.password"\n{NOW}', encoding="utf-8"
        )
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ended = ws.call("run", "--until-idle")
        assert "relay.password" in ended.err and "secret-of-the-relay" not in ended.err + ended.out, ended


def check_looks_at_passwords():
    """`check` names a password file that is not there, is empty or lies open, and is content with a good one."""
    with Workspace(relay=None) as ws:
        file = ws.dir / "relay.password"
        (ws.dir / "circulard.toml").write_text(
            f'[[relay]]\nurl = "smtp://user@127.0.0.1:1"\npassword_file = "relay.password"\n{NOW}', encoding="utf-8"
        )
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        for content, mode, told in [
            (None, None, "No such file"), ("", 0o600, "empty"), ("secret\n", 0o644, "chmod 600"), ("secret\n", 0o600, None)
        ]:
            if content is not None:
                file.write_text(content, encoding="utf-8")
                file.chmod(mode)
            ended = ws.call("check")
            assert ended.code == (0 if told is None else 78), (told, ended)
            assert (told is None) == ("relay.password" not in ended.err), (told, ended)
            assert told is None or told in ended.err and "secret" not in ended.err, (told, ended)


CASES = [(name, lambda given=given: refuses(*given)) for name, *given in REFUSED] + [
    ("the environment overrides plain keys, and unknown ones are refused", environment_overrides),
    ("config print is the annotated file in deploy, and that file is accepted", annotated),
    ("a log level that is none is refused", log_levels),
    ("logs in JSON have one line an attempt and mask addresses", logs_for_machines),
    ("init makes sample lists, layouts, a sample letter and a ledger that only its owner reads", init_makes_what_it_says),
    ("init refuses a folder that is not empty", init_refuses),
    ("a folder that is no workspace is refused with what to do", no_workspace),
    ("wrong usage ends with 2, help and manual with 0", usage),
    ("a reader that goes away is no error", reader_goes),
    ("the repository's root is a workspace", repository_is_a_workspace),
    ("a password file that others can read is told and never printed", secret_in_the_open),
    ("check looks at the relays' password files", check_looks_at_passwords),
]
