"""A real browser: Debian's Chromium, driven by its driver. Everything it loads is on loopback."""

import base64
import json
import os
import pathlib
import tempfile
import time

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

HERE = pathlib.Path(__file__).resolve().parent
AXE = (HERE / "vendor/axe.min.js").read_text(encoding="utf-8")
DESKTOP, PHONE = (1280, 900), (390, 844)
# what each page is looked at as: size, colours
MODES = {"desktop": (DESKTOP, "light"), "dark": (DESKTOP, "dark"), "phone": (PHONE, "light")}
# people look at these
PICTURES = os.environ.get("PICTURES")


def patient(ask):
    """Pages load themselves anew while circulars go out: what is asked then is asked again."""
    for _ in range(100):
        try:
            return ask()
        except WebDriverException as error:
            lost = error
            time.sleep(0.05)
    raise lost


def options(scripts):
    found = webdriver.ChromeOptions()
    found.binary_location = "/usr/bin/chromium"
    flags = [
        "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-default-browser-check",
        "--force-color-profile=srgb", "--lang=en", "--no-proxy-server",
        # nothing is asked outside of this machine
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    ]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")
    for flag in flags:
        found.add_argument(flag)
    if not scripts:
        found.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    found.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return found


class Chrome:
    """One browser, with cookies of its own. `scripts=False`: one without JavaScript."""

    def __init__(self, scripts=True):
        self.home = tempfile.TemporaryDirectory(prefix="circulard-chrome-", ignore_cleanup_errors=True)
        # some of its files go where the environment says
        env = {**os.environ, "HOME": self.home.name, "XDG_CONFIG_HOME": self.home.name, "XDG_CACHE_HOME": self.home.name}
        service = Service("/usr/bin/chromedriver", env=env)
        self.driver = webdriver.Chrome(service=service, options=options(scripts))
        self.driver.set_page_load_timeout(60)
        self.scripts = scripts
        self.base = ""
        self.turn_to("desktop")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        if error and hasattr(error, "add_note"):
            try:
                error.add_note(f"the browser was at {self.driver.current_url}\n{self.text()[:1500]}")
            except Exception as lost:  # what failed before is what counts
                error.add_note(f"the browser says nothing any more: {lost}")
        self.driver.quit()
        self.home.cleanup()

    # where it is

    def open(self, link):
        """By the one-time link; what comes after are paths."""
        self.base = "/".join(link.split("/")[:3])
        self.driver.get(link)

    def go(self, path):
        self.driver.get(self.base + path)

    @property
    def path(self):
        return patient(lambda: self.driver.current_url).removeprefix(self.base)

    # what is there

    def text(self, css="body"):
        """What people read there. A page that is just being loaded is waited for."""
        return patient(lambda: self.one(css).text)

    def texts(self, css):
        """What stands in each of them."""
        script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent.trim())"
        return patient(lambda: self.run(script, css))

    def one(self, css):
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def links(self):
        """Where the links of the page go, on this dashboard."""
        found = self.run("return [...document.querySelectorAll('a[href]')].map((a) => a.getAttribute('href'))")
        return [link for link in found if link.startswith("/")]

    def fetch(self, path):
        """Status, kind and octets of what is no page, asked for by the page."""
        script = """
            const [path, done] = arguments;
            fetch(path).then(async (answer) => {
              const octets = new Uint8Array(await answer.arrayBuffer());
              let text = '';
              for (const octet of octets) text += String.fromCharCode(octet);
              done([answer.status, answer.headers.get('content-type'), btoa(text)]);
            });"""
        self.driver.set_script_timeout(60)
        status, kind, octets = self.driver.execute_async_script(script, path)
        return status, kind, base64.b64decode(octets)

    # what is done

    def click(self, css):
        element = self.one(css) if isinstance(css, str) else css
        element.click()

    def follow(self, words):
        """The link of these words."""
        self.driver.find_element(By.LINK_TEXT, words).click()

    def fill(self, css, words):
        element = self.one(css)
        element.clear()
        element.send_keys(words)

    def press(self, *keys):
        self.driver.switch_to.active_element.send_keys(*keys)

    # how it looks

    def cdp(self, command, **arguments):
        return self.driver.execute_cdp_cmd(command, arguments)

    def turn_to(self, mode):
        (width, height), colours = MODES[mode]
        self.cdp(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mode == "phone"
        )
        self.media(colours=colours)

    def media(self, medium="", colours="light"):
        # what moves is not to be measured while it moves
        features = {"prefers-color-scheme": colours, "prefers-reduced-motion": "reduce"}
        features = [{"name": name, "value": value} for name, value in features.items()]
        self.cdp("Emulation.setEmulatedMedia", media=medium, features=features)

    def picture(self, name):
        """Of the whole page, where somebody wants pictures."""
        if not PICTURES:
            return
        folder = pathlib.Path(PICTURES)
        folder.mkdir(parents=True, exist_ok=True)
        taken = self.cdp("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        (folder / f"{name}.png").write_bytes(base64.b64decode(taken["data"]))

    def style(self, css, *names, part=None):
        script = """
            const style = getComputedStyle(document.querySelector(arguments[0]), arguments[2]);
            return arguments[1].map((name) => style.getPropertyValue(name));"""
        return self.run(script, css, names, part)

    def let_loose(self):
        """A document that may run nothing is looked at in a place where tools can."""
        html = "<!DOCTYPE html>" + self.run("return document.documentElement.outerHTML")
        self.driver.get("about:blank")
        frame = self.cdp("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self.cdp("Page.setDocumentContent", frameId=frame, html=html)
        # what a browser paints where nothing is painted; tools take it for white
        self.run("document.documentElement.style.background = 'Canvas'")

    # what is wrong

    def complaints(self):
        """What the browser has to complain of since it was asked last: refused scripts, errors, what could not be loaded."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def violations(self, without=()):
        """What axe-core finds against the accessibility of the page as it stands, by all its rules but those named."""
        if not self.run("return typeof axe !== 'undefined'"):
            self.run(AXE + "; window.axe = axe;")
        # the letter's frame is a document of its own, and is looked at by itself
        script = """
            const [without, done] = arguments;
            const rules = Object.fromEntries(without.map((rule) => [rule, {enabled: false}]));
            axe.run(document, {iframes: false, resultTypes: ['violations'], rules}).then(
              (found) => done(found.violations.map((one) =>
                `${one.id} (${one.impact}): ${one.help}: ` +
                one.nodes.map((node) => `${node.target} ${node.html} ${node.failureSummary}`).join('; '))),
              (error) => done([String(error)]));"""
        self.driver.set_script_timeout(60)
        return self.driver.execute_async_script(script, list(without))

    def overflow(self):
        """By how much the page is wider than the window, and what is."""
        script = """
            const root = document.documentElement;
            const over = root.scrollWidth - root.clientWidth;
            if (over <= 0) return null;
            const wide = [...document.querySelectorAll('body *')].filter(
              (one) => one.getBoundingClientRect().right > root.clientWidth + 0.5 || one.getBoundingClientRect().left < -0.5);
            return over + ' px: ' + wide.slice(0, 5).map((one) => one.outerHTML.slice(0, 200)).join(' | ');"""
        return self.run(script)


def shown(found):
    return json.dumps(found, indent=1, ensure_ascii=False)


__all__ = ["Chrome", "Keys", "MODES", "shown"]
