"""Alerts and reports by mail: once each, with an end, and never about themselves."""

import email
import email.policy
import signal
import socketserver
import threading

from sink import Sink
from workspace import NOW, Workspace, letter, stop, until

ACADEMIA = {"reference": "Circular BDT/9", "to": ["Academia"]}
ALERTS = '[alerts]\nto = ["operators@itu.example"]\n'
OWNER = 'owner = ["owner@itu.example"]\n'
SENDER = '[[sender]]\nname = "bdt"\nfrom = "The Bureau <bureau@itu.example>"\nreturn_path = "bounces@itu.example"\n'


def house(ws):
    """The messages to the house's own people: (recipient, subject, text, message)."""
    found = []
    for message in ws.sink.messages():
        [path] = message.forward_paths
        if path.endswith("@itu.example"):
            parsed = email.message_from_bytes(message.octets, policy=email.policy.default)
            found.append((path, parsed["Subject"], parsed.get_content(), parsed))
    return found


def open_alerts(ws):
    return [row for row in ws.expect(0, "alerts", "--format", "json").json() if row["state"] == "open"]


def relay_gone_and_back():
    """The only relay is away: the alert waits, is listed at once, and tells both ends when the relay is back."""
    with Workspace(NOW + SENDER + ALERTS) as ws:
        port = ws.sink.port
        ws.sink.end()
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ended = ws.run()
        assert "alert kind=relay_down" in ended.err, ended
        [row] = open_alerts(ws)
        assert (row["kind"], row["key"]) == ("relay_down", "main"), row
        [message] = row["messages"]
        assert message["state"] == "deferred" and message["attempts"] == 1 and message["says"] is None, message
        assert "connect" in row["what"] and message["reply"], row
        table = ws.expect(0, "alerts")
        assert "OPEN" in table.out and "relay down: main" in table.out and "deferred" in table.out, table
        ws.sink = Sink(port=port)
        ws.run()
        [(path, subject, text, parsed)] = house(ws)
        assert path == "operators@itu.example" and subject == '[circulard] resolved: relay "main" was down', subject
        assert "RESOLVED" in text and " from 20" in text.replace("\n", " ") and "(+00:00)" in text, text
        assert parsed["Auto-Submitted"] == "auto-generated", parsed
        assert parsed["From"].addresses[0].addr_spec == "bureau@itu.example", parsed
        assert ws.sink.messages()[0].reverse_path
        assert open_alerts(ws) == [] and len(ws.log("--state", "accepted")) == 11
        ws.run()
        assert len(house(ws)) == 1, "a restart repeats nothing"
        ws.expect(0, "verify")


def rest_is_told():
    """A relay that refuses our log-in rests for half an hour: every answer about what waits says so, and until when."""
    with Scripted(auth="535 5.7.8 no") as relay, Workspace(relay=None) as ws:
        secret = ws.dir / "relay.password"
        secret.write_text("s3cr3t-words\n")
        secret.chmod(0o600)
        url = relay.url.replace("smtp://", "smtp://user@")
        (ws.dir / "circulard.toml").write_text(f'[[relay]]\nurl = "{url}"\npassword_file = "relay.password"\n' + NOW)
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.run()
        address = ws.log()[0]["address"]
        [row] = open_alerts(ws)
        assert row["rests_until"] > row["opened_at"], row
        until_when = row["rests_until"][:19].replace("T", " ")
        for command in (["list"], ["show", "BDT/9"], ["log"], ["explain", "BDT/9", address]):
            shown = " ".join(ws.expect(0, *command, env={"COLUMNS": "160"}).out.split())
            for words in ('relay "main" rests since', f"until {until_when}", "535 5.7.8 no"):
                assert words in shown, (command, words, shown)
        assert f"rests until {until_when}" in " ".join(ws.expect(0, "alerts").out.split())
        [told] = ws.expect(0, "explain", "BDT/9", address, "--format", "json").json()
        assert 'relay "main" rests' in told["next"], told
        relay.auth[0] = None
        ws.expect(0, "cancel", "BDT/9", "--yes", "--by", "Ada")
        assert "rests" not in ws.expect(0, "list").out


def settled_is_told_apart():
    """What counts as accepted on a person's word is counted apart by verify, certificate and the owner's report."""
    vanished = []

    def vanish(path):
        if path.endswith("@itu.example") or (vanished and path != vanished[0]):
            return False
        vanished.append(path)
        return True

    words = "1 of the accepted counts as accepted on a person's word: no 250 of the relay is on record"
    with Scripted(vanish=vanish) as relay, Workspace(relay=None) as ws:
        (ws.dir / "circulard.toml").write_text(
            f'[[relay]]\nurl = "{relay.url}"\nsessions = 1\n' + NOW + SENDER + ALERTS + OWNER
        )
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.run(code=1)
        assert "person's word" not in ws.expect(0, "verify").out
        ws.expect(0, "settle", "BDT/9", vanished[0], "accepted", "--by", "Ada", "--yes")
        assert f"attempts: every other accepted delivery has its 250 on record; {words}\n" in ws.expect(0, "verify").out
        ws.run()
        assert words.replace("'", "&#39;") in ws.expect(0, "certificate", "BDT/9").out.replace("&#x27;", "&#39;")
        certificate = ws.expect(0, "certificate", "BDT/9", "--format", "json").json()["certificate"]
        assert certificate["settled"] == 1, certificate
        [report] = [email.message_from_bytes(octets, policy=email.policy.default).get_content()
                    for path, octets in relay.kept if path == "owner@itu.example"]
        assert words in " ".join(report.split()), report


def relay_back_without_letters():
    """No letter is left to try the relay: the alert's own session finds it back, and says so."""
    with Workspace(NOW + SENDER + ALERTS) as ws:
        port = ws.sink.port
        ws.sink.end()
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.run()
        ws.expect(0, "cancel", "BDT/9", "--yes", "--by", "Ada")
        ws.sink = Sink(port=port)
        ws.run()
        [(_, subject, _, _)] = house(ws)
        assert subject == '[circulard] resolved: relay "main" was down', subject
        assert ws.sink.count() == 1 and open_alerts(ws) == []
        query = "SELECT count(*) AS n FROM event_log WHERE kind = 'relay_up'"
        assert ws.expect(0, "sql", query, "--format", "json").json() == [{"n": 1}]
        ws.expect(0, "verify")


def another_relay_tells():
    """One of two relays is away: operators hear of it through the other, and once more when it is back."""
    with Workspace(SENDER) as ws:
        away = Sink()
        port = away.port
        away.end()
        (ws.dir / "circulard.toml").write_text(
            f'[[relay]]\nname = "away"\nurl = "smtp://127.0.0.1:{port}"\nsessions = 1\n'
            f'[[relay]]\nname = "spare"\nurl = "{ws.sink.url}"\npriority = 2\n' + NOW + SENDER + ALERTS
        )
        daemon = ws.start()
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        until("the alert is told", lambda: house(ws))
        [(_, subject, text, _)] = house(ws)
        assert subject == '[circulard] relay "away" is down' and "OPEN" in text, text
        back = Sink(port=port)
        try:
            ws.drop("bdt-10.txt", letter(reference="Circular BDT/10", to=["Academia"]))
            until("its end is told", lambda: len(house(ws)) + len(back.messages()) and open_alerts(ws) == []
                  and [row for row in ws.expect(0, "alerts", "--format", "json").json()
                       if [m["state"] for m in row["messages"]] == ["accepted", "accepted"]], 60)
            stop(daemon)
            [row] = ws.expect(0, "alerts", "--format", "json").json()
            assert [message["says"] for message in row["messages"]] == ["opened", "resolved"], row
        finally:
            back.end()


def one_report():
    """Thirty refused addressees are one report to the owner, each by name; and no alert about any of them."""
    with Workspace(NOW + SENDER + ALERTS + OWNER, relay=None) as ws:
        # one after the other: what repeats without a success between would pause the circular
        pair = "p{0}@dead.example,Person {0},Office {0},Kenya\nq{0}@live.example,Reader {0},Desk {0},Fiji\n"
        rows = "".join(pair.format(n) for n in range(30))

        def refuse(path):
            return f"550 5.1.1 <{path}>: no such mailbox" if "dead" in path else None

        ws.drop("academia.csv", "email,name,organization,country\n" + rows, "recipients")
        with Scripted(refuse) as relay:
            (ws.dir / "circulard.toml").write_text(
                f'[[relay]]\nurl = "{relay.url}"\nsessions = 1\n' + NOW + SENDER + ALERTS + OWNER
            )
            ws.drop("bdt-9.txt", letter(**ACADEMIA))
            ws.run(code=1)
            told = [kept for kept in relay.kept if kept[0].endswith("@itu.example")]
            [(path, octets)] = told
            parsed = email.message_from_bytes(octets, policy=email.policy.default)
            assert path == "owner@itu.example", told
            assert parsed["Subject"] == "Circular BDT/9 is completed: 30 of 60 accepted, 30 not", parsed["Subject"]
            text = parsed.get_content()
            for n in range(30):
                assert f"Person {n}, Office {n}, Kenya" in text and f"p{n}@dead.example" in text, text
            assert "There is no such mailbox." in text and "Totals: 60" in text and "30 refused" in text, text
            assert text.index("REFUSED 30") < text.index("Totals: 60")
            assert max(len(line) for line in text.splitlines()) <= 78, text
            ws.run()
            assert len(relay.kept) == 31, "a restart repeats nothing"
            [row] = ws.expect(0, "alerts", "--format", "json").json()
            [message] = row["messages"]
            assert (row["kind"], message["says"], message["state"]) == ("completed", "report", "accepted"), row


def paused_and_released():
    """Everybody refused alike: the circular pauses, and the refusing relay's own refusal of the alert opens no other."""
    with Workspace(NOW + SENDER + ALERTS, sink_options=("-f", "rcpt")) as ws:
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.run()
        [row] = ws.expect(0, "alerts", "--format", "json").json()
        assert (row["kind"], row["key"]) == ("paused", "Circular BDT/9"), row
        [message] = row["messages"]
        assert message["state"] == "refused" and message["code"] == 500, message
        ws.run()
        [row] = ws.expect(0, "alerts", "--format", "json").json()
        assert len(row["messages"]) == 1, row


def parked_and_mended():
    """Sixty parked letters and a bad list are one message; what is mended is told once."""
    with Workspace(NOW + SENDER + ALERTS) as ws:
        for n in range(60):
            ws.drop(f"bad-{n}.txt", letter(reference=f"Circular BDT/{n}", to=["Nobody Known"]))
        ws.drop("academia.csv", "email\na@@b.example\n", "recipients")
        ws.run()
        [(_, subject, text, _)] = house(ws)
        assert subject.startswith("[circulard] 61 alerts: "), subject
        assert "And 11 more." in text and "circulard alerts" in text, text
        assert len(open_alerts(ws)) == 61
        for n in range(59):
            (ws.dir / "templates" / f"bad-{n}.txt").unlink()
        ws.run()
        subjects = sorted(subject for _, subject, _, _ in house(ws))
        assert len(subjects) == 2 and subjects[1] == "[circulard] resolved: 59 alerts", subjects
        assert {row["kind"] for row in open_alerts(ws)} == {"parked", "group_frozen"}
        ws.run()
        assert len(house(ws)) == 2
        ws.drop("academia.csv", "email\na@b.example\n", "recipients")
        ws.run()
        subjects = sorted(subject for _, subject, _, _ in house(ws))
        assert subjects[2] == '[circulard] resolved: the list "academia" was frozen', subjects


def killed_while_telling():
    """Killed between the begin and the end of an alert's sending: one repeat at most, marked, with the same Message-ID."""
    with Workspace(NOW + SENDER + ALERTS, sink_options=("-w", "3")) as ws:
        ws.drop("bad.txt", letter(reference="Circular BDT/1", to=["Nobody Known"]))
        daemon = ws.start()

        def states():
            return [m["state"] for row in open_alerts(ws) for m in row["messages"]]

        until("the alert is on its way", lambda: states() == ["in_transaction"])
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()
        ws.run()
        [row] = open_alerts(ws)
        [message] = row["messages"]
        assert message["state"] == "accepted" and message["attempts"] == 2 and message["possible_duplicate"], message
        ids = {parsed["Message-ID"] for _, _, _, parsed in house(ws)}
        assert ids == {message["message_id"]} and len(house(ws)) <= 2, ids
        ws.run()
        assert len(house(ws)) <= 2


def in_doubt():
    """Silence after a final dot is told by name, and once more when it is over."""
    dropped = []

    def vanish(path):
        if path == "a1@p.example" and not dropped:
            dropped.append(path)
            return True
        return False

    with Workspace(NOW, relay=None) as ws, Scripted(vanish=vanish) as relay:
        rows = "".join(f"a{n}@p.example,Office {n}\n" for n in range(3))
        ws.drop("academia.csv", "email,organization\n" + rows, "recipients")
        (ws.dir / "circulard.toml").write_text(
            f'[[relay]]\nurl = "{relay.url}"\nsessions = 1\n' + NOW + SENDER + ALERTS + OWNER
        )
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.run()
        texts = [email.message_from_bytes(octets, policy=email.policy.default) for path, octets in relay.kept
                 if path.endswith("@itu.example")]
        report, alert = sorted(texts, key=lambda text: "resolved" in text["Subject"])
        assert alert["Subject"] == "[circulard] resolved: Circular BDT/9 had copies in doubt", alert["Subject"]
        assert "a1@p.example Office 1" in alert.get_content(), alert.get_content()
        assert "POSSIBLE DUPLICATES 1" in report.get_content() and "a1@p.example" in report.get_content()
        assert [row["possible_duplicate"] for row in ws.log()] == [False, True, False]
        ws.expect(0, "verify")


def refused_login():
    """A refused login is told as such once the relay takes us again; the password itself is nowhere."""
    with Workspace(NOW, relay=None) as ws, Scripted(auth="535 5.7.8 no") as relay:
        secret = ws.dir / "relay.password"
        secret.write_text("s3cr3t-words\n")
        secret.chmod(0o600)
        url = relay.url.replace("smtp://", "smtp://user@")
        (ws.dir / "circulard.toml").write_text(
            f'[[relay]]\nurl = "{url}"\npassword_file = "relay.password"\n' + NOW + SENDER + ALERTS
        )
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.run()
        [row] = open_alerts(ws)
        assert row["kind"] == "authentication_refused" and "535" in row["what"], row
        assert relay.kept == [] and row["messages"][0]["state"] == "deferred", row
        relay.auth[0] = "235 2.7.0 welcome"
        ws.run()
        [octets] = [octets for path, octets in relay.kept if path.endswith("@itu.example")]
        parsed = email.message_from_bytes(octets, policy=email.policy.default)
        assert parsed["Subject"] == '[circulard] resolved: relay "main" did not take our mail', parsed["Subject"]
        assert b"s3cr3t" not in octets and open_alerts(ws) == []


def rehearsed():
    """Without a relay the house's own messages are captured too, and marked."""
    with Workspace(NOW + ALERTS + OWNER, relay=None) as ws:
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.drop("bad.txt", letter(reference="Circular BDT/1", to=["Nobody Known"]))
        ws.run()
        kept = [file.read_text() for file in (ws.dir / "var/rehearsal").rglob("*.eml")]
        own = [text for text in kept if "@itu.example>" in text and "Subject: REHEARSAL: " in text]
        assert len(own) == 2 and len(kept) == 13, (len(own), len(kept))
        assert all("nothing has left this machine" in text for text in own)
        rows = ws.expect(0, "--rehearsal", "alerts", "--format", "csv").rows()
        assert sorted(row["kind"] for row in rows) == ["completed", "parked"], rows


def nobody_is_told():
    """Where nobody is named, alerts are kept and nothing is written."""
    with Workspace(NOW + SENDER) as ws:
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.drop("bad.txt", letter(reference="Circular BDT/1", to=["Nobody Known"]))
        ws.run()
        assert ws.sink.count() == 11
        [row] = ws.expect(0, "alerts", "--format", "json").json()
        assert row["kind"] == "parked" and row["messages"] == [], row
        ws.configure(NOW + SENDER + ALERTS + OWNER)
        ws.run()
        assert [subject for _, subject, _, _ in house(ws)] == ['[circulard] the letter "bad" is parked']


def limited():
    """One message an hour: what comes later waits, keeps no run, and is listed."""
    with Workspace(NOW + SENDER + ALERTS + "most_per_hour = 1\n") as ws:
        for n in range(2):
            ws.drop(f"bad-{n}.txt", letter(reference=f"Circular BDT/{n}", to=["Nobody Known"]))
            ws.run()
        assert len(house(ws)) == 1 and len(open_alerts(ws)) == 2


class Scripted:
    """A relay that answers RCPT and AUTH as it is told, and vanishes before its last answer; it keeps what it takes."""

    def __init__(self, refuse=lambda _: None, vanish=lambda _: False, auth=None):
        kept = self.kept = []
        auth = self.auth = [auth]

        class Session(socketserver.StreamRequestHandler):
            def say(self, line):
                self.wfile.write(line.encode() + b"\r\n")

            def handle(self):
                self.say("220 relay.test")
                path = ""
                for line in self.rfile:
                    verb = line[:4].upper()
                    if verb == b"RCPT":
                        path = line.decode().split("<")[1].split(">")[0]
                        self.say(refuse(path) or "250 2.1.5 ok")
                    elif verb == b"DATA":
                        self.say("354 go on")
                        octets = b""
                        for line in self.rfile:
                            if line == b".\r\n":
                                break
                            octets += line[1:] if line.startswith(b".") else line
                        if vanish(path):
                            return
                        kept.append((path, octets))
                        self.say("250 2.0.0 taken")
                    elif verb == b"EHLO" and auth[0]:
                        self.say("250-relay.test")
                        self.say("250 AUTH PLAIN")
                    elif verb == b"AUTH":
                        self.say(auth[0])
                    elif verb == b"QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("250 relay.test")

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Session)
        self.url = f"smtp://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def held_by_doubt():
    """What was held because it may have arrived is let alone by `release` and `cancel`: only `settle` says what became of it."""
    with Workspace(NOW, relay=None) as ws, Scripted(vanish=lambda path: path == "a1@p.example") as relay:
        rows = "".join(f"a{n}@p.example,Office {n}\n" for n in range(3))
        ws.drop("academia.csv", "email,organization\n" + rows, "recipients")
        (ws.dir / "circulard.toml").write_text(
            f'[[relay]]\nurl = "{relay.url}"\nsessions = 1\n[delivery]\nin_doubt = "hold"\n' + NOW + SENDER
        )
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.run(code=1)
        assert [row["state"] for row in ws.log()] == ["accepted", "held", "accepted"], ws.log()
        for act in ("release", "hold", "release", "cancel"):
            ended = ws.call(act, "BDT/9", "--yes", "--by", "Ada")
            if act != "hold":
                assert "settle" in ended.out + ended.err and "withdrawn; 2" not in ended.out, ended
            assert [row["state"] for row in ws.log()] == ["accepted", "held", "accepted"], (act, ws.log())
        assert "0 copies withdrawn; 1 copy that may have arrived stays held" in ended.out, ended
        ws.expect(0, "settle", "BDT/9", "a1@p.example", "accepted", "--yes", "--by", "Ada")
        assert [row["state"] for row in ws.log()] == ["accepted"] * 3


CASES = [
    ("what may have arrived is sent again by no release, and withdrawn by no cancel", held_by_doubt),
    ("alerts: the only relay is gone and comes back, and both is told once", relay_gone_and_back),
    ("alerts: a relay that rests is named wherever something waits for it, with its end", rest_is_told),
    ("alerts: what a person settled is told apart", settled_is_told_apart),
    ("alerts: where no letter is left to try the relay, the alert does", relay_back_without_letters),
    ("alerts: a relay that is away is told of through another, and its end too", another_relay_tells),
    ("alerts: thirty refused addressees are one report to the owner", one_report),
    ("alerts: a refused alert opens no other", paused_and_released),
    ("alerts: sixty parked letters are one message, and their end is one", parked_and_mended),
    ("alerts: killed while one is sent, it is repeated once at most", killed_while_telling),
    ("alerts: a copy in doubt is told by name, and its end too", in_doubt),
    ("alerts: a refused login is told as one", refused_login),
    ("alerts: a rehearsal captures them too", rehearsed),
    ("alerts: nobody is written to unless somebody is named", nobody_is_told),
    ("alerts: beyond the limit they wait, and keep no run", limited),
]
