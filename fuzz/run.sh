#!/bin/sh
# Fuzzes one target on a stable compiler: fuzz/run.sh letter 600
# Coverage comes from the compiler's own pass; sanitizers would need a nightly compiler, and there is no unsafe here.
set -eu
cd "$(dirname "$0")"
target=${1:?name a target: letter, head, csv or label}
seconds=${2:-600}
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares"
# Naming the platform keeps build scripts and proc macros free of the flags.
platform=$(rustc -vV | sed -n 's/^host: //p')
cargo build -q --release --target "$platform" --bin "$target"
mkdir -p "corpus/$target" "artifacts/$target"
case $target in
letter) cp ../tests/letters/*.txt ../tests/letters/*.md ../templates/_sample.txt "corpus/$target/" ;;
csv) cp ../recipients/*.csv ../tests/lists/*.csv ../tests/lists/*.xlsx "corpus/$target/" ;;
head) printf 'send: 7 December 2026, 09:00\nto: Regulators, Academia\ncopy: none\nreply-to: a@b.example\nlanguage: fr\n' >"corpus/$target/seed" ;;
label)
  number=0
  grep -o '"[^"]*"' ../recipients/groups.toml | tr -d '"' | while IFS= read -r label; do
    number=$((number + 1))
    printf ' %s' "$label" >"corpus/$target/seed-$number"
  done
  ;;
esac
exec nice -n 10 "target/$platform/release/$target" "corpus/$target" -max_total_time="$seconds" -max_len=6000 \
  -timeout=60 -print_final_stats=1 -artifact_prefix="artifacts/$target/"
