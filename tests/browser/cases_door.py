"""In by the link, or by name and password."""

import re

from cases_walk import look
from chrome import Chrome
from house import House
from cases_web import hash_of
from workspace import until

USERS = """
[[web.user]]
name = "Ada Okafor"
role = "viewer"
{hash}
"""


def by_the_link():
    """The link is good once; whoever comes too late is told how to go on."""
    with House() as house:
        house.start()
        link = house.link()
        with house.enter() as browser:
            assert browser.path == "/" and "No circular yet" in browser.text()
            assert not look(browser, "circulars-none")
            browser.driver.delete_all_cookies()
            browser.driver.get(link)
            assert "this link has been used" in browser.text()
            browser.complaints()
            browser.go("/login")
            assert "circulard web link" in browser.text()
            wrong = look(browser, "login-link")
            assert not wrong, wrong


def by_password():
    with House(more=USERS.format(hash=hash_of("a viewer's words"))) as house:
        house.start()
        found = []
        until("it listens", lambda: found.extend(re.findall(r'dashboard url="?(http://[^"\s]+)', house.log_of())) or found)
        with Chrome() as browser:
            browser.open(found[0] + "/login?next=/log")
            wrong = look(browser, "login-password")
            assert not wrong, wrong
            browser.fill("[name=name]", "ada okafor")
            browser.fill("[name=password]", "something else")
            browser.press("\n")
            assert "name or password is not right" in browser.text("[role=alert]")
            browser.complaints()
            assert browser.run("return document.activeElement.name") == "name"
            browser.fill("[name=name]", "ada okafor")
            browser.fill("[name=password]", "a viewer's words")
            browser.press("\n")
            assert browser.path == "/log" and "Ada Okafor, viewer" in browser.text(), browser.text()
            browser.go("/parked")
            assert "this needs the role editor" in browser.text()


CASES = [
    ("the link lets in once, and says how to get another", by_the_link),
    ("name and password let in whoever has a role, as far as it goes", by_password),
]
