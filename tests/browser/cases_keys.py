"""With the keyboard alone: from the front page to a circular that is held."""

from chrome import Keys
from house import ACADEMIA, LATER, House
from workspace import letter

FOCUSED = """
    const one = document.activeElement;
    const box = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    return {
      words: (one.innerText || one.name || one.tagName).trim(), tag: one.tagName, name: one.name || "",
      outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
      seen: box.width > 0 && box.height > 0 && box.top >= 0 && box.left >= 0 &&
        box.bottom <= innerHeight + 1 && box.right <= innerWidth + 1,
    };"""


def tab_to(browser, words):
    """Presses Tab until the focus is there; on its way it is always seen."""
    way = []
    for _ in range(40):
        browser.press(Keys.TAB)
        at = browser.run(FOCUSED)
        assert at["tag"] != "BODY", f"the focus is lost after {way}"
        assert at["outline"] and at["seen"], f"the focus is not to be seen: {at}"
        way.append(at["words"] if at["tag"] != "INPUT" else at["name"])
        if words in (at["words"], at["name"]):
            return way
    raise AssertionError(f"no {words!r} on the way: {way}")


def keyboard_only():
    with House() as house:
        house.start()
        house.drop("one.txt", letter("Circular BDT/1", ACADEMIA, head=LATER))
        house.stands(bdt_1="ready")
        with house.enter() as browser:
            browser.go("/")
            assert tab_to(browser, "Skip to the content") == ["Skip to the content"]
            browser.press(Keys.ENTER)
            assert browser.run("return document.activeElement.id") == "content"
            assert tab_to(browser, "Circular BDT/1") == ["Circular BDT/1"], "the skip link skips"
            browser.press(Keys.ENTER)
            way = tab_to(browser, "Hold…")
            assert way[:6] == ["Skip to the content", "circulard", "Circulars", "Log", "Groups", "Schedule"], way
            browser.press(Keys.ENTER)
            tab_to(browser, "by")
            browser.press("Ada Okafor")
            assert tab_to(browser, "reason") == ["reason"]
            browser.press("by keys alone")
            assert tab_to(browser, "Hold Circular BDT/1") == ["Hold Circular BDT/1"]
            browser.press(Keys.ENTER)
            assert "hold, by Ada Okafor" in browser.text("[role=status]")
            house.stands(bdt_1="held")
            assert house.did() == [("held", "Ada Okafor", "by keys alone")]


CASES = [
    ("the keyboard alone holds a circular, and the focus is always seen", keyboard_only),
]
