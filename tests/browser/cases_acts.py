"""Every act of the table of routes, done by hand in the browser, and what became of it in the ledger."""

import pages
from house import ACADEMIA, DOUBTED, LATER, REFUSED, House, number
from workspace import letter, until

SUBMIT = "main form.stack button[type=submit]"


def act_on(house, browser, reference, verb, reason, **fields):
    """From the circular's page: its button, the reason asked for, the confirmation, and what the page then says."""
    here = f"/circulars/{number(browser, reference)}"
    browser.go(here)
    browser.follow(f"{verb}…")
    browser.picture(f"act-{verb.split()[0].lower()}-{reference[-1]}")
    confirm(house, browser, reason, **fields)
    assert browser.path.split("?")[0] == here, browser.text()
    told = browser.text("[role=status]")
    assert "by Ada Okafor" in told and ": refused" not in told, told
    assert reason in browser.text(".orders")


def confirm(house, browser, reason, **fields):
    """Without name or reason the browser sends nothing; with them it does, once."""
    before = house.did()
    lacks = [field.get_attribute("name") for field in browser.all("form.stack :invalid")]
    assert "reason" in lacks and "Do nothing" in browser.text("main"), lacks
    where = browser.path
    browser.click(SUBMIT)
    assert browser.path == where and house.did() == before, "it went without a reason"
    for name, value in fields.items():
        field = browser.one(f"form.stack [name={name}]")
        if field.get_attribute("type") == "radio":
            browser.click(f"form.stack [name={name}][value='{value}']")
        else:
            browser.fill(f"form.stack [name={name}]", value)
    # the name is asked for once
    name = browser.one("[name=by]").get_attribute("value")
    assert name == ("Ada Okafor" if any(by == "Ada Okafor" for _, by, _ in before) else ""), name
    browser.fill("[name=by]", "Ada Okafor")
    browser.fill("[name=reason]", reason)
    browser.click(SUBMIT)
    until("it is in the record", lambda: house.did()[-1:] and house.did()[-1][1:] == ("Ada Okafor", reason))
    until("the page answers", lambda: browser.path != where)


def approve(house, browser):
    house.stands(bdt_1="awaiting_approval")
    act_on(house, browser, "BDT/1", "Approve", "read and found good")
    house.stands(bdt_1="ready")
    [row] = house.expect(0, "show", "BDT/1", "--format", "json").json()
    assert [one["by"] for one in row["approvals"]] == ["Ada Okafor"], row
    assert "Approve…" not in browser.text()


def hold(house, browser):
    act_on(house, browser, "BDT/2", "Hold", "figures to be checked")
    house.stands(bdt_2="held")
    # taken back, nothing goes out; and held once more
    act_on(house, browser, "BDT/2", "Release", "they are right", when="in_time")
    house.stands(bdt_2="ready")
    act_on(house, browser, "BDT/2", "Hold", "one more look")
    house.stands(bdt_2="held")


def release(house, browser):
    assert house.log("BDT/2") == []
    act_on(house, browser, "BDT/2", "Release", "the figures are right", when="now")
    house.stands(bdt_2="completed")
    assert {row["state"] for row in house.log("BDT/2")} == {"accepted"}


def send_test_copy(house, browser):
    """One copy, to whoever looks at it, in an addressee's place; it is no delivery."""
    here = f"/circulars/{number(browser, 'BDT/3')}"
    browser.go(here)
    browser.follow("Send a test copy…")
    browser.fill("[name=to]", "colleague@@house.example")
    browser.click(SUBMIT)
    assert "two @ signs" in browser.text("[role=alert]"), browser.text()
    browser.complaints()
    browser.fill("[name=to]", "colleague@house.example")
    browser.fill("[name=stand_in]", REFUSED)
    before = len(house.relay.taken)
    browser.click(SUBMIT)
    until("the page answers", lambda: "accepted: 250 2.0.0 taken" in browser.text("[role=status]"))
    [(address, text)] = house.relay.taken[before:]
    assert address == "colleague@house.example" and b"TEST" in text and b"univ-sahel" not in text, text[:900]
    query = "SELECT by, json_extract(detail, '$.as') AS stand_in FROM event_log WHERE kind = 'test_begun'"
    [row] = house.expect(0, "sql", query, "--format", "json").json()
    assert row == {"by": "Ada Okafor", "stand_in": REFUSED}, row
    assert house.log("BDT/3") == []


def cancel(house, browser):
    act_on(house, browser, "BDT/3", "Cancel for good", "the meeting is off")
    house.stands(bdt_3="cancelled")
    assert house.log("BDT/3") == [] and not browser.all("nav.deeds")


def state_of(house, address):
    [row] = house.log("BDT/4", "--to", address)
    return row["state"], row["attempts"]


def settle(house, browser):
    until("it is in doubt", lambda: state_of(house, DOUBTED) == ("held", 1))
    here = f"/circulars/{number(browser, 'BDT/4')}"
    browser.go(here)
    browser.follow("Settle…")
    assert browser.one("[name=address]").get_attribute("value") == DOUBTED
    confirm(house, browser, "they called: it is there", known="accepted")
    assert state_of(house, DOUBTED) == ("accepted", 1)


def resend(house, browser):
    assert state_of(house, REFUSED) == ("refused", 1)
    del house.relay.answers[REFUSED]
    act_on(house, browser, "BDT/4", "Send again", "the mailbox is there now", only="refused")
    until("it is accepted", lambda: state_of(house, REFUSED) == ("accepted", 2))


def send_to_new(house, browser):
    """A mailbox joins; the circular that is out goes to it too, and to nobody else."""
    rows = (house.dir / "recipients/academia.csv").read_text(encoding="utf-8")
    house.drop("academia.csv", rows + "new@univ-new.example,New Office,,,New University,Fiji,ASP,en\n", "recipients")
    until("it is in force", lambda: len(house.expect(0, "groups", "academia", "--format", "json").json()) == 12)
    before = len(house.relay.taken)
    browser.go(f"/circulars/{number(browser, 'BDT/4')}/resend")
    assert "Refused: 0" in browser.text() and "Joined its groups since: 1" in browser.text()
    assert not browser.one("[value=refused]").is_enabled()
    act_on(house, browser, "BDT/4", "Send again", "they asked for it", only="new")
    until("it is accepted", lambda: [row["state"] for row in house.log("BDT/4", "--country", "Fiji")] == ["accepted"])
    assert [address for address, _ in house.relay.taken[before:]] == ["new@univ-new.example"]


def resend_each(house, browser):
    resend(house, browser)
    house.stands(bdt_4="completed")
    send_to_new(house, browser)


def accept(house, browser):
    rows = (house.dir / "recipients/academia.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    house.drop("academia.csv", "".join(rows[:3]), "recipients")
    until("it waits", lambda: house.waiting() == {"academia"})
    browser.go("/groups")
    browser.follow("Accept…")
    assert "12 mailboxes now, 2 then: 10 leave, 0 join" in browser.text()
    confirm(house, browser, "they left the Union")
    until("it is in force", lambda: house.waiting() == set())
    assert len(house.expect(0, "groups", "academia", "--format", "json").json()) == 2
    assert browser.path == "/groups"


def leave(house, browser):
    browser.go("/")
    assert browser.texts("form[action='/logout'] button") == ["Sign out"]
    browser.click("form[action='/logout'] button")
    until("it is left", lambda: browser.path == "/login")
    assert "circulard web link" in browser.text()
    browser.go("/log")
    assert "Sign in" in browser.text() and not browser.all("table")


# in this order: what later ones need, earlier ones have brought about
ACTS = {
    "/circulars/{id}/approve": approve,
    "/circulars/{id}/hold": hold,
    "/circulars/{id}/release": release,
    "/circulars/{id}/test": send_test_copy,
    "/circulars/{id}/cancel": cancel,
    "/circulars/{id}/settle": settle,
    "/circulars/{id}/resend": resend_each,
    "/groups/{name}/accept": accept,
    "/logout": leave,
}


def every_act():
    table = pages.routes("act")
    assert set(ACTS) | {"/login"} == set(table), f"acts and routes differ: {set(ACTS) ^ set(table)}"
    with House({REFUSED: "550 5.1.1 no such mailbox", DOUBTED: "drop"}) as house:
        house.start()
        house.drop("one.txt", letter("Circular BDT/1", ACADEMIA, head=LATER).replace("Ref.:", "Confidential\n\nRef.:", 1))
        house.drop("two.txt", letter("Circular BDT/2", ["Permanent Missions"], head=LATER))
        house.drop("three.txt", letter("Circular BDT/3", ACADEMIA, head=LATER))
        house.drop("four.txt", letter("Circular BDT/4", ACADEMIA))
        with house.enter() as browser:
            house.stands(bdt_2="ready", bdt_3="ready")
            for act in ACTS.values():
                act(house, browser)
        house.expect(0, "verify")


CASES = [
    ("every act is done by hand, with reason and confirmation, and stands in the ledger", every_act),
]
