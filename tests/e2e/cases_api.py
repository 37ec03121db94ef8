"""The API over real HTTP: what the command line says, pages, acts that are given once, what machines watch."""

import hashlib
import http.client
import json
import re
import secrets
import urllib.parse

from sink import free_port
from workspace import NOW, REFERENCE, SAMPLE, Workspace, letter, stop, until

ACADEMIA = {"reference": "Circular BDT/9", "to": ["Academia"]}


class Program:
    """Somebody's script: a token, JSON, nothing else."""

    def __init__(self, port, token):
        self.port, self.token = port, token

    def ask(self, method, path, body=None, status=200, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        send = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        send |= {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            body = json.dumps(body)
            send["Content-Type"] = "application/json"
        connection.request(method, path, body, send)
        response = connection.getresponse()
        self.headers = {key.lower(): value for key, value in response.getheaders()}
        text = response.read().decode()
        connection.close()
        allowed = status if isinstance(status, tuple) else (status,)
        assert response.status in allowed, f"{method} {path}: {response.status}, not {status}\n{text}"
        if response.status >= 400:
            assert self.headers["content-type"] == "application/problem+json", self.headers
            assert json.loads(text)["status"] == response.status, text
        return json.loads(text) if "json" in self.headers["content-type"] else text

    def all(self, path, **query):
        """Every page, one after the other."""
        items = []
        while True:
            page = self.ask("GET", f"{path}?{urllib.parse.urlencode(query)}")
            items += page["items"]
            if page["next"] is None:
                return items
            query["after"] = page["next"]


def house(roles=("admin",), config=NOW):
    """A configuration with a token a role; the programs that have them."""
    port, programs = free_port(), {}
    config += f'[web]\nlisten = "127.0.0.1:{port}"\n'
    for role in roles:
        token = secrets.token_hex(16)
        sha256 = hashlib.sha256(token.encode()).hexdigest()
        config += f'[[web.token]]\nname = "{role}"\nrole = "{role}"\nsha256 = "{sha256}"\nexpires = "2999-12-31"\n'
        programs[role] = Program(port, token)
    return config, programs


def answers(program):
    def ready():
        try:
            return program.ask("GET", "/readyz") == {"status": "ready"}
        except (OSError, http.client.HTTPException):
            return False

    until("it is ready", ready)


def it_says_what_the_command_line_says():
    config, programs = house()
    program = programs["admin"]
    with Workspace(config) as ws:
        ws.start()
        answers(program)
        ws.drop("first.txt", SAMPLE)
        ws.drop("parked.txt", "Geneva\n\nTo nobody\n")
        there = lambda: {"completed", "parked"} <= {row["state"] for row in program.all("/api/v1/circulars")}
        until("one is completed, one parked", there)
        listed = program.all("/api/v1/circulars", limit=1)
        ids = {row.pop("id"): row for row in listed}
        assert sorted(ids.values(), key=str) == sorted(ws.circulars(), key=str), (ids, ws.circulars())
        one = next(number for number, row in ids.items() if row["reference"] == REFERENCE)
        shown = program.ask("GET", f"/api/v1/circulars/{one}")
        assert [{**shown, "id": one}] == [{**row, "id": one} for row in ws.expect(
            0, "show", REFERENCE, "--format", "json").json()]
        log = ws.log(REFERENCE)
        assert program.all(f"/api/v1/circulars/{one}/deliveries", limit=7) == log and len(log) > 50
        assert program.all("/api/v1/deliveries", country="kenya") == ws.log("--country", "kenya")
        address = log[3]["address"]
        who = ws.expect(0, "who", address, "--format", "json").json()
        assert program.ask("GET", f"/api/v1/addressees/{urllib.parse.quote(address)}")["items"] == who
        [entry] = ws.log(REFERENCE, "--to", address, "--attempts")
        assert program.ask("GET", f"/api/v1/deliveries/{entry['delivery']}") == entry and entry["history"]
        assert program.all("/api/v1/groups") == ws.expect(0, "groups", "--format", "json").json()
        [parked] = program.all("/api/v1/parked")
        assert any(problem["severity"] == "error" for problem in parked["problems"]), parked
        members = [row["address"] for row in program.all("/api/v1/groups/academia", limit=3)]
        assert members == [row["address"] for row in ws.expect(0, "groups", "academia", "--format", "json").json()]


def it_explains_proves_and_checks():
    config, programs = house(("viewer", "releaser"), '[schedule]\nrelease = "0 9 1 1 *"\n')
    viewer, releaser = programs["viewer"], programs["releaser"]
    with Workspace(config) as ws:
        ws.start()
        answers(viewer)
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.drop("bdt-10.txt", "Geneva\n\nReference: Circular BDT/10\n\nTo:\n- Academia\n")
        until("one is ready, one parked", lambda: {"ready", "parked"} <= set(ws.states().values()))
        [circular] = viewer.all("/api/v1/circulars", reference="BDT/9")
        [parked] = releaser.all("/api/v1/circulars", state="parked")
        path = f"/api/v1/circulars/{circular['id']}"
        [member, *_] = ws.expect(0, "groups", "academia", "--format", "json").json()
        explain = f"{path}/explain/{urllib.parse.quote(member['address'])}"
        said = lambda *command: ws.expect(0, *command, "--format", "json").json()

        # before it is out: for those who may read what is not out
        viewer.ask("GET", explain, status=403)
        assert releaser.ask("GET", explain)["items"] == said("explain", "BDT/9", member["address"])
        viewer.ask("GET", f"{path}/check", status=403)
        [checked] = releaser.ask("GET", f"{path}/check")["items"]
        assert checked == ws.check("bdt-9.txt", 2) and checked["prospect"]["messages"] > 5, checked
        [checked] = releaser.ask("GET", f"/api/v1/circulars/{parked['id']}/check")["items"]
        assert checked == ws.check("bdt-10.txt", 2) and checked["status"] == "parked" and not checked["prospect"], checked
        problem = viewer.ask("GET", f"{path}/certificate", status=404)
        assert "nothing to certify" in problem["detail"], problem

        # a test copy goes to one, once, and counts nowhere
        viewer.ask("POST", f"{path}/test", {"to": "me@house.example"}, 403)
        test = {"to": "me@house.example", "as": member["address"], "by": "Ada Okafor"}
        copy = releaser.ask("POST", f"{path}/test", test, Idempotency_Key="test-1")
        assert (copy["outcome"], copy["as"], copy["parked"]) == ("accepted", member["address"], False), copy
        assert releaser.ask("POST", f"{path}/test", test, Idempotency_Key="test-1") == copy
        assert releaser.headers["idempotency-replayed"] == "true" and ws.sink.count() == 1
        releaser.ask("POST", f"{path}/test", {**test, "to": "you@house.example"}, 409, Idempotency_Key="test-1")
        # of a letter that is parked, too
        parked_copy = releaser.ask("POST", f"/api/v1/circulars/{parked['id']}/test", {"to": "me@house.example"}, (200, 409))
        assert "parked" in parked_copy or "composed" in parked_copy["detail"], parked_copy
        sent = ws.sink.count()
        assert viewer.all("/api/v1/deliveries") == []

        # after
        releaser.ask("POST", f"{path}/release", {"reason": "the minister asked"})
        until("it is completed", lambda: ws.states()["Circular BDT/9"] == "completed")
        [shown] = viewer.ask("GET", explain)["items"]
        assert [shown] == said("explain", "BDT/9", member["address"]) and shown["verdict"] == "in", shown
        [shown] = viewer.ask("GET", f"{path}/explain/nobody%40nowhere.example")["items"]
        assert [shown] == said("explain", "BDT/9", "nobody@nowhere.example") and shown["verdict"] == "out", shown
        proof = viewer.ask("GET", f"{path}/certificate")
        same = ws.expect(0, "certificate", "BDT/9", "--format", "json").json()
        assert proof["seal"].pop("made_at") and same["seal"].pop("made_at")
        assert proof == same and proof["seal"]["deliveries"] == len(proof["deliveries"]) == ws.sink.count() - sent
        viewer.ask("GET", "/api/v1/alerts", status=403)
        alerts = releaser.all("/api/v1/alerts", limit=1)
        assert alerts == said("alerts") and [alert["kind"] for alert in alerts] == ["parked"], alerts
        assert releaser.all("/api/v1/alerts", state="open") == alerts
        assert releaser.all("/api/v1/alerts", state="resolved") == []

        # somebody joins, and gets it too
        new = {"reason": "a university joined", "new": True}
        assert "nobody" in releaser.ask("POST", f"{path}/resend", new, 409)["detail"]
        rows = (ws.dir / "recipients/academia.csv").read_text("utf-8").splitlines()
        row = rows[1].replace(member["address"], "new@university.example")
        ws.drop("academia.csv", "\n".join([*rows, row]) + "\n", "recipients")
        there = lambda: any(row["address"] == "new@university.example" for row in viewer.all("/api/v1/groups/academia"))
        until("it is in the group", there)
        assert releaser.ask("POST", f"{path}/resend", new)["result"]
        went = lambda: [row["issue"] for row in viewer.all("/api/v1/deliveries", to="new@university.example", state="accepted")]
        until("it has the letter", lambda: went() == [2])


def an_act_is_given_once():
    config, programs = house(("viewer", "releaser"), '[schedule]\nrelease = "0 9 1 1 *"\n')
    viewer, releaser = programs["viewer"], programs["releaser"]
    with Workspace(config) as ws:
        ws.start()
        answers(viewer)
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        until("it is ready", lambda: viewer.all("/api/v1/circulars", state="ready"))
        [circular] = viewer.all("/api/v1/circulars", reference="BDT/9")
        path = f"/api/v1/circulars/{circular['id']}/release"
        body = {"reason": "the minister asked", "by": "Ada Okafor"}
        viewer.ask("POST", path, body, 403, Idempotency_Key="k")
        first = releaser.ask("POST", path, body, Idempotency_Key="k")
        until("it is completed", lambda: ws.states()["Circular BDT/9"] == "completed")
        # the same letter is not released again, and the answer is the same
        assert releaser.ask("POST", path, body, Idempotency_Key="k") == first
        assert releaser.headers["idempotency-replayed"] == "true"
        releaser.ask("POST", path, {"reason": "another"}, 409, Idempotency_Key="k")
        problem = releaser.ask("POST", path, body, 409)
        assert "completed" in problem["detail"], problem
        events = ws.expect(0, "sql", "SELECT by, reason FROM event_log WHERE kind = 'released'", "--format", "json")
        assert events.json() == [{"by": "releaser", "reason": "the minister asked (asked by Ada Okafor)"}], events
        sent = ws.sink.count()
        assert sent == len(viewer.all("/api/v1/deliveries", reference="BDT/9", state="accepted")) > 5
        # a restart forgets no key
        stop(ws.daemons[0])
        ws.start()
        answers(viewer)
        assert releaser.ask("POST", path, body, Idempotency_Key="k") == first
        assert ws.sink.count() == sent


def progress_is_told_until_it_is_done():
    config, programs = house(("releaser",), '[schedule]\nrelease = "0 9 1 1 *"\n')
    releaser = programs["releaser"]
    with Workspace(config) as ws:
        ws.start()
        answers(releaser)
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        until("it is ready", lambda: releaser.all("/api/v1/circulars", state="ready"))
        [circular] = releaser.all("/api/v1/circulars")
        # nothing is being sent: it says so, and ends
        assert releaser.ask("GET", "/api/v1/events").endswith("data: []\n\n")
        assert releaser.headers["content-type"] == "text/event-stream"
        releaser.ask("POST", f"/api/v1/circulars/{circular['id']}/release", {"reason": "the minister asked"})

        def told():
            lines = re.findall("^data: (.+)$", releaser.ask("GET", "/api/v1/events"), re.M)
            return [json.loads(line) for line in lines][-1]

        until("it is told to its end", lambda: [row["state"] for row in told()] == ["completed"])
        [row] = told()
        assert row["done"] == row["frozen"] == row["totals"]["accepted"] == ws.sink.count() > 5, row


def machines_watch_it():
    config, programs = house(("viewer",))
    viewer, stranger = programs["viewer"], Program(programs["viewer"].port, None)
    with Workspace(config) as ws:
        ws.start()
        answers(stranger)
        stranger.ask("GET", "/metrics", status=401)
        assert stranger.headers["www-authenticate"].startswith("Bearer")
        assert stranger.ask("GET", "/healthz") == {"status": "alive"}
        document = stranger.ask("GET", "/api/v1/openapi.json")
        assert document["openapi"] == "3.1.0" and len(document["paths"]) > 15
        ws.drop("bdt-9.txt", letter(**ACADEMIA))

        def counted(sample):
            found = re.search(rf"^{re.escape(sample)} (\S+)$", viewer.ask("GET", "/metrics"), re.M)
            return float(found.group(1)) if found else None

        until("it is counted as completed", lambda: counted('circulard_circulars{state="completed"}') == 1)
        sent = ws.sink.count()
        until("attempts are counted", lambda: counted('circulard_attempts_total{relay="main",state="accepted"}') == sent)
        assert counted('circulard_deliveries{state="accepted"}') == sent > 5
        assert counted('circulard_relay_up{relay="main"}') == 1 and counted("circulard_due_deliveries") == 0
        ws.sink.end()
        ws.drop("bdt-10.txt", letter("Circular BDT/10", ["Academia"]))
        until("the relay is down", lambda: counted('circulard_relay_up{relay="main"}') == 0)
        until("letters are due", lambda: counted("circulard_due_deliveries") == sent)
        assert "@" not in viewer.ask("GET", "/metrics")


CASES = [
    ("the API says what the command line says", it_says_what_the_command_line_says),
    ("the API explains, proves and checks as the command line does", it_explains_proves_and_checks),
    ("an act asked for twice through the API is given once", an_act_is_given_once),
    ("progress is told to programs until it is done", progress_is_told_until_it_is_done),
    ("machines watch it", machines_watch_it),
]
