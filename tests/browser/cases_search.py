"""The log's form: what it finds is what the command line finds."""

import json

from house import REFUSED, House, number
from workspace import letter, until


def rows(browser):
    return set(browser.texts("table.log tbody th a"))


def by_every_field():
    with House({REFUSED: "550 5.1.1 no such mailbox"}) as house:
        house.start()
        short = "I have the honour to inform you of a year of work."
        house.drop("one.en.txt", letter("Circular BDT/1", ["Academia"], body=short, head="copy: Permanent Missions"))
        house.drop("one.fr.txt", FRENCH_LETTER)
        house.stands(bdt_1="completed")
        with house.enter() as browser:
            one = number(browser, "BDT/1")
            for fields, flags in [
                ({"language": "FR"}, ["--language", "fr"]),
                ({"role": "copy"}, ["--role", "copy"]),
                ({"role": "to", "language": "fr"}, ["--role", "to", "--language", "fr"]),
                ({"relay": "main", "country": "Niger"}, ["--relay", "main", "--country", "Niger"]),
                ({"relay": "other"}, ["--relay", "other"]),
                ({"reference": "bdt/1", "group": "missions"}, ["--group", "missions"]),
                ({"to": REFUSED.upper()}, ["--to", REFUSED]),
                ({"since": "2020-01-01", "until": "2099-01-01"}, []),
            ]:
                browser.go("/log")
                for name, value in fields.items():
                    element = browser.one(f"form.search [name={name}]")
                    if element.tag_name == "select":
                        browser.click(f"form.search [name={name}] option[value={value}]")
                    else:
                        browser.fill(f"form.search [name={name}]", value)
                browser.click("form.search button[type=submit]")
                found = house.log(*flags)
                expected = {row["address"] for row in found}
                until(f"{fields} finds {len(found)}", lambda: "?" in browser.path and rows(browser) == expected)
                if found:
                    # the form says what was asked, and what is taken away is the same
                    asked = {name: browser.one(f"form.search [name={name}]").get_attribute("value") for name in fields}
                    assert {name: value.lower() for name, value in asked.items()} == {
                        name: value.lower() for name, value in fields.items()
                    }
                    path = browser.one(".take a[href^='/log.json']").get_attribute("href").removeprefix(browser.base)
                    _, _, octets = browser.fetch(path)
                    assert json.loads(octets) == found
            browser.go("/log?role=audience")
            assert "not a role" in browser.text("[role=alert]")
            browser.go("/log")
            browser.click("form.search [value=refused]")
            browser.click("form.search button[type=submit]")
            until("the refusal is found", lambda: rows(browser) == {REFUSED})
            assert f"/log?circular={one}" in {link for link in (browser.go(f"/circulars/{one}"), browser.links())[1]}


FRENCH_LETTER = """\
Genève, le 3 décembre 2021

Réf. : Circular BDT/1

Aux :
- Établissements universitaires

Copie à : Missions permanentes

Objet : Initiative pour la protection des enfants en ligne

Madame, Monsieur,

J'ai l'honneur de vous informer d'une année de travail.

Veuillez agréer, Madame, Monsieur, l'assurance de ma considération distinguée.

Doreen Exemple
Directrice
"""

CASES = [
    ("the log's form finds by every field what the command line finds", by_every_field),
]
