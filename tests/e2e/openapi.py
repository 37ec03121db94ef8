"""What an OpenAPI document says, tried: requests with good values and with values beyond its limits, and answers held
against its schemas. Made of the document alone, so that a route added to it is tried without a line here."""

import datetime
import http.client
import itertools
import json
import re
import urllib.parse

import jsonschema

DATES = jsonschema.FormatChecker(formats=())


@DATES.checks("date-time", raises=ValueError)
def is_date_time(value):
    if isinstance(value, str) and datetime.datetime.fromisoformat(value).tzinfo is None:
        raise ValueError(f"{value} has no offset")
    return True


@DATES.checks("date", raises=ValueError)
def is_date(value):
    return not isinstance(value, str) or bool(datetime.date.fromisoformat(value))


class Answer:
    def __init__(self, response, text):
        self.status, self.text = response.status, text
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.kind = self.headers.get("content-type", "").split(";")[0]

    def json(self):
        return json.loads(self.text)


class Tester:
    """Asks as the bearer of a token and holds every answer against the document."""

    # requests from one machine are counted: each few come from another address of this one
    MACHINES = itertools.cycle(f"127.0.0.{number}" for number in range(2, 250))

    def __init__(self, port, token):
        self.port, self.token = port, token
        self.document = self.ask("GET", "/api/v1/openapi.json").json()
        self.checked = 0

    def ask(self, method, path, body=None, token=..., **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, 60, (next(self.MACHINES), 0))
        token = self.token if token is ... else token
        send = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if body is not None:
            send["Content-Type"] = "application/json"
        send |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, send)
        response = connection.getresponse()
        text = response.read().decode()
        answer = Answer(response, text)
        connection.close()
        return answer

    def fits(self, schema, value, where):
        """`value` is as a schema of the document says."""
        whole = {**schema, "components": self.document["components"]}
        errors = list(jsonschema.Draft202012Validator(whole, format_checker=DATES).iter_errors(value))
        assert not errors, f"{errors[0].json_path}: {errors[0].message}\n{where}"

    def hold(self, operation, what, answer, statuses):
        """An answer has one of these statuses, and is what the document says of it."""
        self.checked += 1
        where = f"{what}: {answer.status}\n{answer.text[:1000]}"
        assert answer.status in statuses, f"not one of {statuses}: {where}"
        assert answer.status < 500, where
        said = operation["responses"].get(str(answer.status))
        assert said, f"undocumented: {where}"
        assert answer.kind in said["content"], f"{answer.kind}: {where}"
        schema = said["content"][answer.kind]["schema"]
        if answer.kind.endswith("json"):
            self.fits(schema, answer.json(), where)
        if answer.status >= 400:
            assert answer.json()["status"] == answer.status and answer.json()["detail"], where
        assert answer.headers["x-content-type-options"] == "nosniff", answer.headers

    def operations(self):
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                yield path, method.upper(), operation

    def parameters(self, operation, where):
        for parameter in operation["parameters"]:
            if "$ref" in parameter:
                parameter = self.document["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]]
            if parameter["in"] == where:
                yield parameter["name"], parameter["schema"]


def good(schema, known):
    """Values that a schema allows; `known` are strings that are there."""
    if "enum" in schema:
        return schema["enum"]
    if "anyOf" in schema:
        return [value for one in schema["anyOf"] for value in good(one, known)]
    if schema.get("type") == "array":
        items = good(schema["items"], known)
        return [items[0], ",".join(items)]
    if schema.get("type") == "integer":
        return [schema["minimum"], schema["maximum"]]
    if schema.get("type") == "boolean":
        return [True, False]
    if schema.get("format"):
        return {"date": ["2026-11-30"], "date-time": ["2026-11-30T09:00:00+01:00", "2026-11-30T08:00:00Z"],
                "email": [known["address"], "nobody@nowhere.example"]}[schema["format"]]
    if place := re.match(r"\^([a-z])\[0-9a-f\]", schema.get("pattern", "")):
        return [place.group(1) + "1", place.group(1) + "f" * 15]
    return ["x", "é" * schema.get("maxLength", 100)]


def bad(schema):
    """Texts that a schema does not allow, as they stand in a query or a path."""
    if schema.get("type") == "integer":
        return [schema["minimum"] - 1, schema["maximum"] + 1, "x", "1.5", "-1", "9" * 30]
    if schema.get("format") == "email":
        return ["nobody", "a@", "a@@b.example"]
    if "maxLength" in schema:
        return ["", " ", "\x01", "x" * (schema["maxLength"] + 1)]
    return ["", "nonsense", "x" * 300]


def bodies(schema, known):
    """Objects that a schema allows: the smallest, and with every field; and such as it does not."""
    if "oneOf" in schema:
        pairs = [bodies(one, known) for one in schema["oneOf"]]
        allowed = [body for pair in pairs for body in pair[0]]
        both = {name: value for body in allowed for name, value in body.items()}
        return allowed, [body for pair in pairs for body in pair[1]] + [both]
    fields = schema["properties"]
    value = lambda name: [fields[name]["const"]] if "const" in fields[name] else good(fields[name], known)
    small = {name: value(name)[0] for name in schema["required"]}
    allowed = [small, {name: value(name)[-1] for name in fields}]
    refused = [{**small, "more": 1}]
    refused += [{key: value for key, value in small.items() if key != name} for name in small]
    for name, field in fields.items():
        refused.append({**small, name: [] if field.get("type") != "array" else "x"})
        if field.get("type") == "string" and "format" not in field:
            refused += [{**small, name: text} for text in ("", " ", "x" * 1001) if "enum" in field or name in small]
        if field.get("type") == "integer":
            refused += [{**small, name: number} for number in (0, -1, 1.5, 2**63)]
    return allowed, refused


def filled(path, values):
    return re.sub(r"\{(\w+)\}", lambda name: urllib.parse.quote(str(values[name.group(1)]), safe=""), path)
