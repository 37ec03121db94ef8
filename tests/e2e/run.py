#!/usr/bin/python3
"""End-to-end cases: the real program, a real mail server of other hands, files as people drop them.

    tests/e2e/run.py [WORD ...]     all cases, or those whose names hold one of the words

Wants target/debug/circulard (or $CIRCULARD), smtp-sink of Debian's postfix, python3-html5lib and python3-jsonschema.
Prints a line per case and at the end how many passed.
"""

import concurrent.futures
import importlib
import os
import pathlib
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
ROOMS = sorted(file.stem for file in pathlib.Path(__file__).parent.glob("cases_*.py"))


def cases():
    for room in ROOMS:
        module = importlib.import_module(room)
        yield from module.CASES


def attempt(case):
    name, act = case
    began = time.monotonic()
    try:
        act()
        return name, None, time.monotonic() - began
    except Exception:  # whatever it is, the other cases go on
        return name, traceback.format_exc(), time.monotonic() - began


def main():
    words = sys.argv[1:]
    chosen = [case for case in cases() if not words or any(word in case[0] for word in words)]
    names = [name for name, _ in chosen]
    assert len(set(names)) == len(names), "two cases have one name"
    # they mostly wait for files to settle
    at_once = int(os.environ.get("E2E_AT_ONCE", "0")) or 3 * (os.cpu_count() or 1)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for future in concurrent.futures.as_completed([pool.submit(attempt, case) for case in chosen]):
            name, error, seconds = future.result()
            failed += error is not None
            print(f"{'ok  ' if error is None else 'FAIL'} {name} ({seconds:.1f} s)", flush=True)
            if error:
                print("     " + error.replace("\n", "\n     "), flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    sys.exit(1 if failed or not chosen else 0)


if __name__ == "__main__":
    main()
