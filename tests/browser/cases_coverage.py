"""Coverage counts every country that a circular was for, also those it could not be sent to."""

from house import House, number
from workspace import letter, stop, until

HEAD = "email,name,country,valid_until\n"
ROWS = [
    "a@ke.example,Office A,Kenya,\n", "b@fr.example,Office B,France,\n", "c@fr.example,Office C,France,\n",
    "old@fj.example,Office F,Fiji,2001-01-01\n", ",Office T,Tonga,\n", "refused@pe.example,Office P,Peru,\n",
]


def without_address():
    with House({"refused@pe.example": "550 5.1.1 no such mailbox"}) as house:
        house.start()
        house.drop("offices.csv", HEAD + "".join(ROWS[:4]), "recipients")
        until("the list is in force", lambda: "offices" in house.expect(0, "groups").out)
        # the row of Tonga has no address; a person accepts the list without it
        house.drop("offices.csv", HEAD + "".join(ROWS), "recipients")
        until("the list waits", lambda: house.waiting() == {"offices"})
        with house.enter() as browser:
            browser.go("/groups/offices/accept")
            assert 'no address in the row of "Office T"' in browser.text(), browser.text()
            browser.fill("[name=by]", "Ada Okafor")
            browser.fill("[name=reason]", "Tonga has not told us yet")
            browser.click("[name=without_bad_rows]")
            browser.click("main form.stack button[type=submit]")
            until("it is in force", lambda: house.waiting() == set())
            house.drop("one.txt", letter("Circular BDT/1", ["offices"]))
            house.stands(bdt_1="completed")
            browser.go(f"/circulars/{number(browser, 'BDT/1')}")
            text = browser.text()
            assert "5 countries: 2 accepted, 1 refused, 2 without address" in text, text
            assert "Without address in its lists: Fiji, Tonga" in text
            # what comes into the lists later does not change what was
            more = "".join(ROWS[:3]) + "t@to.example,Office T,Tonga,\nn@no.example,N,Norway,\n"
            house.drop("offices.csv", HEAD + more, "recipients")
            until("the list is read", lambda: "t@to.example" in house.expect(0, "groups", "offices").out or house.waiting())
        # a daemon that remembers nothing of it
        stop(house.daemons[0])
        house.start()
        with house.enter() as browser:
            browser.go(f"/circulars/{number(browser, 'BDT/1')}")
            assert "5 countries: 2 accepted, 1 refused, 2 without address" in browser.text(), browser.text()


CASES = [
    ("coverage counts the countries that have no address in the lists", without_address),
]
