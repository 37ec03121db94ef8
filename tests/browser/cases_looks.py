"""How it looks: a rehearsal cannot be overlooked, paper has what paper needs, and Arabic stands right."""

import base64
import re

from house import ARABIC, House, number
from workspace import letter, until

SEEN = """
    const one = document.querySelector(arguments[0]);
    const box = one.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return box.width >= innerWidth - 20 && box.top >= 0 && box.bottom <= innerHeight && one.contains(top);"""


def rehearsal():
    with House(rehearses=True) as house:
        house.start()
        house.link()
        house.drop("one.txt", letter("Circular BDT/1", ["Academia", "Regulators"]))
        house.stands(bdt_1="completed")
        with house.enter() as browser:
            one = number(browser, "BDT/1")
            for path in ("/", f"/circulars/{one}", "/log", "/groups", "/schedule", "/parked", "/deliveries/1/message", "/nothing"):
                browser.go(path)
                assert browser.driver.title.startswith("REHEARSAL: "), browser.driver.title
                for mode in ("desktop", "dark", "phone"):
                    browser.turn_to(mode)
                    browser.run("window.scrollTo(0, document.documentElement.scrollHeight)")
                    assert browser.run(SEEN, ".rehearsal"), f"{path}, {mode}: the sign is not to be seen at the page's end"
                    assert browser.text(".rehearsal").startswith("REHEARSAL"), browser.text(".rehearsal")
                browser.turn_to("desktop")
                browser.media("print")
                size, content = browser.style("body", "font-size", "content", part="::before")
                assert content == '"REHEARSAL"' and float(size.removesuffix("px")) > 60, (size, content)
            browser.go(f"/circulars/{one}")
            browser.picture("rehearsal-print")
            browser.media("")
            browser.picture("rehearsal-desktop")
            browser.turn_to("phone")
            browser.picture("rehearsal-phone")


def on_paper():
    with House() as house:
        house.start()
        house.link()
        house.drop("one.txt", letter("Circular BDT/1", ["Academia", "Regulators"]))
        house.stands(bdt_1="completed")
        with house.enter() as browser:
            one = number(browser, "BDT/1")
            for path in (f"/circulars/{one}", "/log", "/deliveries/1/message"):
                browser.go(path)
                browser.media("print", "dark")
                for css in ("nav", ".find", ".who", ".deeds", ".take", ".search", ".foot"):
                    shown = [one.tag_name for one in browser.all(css) if one.is_displayed()]
                    assert not shown, f"{path}: on paper there is {css}: {shown}"
                assert "circulard" in browser.text("header") and browser.text("h1")
                # what is printed in the dark is black on white all the same
                paper, ink = browser.style("html", "background-color", "color")
                assert (paper, ink) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)"), (path, paper, ink)
                browser.media("")
                pdf = base64.b64decode(browser.cdp("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)["data"])
                assert pdf.startswith(b"%PDF") and len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 1
            browser.go(f"/circulars/{one}")
            browser.media("print")
            browser.picture("circular-print")


def right_to_left():
    with House() as house:
        house.start()
        house.drop("six.ar.txt", ARABIC)
        until("it is completed", lambda: [row["state"] for row in house.circulars()] == ["completed"])
        with house.enter() as browser:
            browser.go("/")
            found = browser.style(".subject", "direction", "text-align")
            assert found == ["rtl", "left"], f"it begins under its heading: {found}"
            for mode in ("desktop", "phone"):
                browser.turn_to(mode)
                browser.go("/deliveries/1/message")
                assert browser.style("html", "direction") == ["ltr"], "the page is in English"
                assert browser.style("#text + pre", "direction") == ["rtl"]
                browser.run("document.querySelector('iframe.letter').scrollIntoView()")
                browser.driver.switch_to.frame(browser.one("iframe.letter"))
                until("the letter is there", lambda: "المنتدى الإقليمي" in browser.text())
                assert (browser.one("html").get_attribute("lang"), browser.style("html", "direction")) == ("ar", ["rtl"])
                script = """
                    const one = [...document.querySelectorAll('p')].find((one) => one.textContent.startsWith('يسرني'));
                    const range = document.createRange();
                    range.selectNodeContents(one);
                    const right = Math.max(...[...range.getClientRects()].map((words) => words.right));
                    return Math.abs(right - one.getBoundingClientRect().right);"""
                assert browser.run(script) < 2, "a paragraph begins at its right"
                browser.driver.switch_to.default_content()
            one = number(browser, "BDT/6")
            browser.go(f"/circulars/{one}/cancel")
            browser.fill("[name=reason]", "الاجتماع مؤجل")
            assert browser.style("[name=reason]", "direction") == ["rtl"]


CASES = [
    ("a rehearsal cannot be overlooked, on any screen nor on paper", rehearsal),
    ("a page on paper is black on white and has no buttons", on_paper),
    ("an Arabic letter stands from right to left, and the page around it stays as it is", right_to_left),
]
