"""What strangers write: letters, lists, file names, replies, addresses of pages. Nothing of it runs, anywhere."""

import re
import urllib.parse

import pages
from chrome import Chrome
from house import House, number
from trap import Trap
from workspace import letter, until

# each would ask the trap for a number of its own, if it ran or were loaded
CORPUS = [
    "<script>fetch('{trap}/{n}')</script>",
    "\"><img src=x onerror=fetch('{trap}/{n}')>",
    "'><svg onload=fetch('{trap}/{n}')>",
    "<img src={trap}/{n}>",
    "</title></textarea></style><script>fetch('{trap}/{n}')</script>",
    "<iframe srcdoc=\"<script>parent.fetch('{trap}/{n}')</script>\"></iframe>",
    "<details open ontoggle=fetch('{trap}/{n}')>",
    "<input autofocus onfocus=fetch('{trap}/{n}')>",
    "--><script>fetch('{trap}/{n}')</script><!--",
    "<link rel=stylesheet href={trap}/{n}>",
    "<meta http-equiv=refresh content=0;url={trap}/{n}>",
]
# these want a click, a second reading, or a way out of where they stand
SLY = [
    "<math><mtext></form><form><mglyph><style></math><img src onerror=fetch('{trap}/{n}')>",
    "<a href=\"javascript:fetch('{trap}/{n}')\">click</a>", "[click](javascript:fetch('{trap}/{n}'))",
    "' onmouseover='fetch(`{trap}/{n}`)", "{{ 7 * 7 }}{% include 'frame.html' %}", "]]><!--", "%3Cscript%3E", "&lt;script&gt;",
]
BIDI, ANSI = "invoice\u202efdp.exe", "\x1b[31mred\x1b[0m"
OURS = "script[src^='/assets/']"


def corpus(trap):
    return [text.replace("{trap}", trap.url).replace("{n}", str(n)) for n, text in enumerate(CORPUS + SLY)]


def control(browser, trap):
    """The trap is one: loose on a page, the corpus runs and loads."""
    for n, text in enumerate(corpus(trap)[: len(CORPUS)]):
        trap.pages[f"/page{n}"] = f"<!DOCTYPE html><title>x</title><body>{text}"
        if text.startswith("</title>"):
            trap.pages[f"/page{n}"] = f"<!DOCTYPE html><title>{text}"
        if text.startswith("-->"):
            trap.pages[f"/page{n}"] = f"<!DOCTYPE html><!-- {text}"
        browser.driver.get(f"{trap.url}/page{n}")
        until(f"it runs where it may: {text}", lambda: f"/{n}" in trap.seen)
    trap.seen.clear()
    browser.complaints()


def furnish(house, words, reply):
    """The words stand wherever strangers write."""
    cell = '"' + " ".join(words).replace('"', '""') + '"'
    rows = [f"h{n}@hostile.example,{cell},{cell},{cell}\n" for n in range(3)]
    house.drop("hostile.csv", "email,name,organization,country\n" + "".join(rows), "recipients")
    house.drop("turned.csv", f"email,name\nt@hostile.example,{BIDI} {ANSI}\n", "recipients")
    house.drop("shrunk.csv", "email,name\n" + "".join(f"s{n}@hostile.example,{cell}\n" for n in range(9)), "recipients")
    house.relay.answers["h0@hostile.example"] = b"550 5.1.1 " + reply
    house.relay.answers["h1@hostile.example"] = b"452 4.2.2 " + reply
    # HTML and such links park a letter; as text, and out of a list, it goes out
    text = "\n\n".join([word.replace("<", "\\<") for word in words if "{%" not in word and "](" not in word])
    body = "Dear {{ addressee.name }} of {{ addressee.organization }},\n\n" + text
    house.drop("text.txt", letter("Circular BDT/1", ["hostile"], subject=" ".join(words)[:600], body=body))
    house.drop("hostile.txt", letter("Circular BDT/5", ["hostile"], subject=words[0], body="\n\n".join(words)))
    house.drop("turned.txt", letter("Circular BDT/2", ["turned"], subject=BIDI, body=f"{BIDI} {ANSI}"))
    house.drop("ready.txt", letter("Circular BDT/3", ["hostile"], subject=words[0], head="send: 2099-12-07 09:00"))
    # a name of a file may hold everything but a slash
    sly = "x\"><img src=x onerror=alert(1)>"
    house.drop(f"{sly}.txt", letter("Circular BDT/4", [words[0], words[1]], subject=words[1]))


def places(house, browser, words):
    """Every page that shows them, and every page that is asked for with them."""
    browser.go("/")
    circulars = sorted({link for link in browser.links() if link.startswith("/circulars/")})
    yield "/"
    for circular in circulars:
        yield circular
        for act in pages.routes("see"):
            if act.startswith("/circulars/{id}/"):
                yield act.replace("/circulars/{id}", circular)
    for row in house.log():
        yield f"/deliveries/{row['delivery']}"
        if row["address"].startswith("h"):
            yield f"/deliveries/{row['delivery']}/message"
            yield f"/deliveries/{row['delivery']}/message.html"
    yield "/addressees?address=h0@hostile.example"
    yield from ("/groups/hostile", "/groups/turned", "/groups/shrunk/accept")
    yield from (path for path in pages.routes("see") if "{" not in path and path not in ("/open", "/events"))
    for word in (words[0], words[1], words[2], words[len(CORPUS) + 3]):
        asked = urllib.parse.quote(word, safe="")
        for key in ("reference", "to", "group", "country", "state", "since", "after", "language", "role", "relay"):
            yield f"/log?{key}={asked}"
        yield from (f"/find?q={asked}", f"/addressees?address={asked}", f"/login?next={asked}", f"/?before={asked}")
        yield from (f"/groups/{asked}", f"/circulars/{asked}", f"{circulars[0]}/settle?address={asked}&reason={asked}")


def look(browser, path):
    """Nothing of theirs became an element, an attribute or a link; nothing was even tried."""
    script = """
        const inert = [...document.querySelectorAll('*')];
        return {
          scripts: document.scripts.length - document.querySelectorAll(arguments[0]).length,
          handlers: inert.flatMap((one) => [...one.attributes])
            .filter((one) => one.name.startsWith('on') || /^\\s*javascript:/i.test(one.value)).map((one) => one.value),
          theirs: document.querySelectorAll('img, iframe:not(.letter), link[rel=stylesheet]:not([href^="/assets/"]), math, ' +
            'details, object, embed, base').length,
          turned: /[\\u202a-\\u202e\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]/.test(document.documentElement.outerHTML),
        };"""
    found = browser.run(script, OURS)
    assert found == {"scripts": 0, "handlers": [], "theirs": 0, "turned": False}, (path, found)
    # of what is not there, or not understood, the browser says so
    refused = [one for one in browser.complaints() if not re.search(r"responded with a status of (400|401|404|409)", one)]
    assert not refused, f"{path}: something was tried: {refused}"


def nothing_runs():
    with Trap() as trap, House() as house, Chrome() as browser:
        control(browser, trap)
        words = corpus(trap)
        reply = " ".join(words).replace("\n", " ").encode()[:900] + BIDI.encode() + ANSI.encode()
        furnish(house, words, reply)
        house.start()
        browser.open(house.link())
        house.stands(bdt_1="sending")
        until("it has gone out", lambda: len(house.log("BDT/1", "--state", "accepted")) == 1)
        until("replies are kept", lambda: len(house.log("BDT/1", "--state", "refused,deferred")) == 2)
        house.drop("shrunk.csv", f"email,name\ns0@hostile.example,{words[0]}\n", "recipients")
        until("a list waits", lambda: house.waiting() == {"shrunk"})
        order(house, browser, words)
        seen = set()
        for path in places(house, browser, words):
            browser.go(path)
            look(browser, path)
            if path.endswith("/message"):
                # the letter itself, in its frame
                browser.run("document.querySelector('iframe.letter').scrollIntoView()")
                browser.driver.switch_to.frame(browser.one("iframe.letter"))
                until("the letter is there", lambda: "BDT/1" in browser.text())
                assert browser.run("return document.querySelectorAll('script, iframe, form, img').length") == 0
                browser.driver.switch_to.default_content()
                look(browser, path)
            seen.add(pages.pattern_of(path, pages.routes("see")))
        missed = {one for one in pages.routes("see") if not one.startswith(("/log.", "/assets/"))} - seen
        assert missed <= {"/open", "/events", "/deliveries/{id}/message.eml"}, f"not looked at with hostile words: {missed}"
        shown_as_text(house, browser, words)
        assert trap.seen == [], f"something ran or was loaded: {[CORPUS[int(n[1:])] for n in trap.seen if n[1:].isdigit()]}"


def order(house, browser, words):
    """A person's name and reason are words too."""
    browser.go(f"/circulars/{number(browser, 'BDT/3')}/hold")
    browser.fill("[name=by]", words[1])
    browser.fill("[name=reason]", " ".join(words)[:900])
    browser.click("main form.stack button[type=submit]")
    house.stands(bdt_3="held")


def shown_as_text(house, browser, words):
    """They are not swallowed either: what was written is what is read."""
    [refused] = [row for row in house.log("BDT/1") if row["state"] == "refused"]
    browser.go(f"/deliveries/{refused['delivery']}")
    text = browser.text()
    assert words[0] in text and words[1] in text and "{{ 7 * 7 }}" in text, text
    assert "[U+202E]" in text and "\u202e" not in text, text


CASES = [
    ("of a hostile corpus nothing runs, is loaded, or turns words around, on any page", nothing_runs),
]
