"""How fast and through whom: limits of domains, parts of relays."""

import json

from sink import Sink
from workspace import NOW, Workspace, letter


def domain_rate():
    """One destination domain is written to at its rate, whoever else is waiting; a restart gives nothing anew."""
    with Workspace(f'{NOW}[delivery.domains]\n"slow.example" = "2/hour"\n') as ws:
        rows = [f"office{n}@slow.example" for n in range(5)] + [f"office{n}@other{n}.example" for n in range(5)]
        ws.drop("academia.csv", "email\n" + "".join(f"{row}\n" for row in rows), folder="recipients")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        for _ in range(2):
            ws.run()
            waiting = json.loads(ws.expect(0, "log", "--state", "queued", "--format", "json").out)
            assert ws.sink.count() == 6, ws.sink.count()
            assert all(row["address"].endswith("@slow.example") for row in waiting), waiting
            slots = sorted(row["next_attempt_at"] for row in waiting)
            assert len(set(slots)) == 4, slots
        refused = ws.dir / "circulard.toml"
        refused.write_text(refused.read_text(encoding="utf-8").replace("2/hour", "often"), encoding="utf-8")
        ended = ws.call("list")
        assert ended.code == 78 and "slow.example" in ended.err and "100/hour" in ended.err, ended


def parts():
    """Of two relays each takes its weight's part."""
    second = Sink()
    with Workspace(NOW) as ws:
        settings = ws.dir / "circulard.toml"
        relay = "[[relay]]\nname = \"{}\"\nurl = \"{}\"\nweight = {}\nsessions = 2\n"
        first = ws.sink
        settings.write_text(relay.format("a", first.url, 3) + relay.format("b", second.url, 1) + NOW, encoding="utf-8")
        ws.drop("academia.csv", "email\n" + "".join(f"office{n}@n{n}.example\n" for n in range(80)), folder="recipients")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ws.run()
        counts = first.count(), second.count()
        assert sum(counts) == 80 and 55 <= counts[0] <= 65, counts
    second.end()


def international_address():
    """An address that the relay cannot carry is refused for itself alone, in words of ours: no relay said them."""
    with Workspace(NOW) as ws:
        rows = "email\nj\u00f6rg@a.example\n" + "".join(f"office{n}@n{n}.example\n" for n in range(4))
        ws.drop("academia.csv", rows, folder="recipients")
        ws.drop("bdt-9.txt", letter(reference="Circular BDT/9", to=["Academia"]))
        ws.run(code=1)
        assert ws.states() == {"Circular BDT/9": "completed"}, ws.circulars()
        [refused] = ws.log("--state", "refused")
        assert refused["address"] == "j\u00f6rg@a.example" and ws.sink.count() == 4, refused
        assert refused["code"] is None and refused["status"] is None, refused
        assert refused["reply"].startswith("not sent: ") and "SMTPUTF8" in refused["reply"], refused
        proof = ws.expect(0, "certificate", "BDT/9", "--format", "json").out
        assert "5.6.7" not in proof and "not sent: the address is not in ASCII" in proof, proof
        for width in ("80", "160"):
            shown = ws.expect(0, "log", "--state", "refused", env={"COLUMNS": width}).out
            assert "SMTPUTF8" in " ".join(shown.split()), shown


CASES = [
    ("an address that the relay cannot carry is refused in words of ours", international_address),
    ("a destination domain is written to at its rate, across a restart", domain_rate),
    ("relays with weights take their parts", parts),
]
