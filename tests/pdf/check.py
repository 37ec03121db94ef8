"""Rehearses a circular, and reads its certificate back with programs that are not ours."""

import json
import pathlib
import subprocess
import sys
import tempfile

PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())


def run(*arguments, expect=0):
    done = subprocess.run(arguments, capture_output=True)
    assert done.returncode == expect, (arguments, done.returncode, done.stderr.decode())
    return done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def main():
    with tempfile.TemporaryDirectory() as folder:
        base = pathlib.Path(folder)
        kept = str(base / "kept")
        run(PROGRAM, "demo", "--keep", kept)
        ask = (PROGRAM, "--workspace", kept, "--rehearsal", "certificate", "112")
        facts, seal = (json.loads(run(*ask, "--format", "json")[0])[key] for key in ("certificate", "seal"))
        deliveries = json.loads(run(*ask, "--format", "json")[0])["deliveries"]

        file = base / "proof.pdf"
        run(*ask, "--out", str(file))
        run("qpdf", "--check", str(file))
        text = run("pdftotext", "-layout", str(file), "-")[0]
        # a hyphen that ends a line is taken for one that came with the break
        plain = "".join(run("pdftotext", str(file), "-")[0].replace("-", "").replace("\u200b", "").split())
        sheets = int(next(line for line in run("pdfinfo", str(file))[0].splitlines() if line.startswith("Pages:")).split()[1])
        assert sheets > 3 and text.count("REHEARSAL · Certificate of dispatch") == sheets, (sheets, text[:500])
        assert plain.count(seal["facts_sha256"]) >= sheets, "the hash stands on every sheet"
        assert "85 addressees = 81 accepted + 4 refused" in text, text[:800]
        assert f"Page {sheets} of {sheets}" in text
        assert text.count("What to do:") == 4
        for line in deliveries:
            for what in ("address", "message_id", "sha256", "reply"):
                assert "".join(line[what].replace("-", "").split()) in plain, (what, line[what])
        assert all("".join(event["kind"].replace("_", " ").replace("-", "").split()) in plain for event in facts["events"])
        fonts = run("pdffonts", str(file))[0].splitlines()[2:]
        assert fonts and all(line.split()[-5] == "yes" for line in fonts), "a font is not inside"
        metadata = run("pdfinfo", "-meta", str(file))[0]
        assert 'pdfaid:part>2<' in metadata and 'pdfaid:conformance>U<' in metadata, metadata
        title = run("pdfinfo", str(file))[0]
        assert f"Certificate of dispatch: {facts['reference']}" in title, title
        print(f"{sheets} sheets, {file.stat().st_size // 1024} kB, {len(deliveries)} addressees, {len(fonts)} fonts: 0 defects")


main()
