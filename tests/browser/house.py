"""A house with something of everything: circulars in each state, answers of each kind, a list that waits."""

import re

from chrome import Chrome
from relay import Relay
from workspace import Workspace, letter, until

LATER = "send: 2099-12-07 09:00"
RELAY = """
[[relay]]
name = "main"
url = "{url}"
sessions = 1
"""
CONFIG = """
[schedule]
release = "now"
[watch]
settle = "1s"
rescan = "1s"
[retry]
intervals = "4h"
[delivery]
in_doubt = "hold"
[web]
listen = "127.0.0.1:0"
"""
ACADEMIA = ["Academia"]
REFUSED, DEFERRED, DOUBTED = (
    "cooperation@univ-sahel.example", "dean.ict@univ-rift.example", "research@deccan-tech.example",
)


class House(Workspace):
    """A workspace with a relay of ours, unless it rehearses, its daemon, and how to come in."""

    def __init__(self, answers=None, closed=False, more="", rehearses=False):
        self.relay = Relay(answers, closed)
        self.rehearses = rehearses
        relay = "" if rehearses else RELAY.format(url=self.relay.url)
        super().__init__(relay + CONFIG + more, relay=None)

    def call(self, *arguments, **named):
        return super().call(*(["--rehearsal"] if self.rehearses and arguments[0] != "init" else []), *arguments, **named)

    def __exit__(self, *what):
        # whoever waits for an answer gets it, so that the daemon can end
        self.relay.__exit__()
        return super().__exit__(*what)

    def link(self):
        """The one-time link of the daemon that was started last."""
        found = []
        number = len(self.daemons) - 1

        def there():
            found[:] = re.findall(r"dashboard: (http://\S+)", self.log_of(number))
            return found

        until("the link is printed", there)
        return found[0]

    def enter(self, **named):
        """A browser that has come in."""
        browser = Chrome(**named)
        try:
            browser.open(self.link())
            return browser
        except BaseException:
            browser.__exit__(None, None, None)
            raise

    def stands(self, **states):
        """Waits until circulars stand as said: `bdt_9="held"`."""
        wanted = {key.upper().replace("_", "/"): state for key, state in states.items()}

        def so():
            found = {(name or "").removeprefix("Circular "): state for name, state in self.states().items()}
            return all(found.get(name) == state for name, state in wanted.items())

        until(f"{wanted}; it is {self.states()}", so)

    def waiting(self):
        """Lists that a person has to accept."""
        rows = self.expect(0, "groups", "--format", "json").json()
        return {row["group"] for row in rows if row["pending"]}

    def did(self):
        """Orders of people: what, who, why."""
        query = "SELECT kind, by, reason FROM event_log WHERE reason <> '' AND by <> 'circulard' ORDER BY id"
        rows = self.expect(0, "sql", query, "--format", "json").json()
        return [(row["kind"], row["by"], row["reason"]) for row in rows]


def number(browser, reference):
    """The number of a circular in addresses."""
    browser.go("/")
    script = """
        const links = [...document.querySelectorAll("h2 a[href^='/circulars/']")];
        return links.filter((link) => link.textContent.split(" ").pop() === arguments[0]).map((link) => link.pathname);"""
    [path] = browser.run(script, reference)
    return int(path.rsplit("/", 1)[1])


def full_house():
    """Everything that pages can show, at once."""
    house = House(
        {
            REFUSED: "550 5.1.1 <cooperation@univ-sahel.example>: there is no mailbox of that name here",
            DEFERRED: "452 4.2.2 the mailbox is full, try again later",
            DOUBTED: "drop",
        },
        more='[alerts]\nto = ["operators@itu.example"]\nowner = "owner@itu.example"\n',
    )
    try:
        furnish(house)
        return house
    except BaseException as error:
        house.__exit__(type(error), error, None)
        raise


def furnish(house):
    house.start()
    house.link()
    secret = letter("Circular BDT/4", ACADEMIA, head=LATER, subject="A matter for few")
    for name, text in {
        "one.txt": letter("Circular BDT/1", ACADEMIA),
        "two.txt": letter("Circular BDT/2", ["Regulators"], subject="Regulators’ round table"),
        "three.txt": letter("Circular BDT/3", head=LATER),
        "four.txt": secret.replace("Ref.:", "Confidential\n\nRef.:", 1),
        "five.txt": letter("Circular BDT/5", ["The Administrations of some other planet"]),
        "six.ar.txt": ARABIC,
        "seven.txt": letter("Circular BDT/7", ["Regulators"], head=LATER, subject="Not to be"),
        "eight.txt": letter("Circular BDT/8", ["Regulators"], head="repeat: 0 9 1 * *"),
    }.items():
        house.drop(name, text)
    house.stands(bdt_1="sending", bdt_2="completed", bdt_3="ready", bdt_4="awaiting_approval", bdt_5="parked", bdt_7="ready", bdt_8="ready")
    house.expect(0, "cancel", "BDT/7", "--by", "Ada Okafor", "--reason", "the meeting is off", "--yes")
    house.expect(0, "hold", "BDT/8", "--by", "Ada Okafor", "--reason", "figures to be checked", "--yes")
    until("the refusal is recorded", lambda: len(house.log("BDT/1", "--state", "accepted")) == 8)
    regulators = (house.dir / "recipients/regulators.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    house.drop("regulators.csv", "".join(regulators[:3]), "recipients")
    academia = (house.dir / "recipients/academia.csv").read_text(encoding="utf-8")
    house.drop("academia.csv", academia + "nobody@@nowhere.example,Nobody,,,,,,\n", "recipients")
    until("both lists wait", lambda: house.waiting() == {"academia", "regulators"})


ARABIC = """\
جنيف، 2 يونيو 2026

المرجع: الرسالة المعممة BDT/6

إلى:
- الهيئات الأكاديمية

الموضوع: المنتدى الإقليمي للتنمية (2026)

حضرات السادة والسيدات،
تحية طيبة وبعد،

يسرني أن أدعوكم إلى المشاركة في المنتدى الذي يعقد في Geneva يوم 30 سبتمبر 2026. ويمكن التسجيل من خلال https://www.itu.example/forum.

وتفضلوا بقبول فائق التقدير والاحترام.

دورين مثال
مديرة مكتب تنمية الاتصالات
"""
