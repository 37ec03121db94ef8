"""Runs cases beside each other: those of a folder's modules, or those whose names hold one of the words given."""

import concurrent.futures
import importlib
import os
import sys
import time
import traceback


def attempt(case):
    name, act = case
    began = time.monotonic()
    try:
        act()
        return name, None, time.monotonic() - began
    except Exception:  # whatever it is, the other cases go on
        return name, traceback.format_exc(), time.monotonic() - began


def main(modules, at_once):
    """Each module has CASES: names, and what is done. Ends the program."""
    cases = [case for module in modules for case in importlib.import_module(module).CASES]
    words = sys.argv[1:]
    chosen = [case for case in cases if not words or any(word in case[0] for word in words)]
    names = [name for name, _ in chosen]
    assert len(set(names)) == len(names), "two cases have one name"
    at_once = int(os.environ.get("E2E_AT_ONCE", "0")) or at_once
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
