"""A circular that goes out is watched, with JavaScript and without."""

from chrome import Chrome
from house import ACADEMIA, House, number
from workspace import letter, until


def progress(browser):
    return browser.text("[data-progress]")


def figures_move():
    with House(closed=True) as house:
        house.start()
        house.drop("one.txt", letter("Circular BDT/1", ACADEMIA))
        house.stands(bdt_1="sending")
        with house.enter() as browser, Chrome(scripts=False) as plain:
            here = f"/circulars/{number(browser, 'BDT/1')}"
            browser.go(here)
            assert progress(browser) == "0 of 11 (0 %)"
            # a page that is loaded anew forgets this
            browser.run("window.still = true")
            house.relay.let_through(4)
            until("the page says so by itself", lambda: progress(browser) == "4 of 11 (36 %)")
            words = ["4 accepted", "1 in transaction", "6 queued"]
            until(f"it counts {words}", lambda: browser.texts("[data-counts] li") == words)
            bar = browser.one(".whole svg")
            assert bar.get_attribute("aria-label") == "11 frozen: 4 accepted, 1 in transaction, 6 queued"
            assert len(browser.all(".whole svg rect")) == 3
            assert browser.run("return window.still"), "the page was loaded anew"
            assert [row["state"] for row in house.log("--state", "accepted")] == ["accepted"] * 4
            without_scripts(house, browser, plain, here)
            house.relay.let_through(None)
            until("it is shown as completed", lambda: browser.all("[data-state=completed]"))
            assert progress(browser) == "11 of 11 (100 %)" and "Hold…" not in browser.text()
            assert not browser.complaints()


def without_scripts(house, browser, plain, here):
    """The same page, and it loads itself anew while something moves."""
    plain.base = browser.base
    plain.go("/login")
    for cookie in browser.driver.get_cookies():
        plain.driver.add_cookie({"name": cookie["name"], "value": cookie["value"]})
    plain.go(here)
    assert plain.one("noscript meta[http-equiv=refresh]").get_attribute("content") == "15"
    assert progress(plain) == "4 of 11 (36 %)"
    house.relay.let_through(3)
    until("the plain page says so by itself", lambda: progress(plain) == "7 of 11 (63 %)")
    plain.follow("Hold…")
    plain.fill("[name=by]", "Ada Okafor")
    plain.fill("[name=reason]", "without a script")
    plain.click("main form.stack button[type=submit]")
    assert "hold, by Ada Okafor" in plain.text("[role=status]")
    house.stands(bdt_1="held")
    until("the other page shows it", lambda: browser.all("[data-state=held]"))
    plain.follow("Release…")
    plain.fill("[name=reason]", "go on")
    plain.click("main form.stack button[type=submit]")
    house.stands(bdt_1="sending")


CASES = [
    ("figures move by themselves while a circular goes out, and without JavaScript too", figures_move),
]
