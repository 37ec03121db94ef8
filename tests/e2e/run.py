#!/usr/bin/python3
"""End-to-end cases: the real program, a real mail server of other hands, files as people drop them.

    tests/e2e/run.py [WORD ...]     all cases, or those whose names hold one of the words

Wants target/debug/circulard (or $CIRCULARD), smtp-sink of Debian's postfix, and python3-html5lib. Prints a line per case
and at the end how many passed.
"""

import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import run_cases  # noqa: E402

if __name__ == "__main__":
    # they mostly wait for files to settle
    run_cases.main(sorted(file.stem for file in HERE.glob("cases_*.py")), at_once=3 * (os.cpu_count() or 1))
