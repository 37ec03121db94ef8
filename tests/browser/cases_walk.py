"""Every page of the table of routes, in light and dark, on a desk and on a phone, and on paper."""

import pages
from chrome import MODES
from house import full_house


def look(browser, name):
    """What is wrong with the page that the browser shows, in every mode."""
    status = pages.UNWELCOME.get(name, 200)
    said = browser.run("return performance.getEntriesByType('navigation')[0].responseStatus")
    wrong = [] if said == status else [f"{said}, not {status}: {browser.text()[:500]}"]
    # of a page that says "there is no such thing" the browser says so too
    complaints = [one for one in browser.complaints() if not (status >= 400 and f"status of {status}" in one)]
    wrong += [f"the browser complains: {one}" for one in complaints]
    without = ()
    if name.startswith("letter"):
        browser.let_loose()
        # what pages have and letters have not
        without = ("landmark-one-main", "region")
    for mode in MODES:
        browser.turn_to(mode)
        wrong += [f"{mode}: {one}" for one in browser.violations(without)]
        over = browser.overflow()
        wrong += [f"{mode}: wider than the window by {over}"] if over else []
        browser.picture(f"{name}-{mode}")
    browser.turn_to("desktop")
    return [f"{name}: {one}" for one in wrong]


def every_page():
    with full_house() as house, house.enter() as browser:
        places = pages.places(house, browser)
        accepted = next(row["delivery"] for row in house.log("BDT/1") if row["state"] == "accepted")
        others = pages.taken_away(browser, accepted)
        table = pages.routes("see")
        assert len(table) > 20, "the table of routes is written differently now"
        walked = set(places) | set(others) | pages.ELSEWHERE
        assert walked == set(table), f"walks and routes differ: {walked ^ set(table)}"
        links, wrong = set(), []
        for pattern, addresses in places.items():
            for name, address in addresses:
                browser.go(address)
                arrived = pages.pattern_of(browser.path, table)
                assert arrived == pattern or pattern == "/find", f"{address} is {arrived}, not {pattern}"
                wrong += look(browser, name)
                links |= {(link, name) for link in browser.links()}
        for address, kind in others.values():
            status, said, octets = browser.fetch(address)
            assert (status, said) == (200, kind) and octets, (address, status, said)
        unknown = {(link, name) for link, name in links if pages.pattern_of(link, table) not in walked}
        assert not unknown, f"links that no walk knows: {unknown}"
        assert not wrong, "\n".join(wrong)


CASES = [
    ("every page is walked, accessible, sound, and no wider than a phone", every_page),
]
