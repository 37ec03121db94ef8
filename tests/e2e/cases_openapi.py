"""The API held against its own document, operation by operation, with good values and with values beyond their limits."""

import json
import re
import urllib.parse

from cases_api import answers, house
from openapi import Tester, bad, bodies, filled, good
from workspace import NOW, SAMPLE, Workspace, until

import jsonschema


def lived_in(ws, program):
    """Something for every answer: a letter that went out, one that is parked, a list that waits."""
    ws.start()
    answers(program)
    ws.drop("first.txt", SAMPLE)
    ws.drop("parked.txt", "Geneva\n\nTo nobody\n")
    there = lambda: {"completed", "parked"} <= {row["state"] for row in program.all("/api/v1/circulars")}
    until("one is completed, one parked", there)
    lists = ws.dir / "recipients"
    ws.drop("academia.csv", "".join((lists / "academia.csv").read_text("utf-8").splitlines(True)[:2]), "recipients")
    waits = lambda: any(group["pending"] for group in program.all("/api/v1/groups"))
    until("a list waits", waits)
    [circular] = program.all("/api/v1/circulars", state="completed")
    [group] = [group["group"] for group in program.all("/api/v1/groups") if group["pending"]]
    delivery = program.all(f"/api/v1/circulars/{circular['id']}/deliveries")[0]
    return {"id": circular["id"], "name": group, "address": delivery["address"], "delivery": delivery["delivery"]}


def of(path, known):
    """Values for the names in a path."""
    return {**known, "id": known["delivery"]} if path.startswith("/api/v1/deliveries") else known


def every_answer_is_as_its_document_says():
    config, programs = house()
    program = programs["admin"]
    with Workspace(config) as ws:
        known = lived_in(ws, program)
        tester = Tester(program.port, program.token)
        jsonschema.Draft202012Validator.check_schema({"$defs": tester.document["components"]["schemas"]})
        for path, method, operation in tester.operations():
            there = filled(path, of(path, known))
            if method == "GET":
                read(tester, operation, path, there, known)
            else:
                act(tester, operation, path, there, known)
            around(tester, operation, method, path, there)
        assert tester.checked > 500, tester.checked
        assert "panicked" not in ws.log_of() and "ERROR" not in ws.log_of(), ws.log_of()


def read(tester, operation, path, there, known):
    answer = tester.ask("GET", there)
    tester.hold(operation, there, answer, {200})
    if answer.kind == "text/event-stream":
        [said] = operation["responses"]["200"]["content"].values()
        schema = said["schema"]["properties"]["data"]["contentSchema"]
        for data in (events := re.findall(r"^data: (.+)$", answer.text, re.M)):
            tester.fits(schema, json.loads(data), there)
        assert events, answer.text
        return
    head = tester.ask("HEAD", there)
    assert (head.status, head.text) == (200, "") and head.kind == answer.kind, there
    for name, schema in tester.parameters(operation, "query"):
        ask = lambda value: f"{there}?{urllib.parse.urlencode({name: value})}"
        for value in good(schema, known):
            tester.hold(operation, ask(value), tester.ask("GET", ask(value)), {200, 404} if name == "reference" else {200})
        for value in bad(schema):
            tester.hold(operation, ask(value), tester.ask("GET", ask(value)), {400})
        twice = f"{there}?{name}={(one := urllib.parse.quote(str(good(schema, known)[0])))}&{name}={one}"
        tester.hold(operation, twice, tester.ask("GET", twice), {400})
    for name, schema in tester.parameters(operation, "path"):
        for value in good(schema, known):
            other = filled(path, {**of(path, known), name: value})
            tester.hold(operation, other, tester.ask("GET", other), {200, 404})
        for value in bad(schema) if "minimum" in schema or "format" in schema else []:
            other = filled(path, {**of(path, known), name: value})
            tester.hold(operation, other, tester.ask("GET", other), {400})


def act(tester, operation, path, there, known):
    content = operation["requestBody"]["content"]["application/json"]["schema"]
    schema = tester.document["components"]["schemas"][content["$ref"].rsplit("/", 1)[1]]
    allowed, refused = bodies(schema, known)
    for number, body in enumerate(allowed):
        key = f"{operation['operationId']}-{number}"
        first = tester.ask("POST", there, body, Idempotency_Key=key)
        tester.hold(operation, f"{there} {body}", first, {200, 202, 409})
        again = tester.ask("POST", there, body, Idempotency_Key=f'"{key}"')
        tester.hold(operation, f"{there} {body} again", again, {200, 202, 409})
        assert (again.status, again.text) == (first.status, first.text) or first.status == 202, (first.text, again.text)
        if first.status == 200:
            assert again.headers["idempotency-replayed"] == "true", (there, again.headers)
            other = tester.ask("POST", there, {**body, "by": "Somebody Else"}, Idempotency_Key=key)
            tester.hold(operation, f"{there} another body", other, {409})
    for body in refused:
        tester.hold(operation, f"{there} {body}", tester.ask("POST", there, body), {400, 422})
    for key in ("", "a b", "x" * 201, 'a"b'):
        answer = tester.ask("POST", there, allowed[0], Idempotency_Key=key)
        tester.hold(operation, f"{there} key {key!r}", answer, {400})
    for body, status in (("", 400), ("{", 400), ("[]", 422), ("null", 422), (b"\xff", 400), ("9" * 70_000, 413)):
        tester.hold(operation, f"{there} {body[:9]!r}", tester.ask("POST", there, body), {status})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""):
        answer = tester.ask("POST", there, allowed[0], Content_Type=kind)
        tester.hold(operation, f"{there} {kind}", answer, {415})
    if "{id}" in path:
        for number, status in ((2**63 - 1, 404), (0, 400), (2**63, 400), ("x", 400)):
            other = filled(path, {**known, "id": number})
            tester.hold(operation, other, tester.ask("POST", other, allowed[0]), {status})


def around(tester, operation, method, path, there):
    """What holds for every path: strangers, other methods, unknown parameters, foreign names and sites."""
    guarded = operation["security"] != []
    for token in (None, "x" * 43, ""):
        answer = tester.ask(method, there, token=token)
        if guarded:
            tester.hold(operation, f"{there} as a stranger", answer, {401})
            assert answer.headers["www-authenticate"].startswith("Bearer"), answer.headers
        else:
            assert answer.status == 200, there
    allow = {name.upper() for name in tester.document["paths"][path]}
    allow |= {"HEAD"} if "GET" in allow else set()
    for other in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "POST" if method == "GET" else "GET"):
        answer = tester.ask(other, there)
        tester.hold(operation, f"{other} {there}", answer, {405})
        assert set(answer.headers["allow"].split(",")) == allow, (other, there, answer.headers["allow"])
    answer = tester.ask(method, there, Host="elsewhere.example")
    tester.hold(operation, f"{there} under another name", answer, {421})
    if method == "GET" and path.startswith("/api/v1/") and operation["operationId"] not in ("events", "openapi"):
        tester.hold(operation, f"{there}?nonsense", tester.ask("GET", f"{there}?nonsense=1"), {400})


CASES = [("every answer of the API is as its document says", every_answer_is_as_its_document_says)]
