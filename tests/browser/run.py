#!/usr/bin/python3
"""The dashboard in a real browser: every page, every act, as people meet them.

    tests/browser/run.py [WORD ...]              all cases, or those whose names hold one of the words
    PICTURES=DIR tests/browser/run.py            the same, and a picture of each page in DIR, to be looked at

Wants target/debug/circulard (or $CIRCULARD) and Debian's chromium, chromium-driver and python3-selenium. Prints a line per
case and at the end how many passed.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

import run_cases  # noqa: E402

if __name__ == "__main__":
    # the longest first; a browser waits half of its time
    names = sorted((file.stem for file in HERE.glob("cases_*.py")), key=lambda name: (name != "cases_walk", name))
    run_cases.main(names, at_once=3)
