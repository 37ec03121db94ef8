"""Every page that the table of routes has, with addresses of it in the full house."""

import re
import urllib.parse

from house import DEFERRED, DOUBTED, REFUSED, number
from workspace import ROOT

ROUTES = ROOT / "src/web/routes.rs"


def routes(kind):
    """The paths of the table: `see` looks, `act` changes."""
    text = ROUTES.read_text(encoding="utf-8").replace("(EVENTS,", '("/events",')
    return re.findall(r'^    %s\("([^"]+)"' % kind, text, re.MULTILINE)


def pattern_of(link, patterns):
    """Which path of the table a link is of; the one with the fewest names in braces."""
    path = link.split("?")[0].split("#")[0]
    fits = [one for one in patterns if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(one)), path)]
    return min(fits, key=lambda one: one.count("{"), default=None)


def places(house, browser):
    """Path of the table → names and addresses: pages to look at."""
    one, two, three, four, five, six, seven = (number(browser, f"BDT/{it}") for it in range(1, 8))
    rows = {row["address"]: row["delivery"] for row in house.log("BDT/1")}
    arabic = next(row["delivery"] for row in house.log() if row["reference"].endswith("BDT/6") and row["state"] == "accepted")
    accepted = next(row["delivery"] for row in house.log("BDT/1") if row["state"] == "accepted")
    address = urllib.parse.quote(REFUSED)
    doubted = urllib.parse.quote(DOUBTED)
    return {
        "/": [("circulars", "/"), ("circulars-older", "/?before=1")],
        "/circulars/{id}": [
            ("circular-sending", f"/circulars/{one}"), ("circular-completed", f"/circulars/{two}"),
            ("circular-ready", f"/circulars/{three}"), ("circular-awaiting", f"/circulars/{four}"),
            ("circular-parked", f"/circulars/{five}"), ("circular-arabic", f"/circulars/{six}"),
            ("circular-cancelled", f"/circulars/{seven}"), ("circular-unknown", "/circulars/999"),
        ],
        "/circulars/{id}/approve": [("approve", f"/circulars/{four}/approve")],
        "/circulars/{id}/hold": [("hold", f"/circulars/{three}/hold")],
        "/circulars/{id}/release": [("release", f"/circulars/{three}/release")],
        "/circulars/{id}/cancel": [("cancel", f"/circulars/{three}/cancel")],
        "/circulars/{id}/resend": [("resend", f"/circulars/{one}/resend"), ("resend-nobody", f"/circulars/{seven}/resend")],
        "/circulars/{id}/settle": [("settle", f"/circulars/{one}/settle?address={doubted}")],
        "/circulars/{id}/test": [("test-copy", f"/circulars/{three}/test")],
        "/deliveries/{id}": [
            ("delivery-accepted", f"/deliveries/{accepted}"), ("delivery-refused", f"/deliveries/{rows[REFUSED]}"),
            ("delivery-deferred", f"/deliveries/{rows[DEFERRED]}"), ("delivery-held", f"/deliveries/{rows[DOUBTED]}"),
        ],
        "/deliveries/{id}/message": [
            ("message", f"/deliveries/{accepted}/message"), ("message-arabic", f"/deliveries/{arabic}/message"),
        ],
        "/deliveries/{id}/message.html": [
            ("letter", f"/deliveries/{accepted}/message.html"), ("letter-arabic", f"/deliveries/{arabic}/message.html"),
        ],
        "/addressees": [("addressee", f"/addressees?address={address}"), ("addressee-none", "/addressees?address=a@b.example")],
        "/find": [("found", f"/find?q={address}"), ("found-none", "/find?q=BDT/1999")],
        "/log": [
            ("log", "/log"), ("log-of-one", f"/log?circular={one}&state=refused&state=deferred"),
            ("log-none", "/log?country=Atlantis"), ("log-unclear", "/log?state=lost"),
        ],
        "/groups": [("groups", "/groups")],
        "/groups/{name}": [("group", "/groups/academia")],
        "/groups/{name}/accept": [("accept", "/groups/regulators/accept"), ("accept-bad-rows", "/groups/academia/accept")],
        "/schedule": [("schedule", "/schedule")],
        "/parked": [("parked", "/parked")],
        "/alerts": [("alerts", "/alerts")],
    }


def taken_away(browser, delivery):
    """Path of the table → address and kind: what is no page."""
    style = browser.run("return new URL(document.querySelector('link[rel=stylesheet]').href).pathname")
    return {
        "/deliveries/{id}/message.eml": (f"/deliveries/{delivery}/message.eml", "application/octet-stream"),
        "/log.csv": ("/log.csv", "text/csv; charset=utf-8"),
        "/log.json": ("/log.json", "application/json"),
        "/log.xlsx": ("/log.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        "/assets/{name}": (style, "text/css; charset=utf-8"),
    }


# these have cases of their own: the door (cases_door.py), and the stream of totals (cases_live.py)
ELSEWHERE = {"/open", "/login", "/events"}
# those that answer with a page which says that it is not so
UNWELCOME = {"circular-unknown": 404, "found-none": 404, "log-unclear": 400}
