"""The dashboard over real HTTP: who gets in, what the pages say, the operator's hand, what is taken away."""

import hashlib
import html.parser
import http.client
import io
import json
import re
import socket
import subprocess
import urllib.parse
import xml.etree.ElementTree
import zipfile

from workspace import NOW, PROGRAM, REFERENCE, SAMPLE, Workspace, letter, stop, until

ACADEMIA = {"reference": "Circular BDT/9", "to": ["Academia"]}
LATER = "send: 2099-12-07 09:00"
WEB = '[web]\nlisten = "127.0.0.1:0"\n'


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {key.lower(): value for key, value in response.getheaders()}
        self.octets = response.read()
        self.text = self.octets.decode("utf-8", "replace")


class Browser:
    """Cookies, forms, and no JavaScript."""

    def __init__(self, base):
        self.host = urllib.parse.urlsplit(base).netloc
        self.cookies = {}

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.host, timeout=60)
        send = {"Host": self.host, **(headers or {})}
        if self.cookies:
            send["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            send.setdefault("Content-Type", "application/x-www-form-urlencoded")
        connection.request(method, path, body, send)
        answer = Answer(connection.getresponse())
        connection.close()
        if "set-cookie" in answer.headers:
            name, value = answer.headers["set-cookie"].split(";")[0].split("=", 1)
            self.cookies[name] = value
        return answer

    def see(self, path, status=200):
        answer = self.ask("GET", path)
        assert answer.status == status, f"{path}: {answer.status}\n{answer.text[-2000:]}"
        return answer

    def send(self, path, fields, status=303):
        """Fills in the form that stands at `path`."""
        token = re.search(r'action="%s".*?name="csrf" value="([0-9a-f]+)"' % re.escape(path), self.see(path).text, re.S)
        body = urllib.parse.urlencode({"csrf": token.group(1), **fields})
        answer = self.ask("POST", path, body, {"Origin": f"http://{self.host}"})
        assert answer.status == status, f"{path}: {answer.status}\n{answer.text[-2000:]}"
        return answer


def link_of(ws, number=0):
    found = []

    def there():
        found[:] = re.findall(r"dashboard: (http://\S+)", ws.log_of(number))
        return found

    until("the link is printed", there)
    return found[0]


def opened(ws, number=0):
    """A browser that came in by the link."""
    link = link_of(ws, number)
    browser = Browser(link)
    path = link.split(browser.host)[1]
    assert browser.ask("GET", path).status == 303
    return browser


def circular_id(browser):
    return re.search(r'href="/circulars/(\d+)"', browser.see("/").text).group(1)


def the_link_opens_once():
    with Workspace(NOW + WEB) as ws:
        ws.start()
        link = link_of(ws)
        stranger, browser = Browser(link), opened(ws)
        assert stranger.ask("GET", link.split(browser.host)[1]).status == 403
        assert stranger.see("/", 401).text.count("circulard web link") == 1
        assert "No circular yet" in browser.see("/").text
        assert browser.see("/nothing", 404) and stranger.see("/nothing", 401)
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        until("it is shown as completed", lambda: 's-completed">completed' in browser.see("/").text)
        page = browser.see(f"/circulars/{circular_id(browser)}").text
        assert "11 of 11 (100 %)" in page and "Circular BDT/9" in page, page
        # a new link for a browser that was closed
        again = Browser(link)
        assert again.ask("GET", "/").status == 401


def a_new_link_by_command():
    with Workspace(NOW + WEB) as ws:
        assert "no daemon" in ws.expect(2, "web", "link").err
        ws.start()
        link_of(ws)
        link = ws.expect(0, "web", "link").out.strip()
        browser = Browser(link)
        assert browser.ask("GET", link.split(browser.host)[1]).status == 303 and browser.see("/")
    with Workspace(NOW) as ws:
        ws.configure(NOW + '[web]\nlisten = ""\n')
        assert 'listen is ""' in ws.expect(2, "web", "link").err


def mail_leads_there():
    """Reports and alerts name the dashboard's address, and it is the one where the thing is shown."""
    told = '[alerts]\nto = ["operators@itu.example"]\nowner = "owner@itu.example"\n'
    with Workspace(NOW + WEB + told) as ws:
        ws.start()
        browser = opened(ws)
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.drop("bad.txt", letter(reference="Circular BDT/10", to=["Nobody known"]))

        def mail_to(whom):
            found = [message for message in ws.sent() if message.forward_paths == [whom]]
            return found[0].octets.decode().replace("=\r\n", "") if found else ""

        until("both are told", lambda: mail_to("operators@itu.example") and mail_to("owner@itu.example"))
        base = f"http://{browser.host}"
        [alerts] = re.findall(re.escape(base) + r"(/alerts)\b", mail_to("operators@itu.example"))
        [report] = re.findall(re.escape(base) + r"(/circulars/\d+)\b", mail_to("owner@itu.example"))
        assert "Nobody known" in browser.see(alerts).text
        assert "Circular BDT/9" in browser.see(report).text


def acts_by_the_page():
    with Workspace(NOW + WEB) as ws:
        daemon = ws.start()
        browser = opened(ws)
        ws.drop("bdt-9.txt", letter(head=LATER, **ACADEMIA))
        until("it is shown", lambda: "Circular BDT/9" in browser.see("/").text)
        here = f"/circulars/{circular_id(browser)}"
        assert "Mon 07 Dec 2099" in browser.see("/schedule").text
        assert "11 messages to 10 countries" in browser.see(f"{here}/release").text, browser.see(here).text
        browser.send(f"{here}/hold", {"reason": "figures", "by": ""}, status=422)
        browser.send(f"{here}/hold", {"reason": "", "by": "Ada"}, status=422)
        assert ws.states() == {"Circular BDT/9": "ready"}
        browser.send(f"{here}/hold", {"reason": "figures to be checked", "by": "Ada"})
        assert ws.states() == {"Circular BDT/9": "held"}
        assert "figures to be checked" in browser.see(here).text
        assert "it is held" in browser.send(f"{here}/hold", {"reason": "again", "by": "Ada"}, status=409).text
        browser.send(f"{here}/release", {"reason": "they are right", "by": "Bo"})
        until("it is completed", lambda: ws.states() == {"Circular BDT/9": "completed"})
        assert ws.sink.count() == 11
        rows = ws.expect(0, "sql", "SELECT kind, by, reason FROM event_log WHERE by IN ('Ada', 'Bo')", "--format", "json")
        assert [(row["kind"], row["by"]) for row in rows.json()] == [("held", "Ada"), ("order_refused", "Ada"), ("released", "Bo")]
        stop(daemon)
        ws.expect(0, "verify")


def tricks_change_nothing():
    with Workspace(NOW + WEB) as ws:
        ws.start()
        browser = opened(ws)
        ws.drop("bdt-9.txt", letter(head=LATER, **ACADEMIA))
        until("it is shown", lambda: "Circular BDT/9" in browser.see("/").text)
        path = f"/circulars/{circular_id(browser)}/cancel"
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', browser.see(path).text).group(1)
        body = urllib.parse.urlencode({"csrf": token, "reason": "x", "by": "Eve"})
        tokenless = urllib.parse.urlencode({"reason": "x", "by": "Eve"})
        assert browser.ask("POST", path, body, {"Origin": "https://evil.example"}).status == 403
        assert browser.ask("POST", path, body, {"Sec-Fetch-Site": "cross-site"}).status == 403
        assert browser.ask("POST", path, tokenless).status == 403
        assert browser.ask("GET", "/", headers={"Host": "evil.example"}).status == 421
        assert Browser(link_of(ws)).ask("POST", path, body).status == 401
        assert ws.states() == {"Circular BDT/9": "ready"}
        assert ws.expect(0, "sql", "SELECT 1 FROM event_log WHERE by = 'Eve'", "--format", "json").json() == []


def a_taken_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with Workspace(NOW + f'[web]\nlisten = "127.0.0.1:{port}"\n') as ws:
            daemon = ws.start()
            ws.drop("bdt-9.txt", letter(**ACADEMIA))
            until("it is completed", lambda: ws.states() == {"Circular BDT/9": "completed"})
            log = ws.log_of()
            assert "there is no dashboard this time" in log and str(port) in log and "[web] listen" in log, log
            stop(daemon)


def no_dashboard_for_a_run_that_ends():
    with Workspace(NOW + WEB) as ws:
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ended = ws.run()
        assert "dashboard" not in ended.err, ended
        assert ws.sink.count() == 11


def others_reach_it_only_by_name():
    for config, says in [
        ('[web]\nlisten = "0.0.0.0:0"\n', "[[web.user]]"),
        ('[web]\nlisten = "127.0.0.1:0"\ntrusted_header = "x-user"\n', "trusted_proxies"),
        ('[web]\nlisten = "127.0.0.1:0"\n[[web.user]]\nname = "A"\nrole = "owner"\n', "viewer, editor, releaser, admin"),
        ('[web]\nlisten = "127.0.0.1:0"\n[[web.user]]\nname = "A"\nrole = "admin"\npassword_hash = "x"\n', "web password"),
        ('[web]\nlisen = "127.0.0.1:0"\n', 'did you mean "listen"?'),
    ]:
        with Workspace(config) as ws:
            ended = ws.expect(78, "run")
            assert says in ended.err, ended


def hash_of(password):
    done = subprocess.run([str(PROGRAM), "web", "password"], input=password.encode() + b"\n", capture_output=True, check=True)
    return done.stdout.decode().strip()


def users_and_their_roles():
    users = "".join(
        f'[[web.user]]\nname = "{name}"\nrole = "{role}"\n{hash_of(password)}\n'
        for name, role, password in [("Ada", "viewer", "a viewer's words"), ("Bo", "releaser", "a releaser's words")]
    )
    made = subprocess.run([str(PROGRAM), "web", "token"], capture_output=True, check=True).stdout.decode()
    token = re.search(r"token: (\S+)", made).group(1)
    machine = f'[[web.token]]\nname = "monitoring"\nrole = "viewer"\n{made.splitlines()[1]}\nexpires = "2099-12-31"\n'
    with Workspace(NOW + WEB + users + machine) as ws:
        ws.start()
        found = []
        until("it listens", lambda: found.extend(re.findall(r'dashboard url="?(http://[^"\s]+)', ws.log_of())) or found)
        assert "/open?" not in ws.log_of(), "users are named: no link"
        assert "there are no links" in ws.expect(2, "web", "link").err
        ws.drop("bdt-9.txt", letter(head=LATER, **ACADEMIA))
        ada, bo, program = Browser(found[0]), Browser(found[0]), Browser(found[0])
        for browser, name, password in [(ada, "ada", "a viewer's words"), (bo, "Bo", "a releaser's words")]:
            wrong = urllib.parse.urlencode({"name": name, "password": password + "!"})
            assert browser.ask("POST", "/login", wrong).status == 401
            right = urllib.parse.urlencode({"name": name, "password": password, "next": "//evil.example"})
            entered = browser.ask("POST", "/login", right)
            assert (entered.status, entered.headers["location"]) == (303, "/"), entered.headers
            assert "HttpOnly" in entered.headers["set-cookie"] and "SameSite=Strict" in entered.headers["set-cookie"]
        until("it is shown", lambda: "Circular BDT/9" in ada.see("/").text)
        here = f"/circulars/{circular_id(ada)}"
        assert "/hold" not in ada.see(here).text and ada.see(f"{here}/hold", 403) and ada.see("/parked", 403)
        token_of_ada = re.search(r'name="csrf" value="([0-9a-f]+)"', ada.see(here).text).group(1)
        assert ada.ask("POST", f"{here}/hold", f"csrf={token_of_ada}&reason=x").status == 403
        assert ws.states() == {"Circular BDT/9": "ready"}
        bo.send(f"{here}/hold", {"reason": "x", "by": "somebody else"})
        [row] = ws.expect(0, "sql", "SELECT by FROM event_log WHERE kind = 'held'", "--format", "json").json()
        assert row["by"] == "Bo", row
        bearer = {"Authorization": f"Bearer {token}"}
        assert program.ask("GET", "/log.json", headers=bearer).status == 200
        assert program.ask("POST", f"{here}/release", "reason=x", bearer).status == 403
        assert program.ask("GET", "/", headers={"Authorization": "Bearer x"}).status == 401
        ada.ask("POST", "/logout", f"csrf={token_of_ada}")
        assert ada.see("/", 401)


def what_is_taken_away():
    """The exports are the log, whole; the message shown is the message the relay got."""
    with Workspace(NOW + WEB) as ws:
        ws.start()
        browser = opened(ws)
        ws.drop("bdt-112.txt", SAMPLE)
        until("it is completed", lambda: ws.states() == {REFERENCE: "completed"})
        assert browser.see("/log.json").text and json.loads(browser.see("/log.json").text) == ws.log()
        assert browser.see("/log.csv").text == ws.expect(0, "log", "--format", "csv").out.replace("\r\n", "\n").replace("\n", "\r\n")
        some = "/log.json?country=kenya&state=accepted"
        assert json.loads(browser.see(some).text) == ws.log("--country", "Kenya", "--state", "accepted") != []
        assert json.loads(browser.see("/log.json?state=refused").text) == []
        assert "not a state" in browser.see("/log?state=lost", 400).text
        with zipfile.ZipFile(io.BytesIO(browser.see("/log.xlsx").octets)) as book:
            sheet = xml.etree.ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        rows = [
            ["".join(cell.itertext()) for cell in row]
            for row in sheet.iter("{http://schemas.openxmlformats.org/spreadsheetml/2006/main}row")
        ]
        at = rows[0].index("address")
        assert [row[at] for row in rows[1:]] == [row["address"] for row in ws.log()], rows[:2]
        some = "/log.json?to=%40mission-ke.example"
        assert json.loads(browser.see(some).text) == ws.log("--to", "@mission-ke.example") != []
        entry = ws.log()[0]
        page = browser.see(f"/deliveries/{entry['delivery']}/message")
        assert "it is the one that was sent" in page.text and entry["sha256"] in page.text
        octets = browser.see(f"/deliveries/{entry['delivery']}/message.eml").octets
        assert hashlib.sha256(octets).hexdigest() == entry["sha256"]
        [wire] = [message for message in ws.sent() if message.forward_paths[0].lower() == entry["address"].lower()]
        assert octets == wire.octets, "the message shown is not the one that the relay got"
        frame = browser.see(f"/deliveries/{entry['delivery']}/message.html")
        policy = frame.headers["content-security-policy"]
        assert "sandbox" in policy and "script-src" not in policy and "default-src 'none'" in policy, policy
        who = browser.see("/addressees?" + urllib.parse.urlencode({"address": entry["address"].upper()})).text
        assert REFERENCE in who
        for asked, goes in [("112", "/circulars/"), (entry["address"], "/addressees?")]:
            answer = browser.ask("GET", "/find?" + urllib.parse.urlencode({"q": asked}))
            assert answer.status == 303 and answer.headers["location"].startswith(goes), answer.headers
        assert "did you mean" in browser.see("/find?q=Circular+BDT/DNS/DSG/112", 404).text


def a_list_that_shrank():
    """Who would leave is shown by name, and a person lets it come into force, for the version that they saw."""
    with Workspace(NOW + WEB) as ws:
        ws.start()
        browser = opened(ws)
        until("the lists are in force", lambda: browser.see("/groups").text.count(">in force<") == 5)
        before = (ws.dir / "recipients/academia.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        browser.see("/groups/academia/accept", 404)
        ws.drop("academia.csv", "".join(before[:3]), "recipients")
        until("it waits", lambda: "/groups/academia/accept" in browser.see("/groups").text)
        here = "/groups/academia/accept"
        page = browser.see(here).text
        assert "11 mailboxes now, 2 then: 9 leave, 0 join" in page and before[-1].split(",")[0] in page, page
        version = re.search(r'name="version" value="(\d+)"', page).group(1)
        browser.send(here, {"version": version, "by": "Ada", "reason": ""}, status=422)
        browser.send(here, {"version": "1", "by": "Ada", "reason": "they left"}, status=409)
        assert "11" in browser.see("/groups").text
        browser.send(here, {"version": version, "by": "Ada", "reason": "they left"})
        until("it is in force", lambda: browser.see("/groups").text.count(">in force<") == 5)
        assert browser.see("/groups/academia").text.count('<th scope="row">') == 2
        [row] = ws.expect(0, "sql", "SELECT by FROM event_log WHERE reason = 'they left'", "--format", "json").json()
        assert row["by"] == "Ada"


class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.links, self.loaded = [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "a":
            self.links.append(attrs["href"])
        self.loaded += [attrs[key] for key in ("src", "action") if key in attrs]
        if tag == "link":
            self.loaded.append(attrs["href"])
        assert not [key for key in attrs if key.startswith("on") or key == "style"], attrs


def every_link_leads_somewhere():
    """A crawl as somebody who may do everything: no dead link, nothing from elsewhere, nothing inline."""
    with Workspace(NOW + WEB, relay=None) as ws:
        ws.start()
        browser = opened(ws)
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        ws.drop("bad.txt", letter(reference="Circular BDT/10", to=["Nobody known"]))
        shown = ["Circular BDT/9", "Circular BDT/10", "completed", "parked"]
        until("both are shown", lambda: all(word in browser.see("/").text for word in shown))
        seen, left = set(), ["/"]
        while left and len(seen) < 250:
            path = left.pop()
            seen.add(path)
            answer = browser.see(path, 303 if path.startswith("/find?") else 200)
            if answer.status == 303:
                left.append(answer.headers["location"])
                continue
            if not answer.headers["content-type"].startswith("text/html") or path.endswith("message.html"):
                continue
            assert "<title>REHEARSAL: " in answer.text and "<strong>REHEARSAL</strong>" in answer.text, path
            links = Links()
            links.feed(answer.text)
            assert all(target.startswith("/") for target in links.links + links.loaded if target != "#content"), links.links
            left += [link for link in links.links if link.startswith("/") and link not in seen and link not in left]
        kinds = {re.sub(r"\d+|=.*|\?.*", "", path) for path in seen}
        assert {"/", "/log", "/groups", "/schedule", "/parked", "/deliveries/", "/deliveries//message"} <= kinds, kinds


def live_while_it_goes_out():
    with Workspace(NOW + WEB, sink_options=("-w", "1")) as ws:
        daemon = ws.start()
        browser = opened(ws)
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        connection = http.client.HTTPConnection(browser.host, timeout=60)
        connection.request("GET", "/events", headers={"Host": browser.host, "Cookie": cookie})
        events = connection.getresponse()
        assert events.status == 200 and events.getheader("content-type") == "text/event-stream"
        ws.drop("bdt-9.txt", letter(**ACADEMIA))
        done = []
        while not done or done[-1] < 11:
            line = events.readline()
            assert line, "the stream ended early"
            if line.startswith(b"data: "):
                done += [moving["done"] for moving in json.loads(line[6:])]
        assert done == sorted(done) and len(set(done)) > 2, done
        # whoever listens does not keep the daemon
        stop(daemon)
        connection.close()


CASES = [
    ("the dashboard's link opens it, once, and it shows what goes out", the_link_opens_once),
    ("the dashboard gets a new link by a command, where a daemon runs", a_new_link_by_command),
    ("reports and alerts by mail lead to the dashboard", mail_leads_there),
    ("the dashboard's hold and release are orders, with name and reason", acts_by_the_page),
    ("the dashboard refuses other sites, other names and forms without their token", tricks_change_nothing),
    ("a dashboard whose port is taken keeps no letter", a_taken_port),
    ("a run that ends by itself opens no dashboard", no_dashboard_for_a_run_that_ends),
    ("a dashboard that others reach without a name is refused with how to mend it", others_reach_it_only_by_name),
    ("the dashboard's users come in by password, programs by token, and each does what its role may", users_and_their_roles),
    ("the dashboard's exports are the log, and its message is the one that was sent", what_is_taken_away),
    ("the dashboard shows who would leave a list that shrank, and a person accepts it", a_list_that_shrank),
    ("every link of the dashboard leads somewhere, and nothing comes from elsewhere", every_link_leads_somewhere),
    ("the dashboard is live while a circular goes out, and keeps no daemon from ending", live_while_it_goes_out),
]
