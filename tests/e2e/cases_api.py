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
        assert response.status == status, f"{method} {path}: {response.status}, not {status}\n{text}"
        if status >= 400:
            assert self.headers["content-type"] == "application/problem+json", self.headers
            assert json.loads(text)["status"] == status, text
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
    ("an act asked for twice through the API is given once", an_act_is_given_once),
    ("machines watch it", machines_watch_it),
]
