#!/usr/bin/env bash
# All tests: formatting, lints, documentation, the tests in Rust, then the real program: its dashboard in a real browser,
# and all of it against a real mail server. Of both of these the last line is "N passed, 0 failed".
#
# Wants Rust, a C compiler, and the Debian packages below, which it installs itself where it runs as root.
set -euo pipefail
cd "$(dirname "$0")/.."
exec </dev/null

step() { printf '\n==> %s (%s)\n' "$1" "$(date +%T)"; }

# package and what it is wanted for; postfix has smtp-sink
missing() {
    PATH="$PATH:/usr/sbin:/usr/lib/postfix/sbin"
    command -v smtp-sink >/dev/null || echo postfix
    [ -x /usr/bin/python3 ] || echo python3
    /usr/bin/python3 -c 'import html5lib' 2>/dev/null || echo python3-html5lib
    command -v tidy >/dev/null || echo tidy
    command -v chromium >/dev/null || echo chromium
    command -v chromedriver >/dev/null || echo chromium-driver
    /usr/bin/python3 -c 'import selenium' 2>/dev/null || echo python3-selenium
    # letters in Arabic, and in Chinese
    fc-list ':lang=ar' 2>/dev/null | grep -q . || echo fonts-noto-core
    fc-list ':lang=zh' 2>/dev/null | grep -q . || echo fonts-noto-cjk
}

install() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "tests/run.sh wants these Debian packages: $*" >&2
        echo "as root: apt-get update && apt-get install --no-install-recommends $*" >&2
        exit 1
    fi
    # only its tools are wanted: without a configuration the mail server does not start
    echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections || true
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

tools() {
    command -v cargo >/dev/null || { echo "tests/run.sh wants Rust, see https://rustup.rs" >&2; exit 1; }
    command -v cc >/dev/null || { echo "tests/run.sh wants a C compiler: apt-get install gcc libc6-dev" >&2; exit 1; }
    if ! cargo fmt --version >/dev/null 2>&1 || ! cargo clippy --version >/dev/null 2>&1; then
        rustup component add rustfmt clippy
    fi
}

step "tools and packages"
tools
mapfile -t packages < <(missing)
[ "${#packages[@]}" = 0 ] || install "${packages[@]}"

step "cargo fmt"
cargo fmt --check

step "cargo clippy"
cargo clippy --quiet --all-targets --locked -- -D warnings

step "cargo doc"
RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --locked

step "cargo test"
cargo test --quiet --locked

cargo build --quiet --locked

step "in a browser"
tests/browser/run.py

step "end to end"
exec tests/e2e/run.py
