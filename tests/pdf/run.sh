#!/usr/bin/env bash
# The certificate as a PDF, by a build with the feature `pdf`: tests/pdf/run.sh
#
# By hand, for the typesetter alone takes many minutes to build. Wants Debian's poppler-utils, qpdf, fonts-noto-core, and
# fonts-noto-cjk.
set -euo pipefail
cd "$(dirname "$0")/../.."
for tool in pdftotext pdfinfo pdffonts qpdf; do
    command -v "$tool" >/dev/null || { echo "tests/pdf/run.sh wants: apt-get install poppler-utils qpdf" >&2; exit 1; }
done
cargo clippy --quiet --all-targets --locked --features pdf -- -D warnings
cargo build --quiet --locked --features pdf
exec python3 tests/pdf/check.py target/debug/circulard
