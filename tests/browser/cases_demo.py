"""The demonstration ends with the dashboard."""

import re
import signal
import subprocess
import tempfile

from cases_walk import look
from chrome import Chrome
from workspace import PATIENCE, PROGRAM, clean_environment, until


def demonstration():
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as told:
        demo = subprocess.Popen(
            [str(PROGRAM), "demo", "--dashboard"], stdin=subprocess.DEVNULL, stdout=told, stderr=said, env=clean_environment()
        )
        try:
            link = []

            def there():
                said.seek(0)
                link[:] = re.findall(rb"dashboard: (http://\S+)", said.read())
                return link or demo.poll() is not None

            until("the link is printed", there, PATIENCE)
            with Chrome() as browser:
                browser.open(link[0].decode())
                assert browser.driver.title.startswith("REHEARSAL: ")
                assert "Circular BDT/DNS/DGS/112" in browser.text() and "completed" in browser.text()
                browser.follow("Circular BDT/DNS/DGS/112")
                assert "85 of 85 (100 %)" in browser.text() and "What did not get through" in browser.text()
                assert not look(browser, "demonstration")
            demo.send_signal(signal.SIGINT)
            assert demo.wait(PATIENCE) == 0
        finally:
            if demo.poll() is None:
                demo.kill()
                demo.wait()


CASES = [
    ("the demonstration ends with its dashboard", demonstration),
]
