#!/bin/sh
# Holds the API of a running daemon against its own OpenAPI document, by schemathesis, in all its phases and with all its
# checks. By hand: it is of the Python package index, not of Debian, and takes five minutes.
#
#     python3 -m venv /tmp/st && /tmp/st/bin/pip install schemathesis==4.32.5
#     PATH=/tmp/st/bin:$PATH tests/api/run.sh
#
# Makes a workspace with the sample letter, a parked one and a list that waits, and an admin's token.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=${CIRCULARD:-$here/../../target/debug/circulard}
port=${PORT:-8398}
base=$(mktemp -d)
"$program" init "$base/w" > "$base/init"
made=$("$program" --workspace "$base/w" web token)
token=$(echo "$made" | sed -n 's/^token: //p')
cat > "$base/w/circulard.toml" <<END
[schedule]
release = "now"
[web]
listen = "127.0.0.1:$port"
[[web.token]]
name = "tester"
role = "admin"
$(echo "$made" | grep sha256)
expires = "2999-12-31"
END
cp "$base/w/templates/_sample.txt" "$base/w/templates/first.txt"
printf 'Geneva\n\nTo nobody\n' > "$base/w/templates/parked.txt"
"$program" --workspace "$base/w" run 2> "$base/log" &
daemon=$!
trap 'kill $daemon; wait $daemon || true; rm -rf "$base"' EXIT
for _ in $(seq 100); do
    curl -fs -H "Authorization: Bearer $token" "http://127.0.0.1:$port/api/v1/circulars?state=completed" \
        | grep -q '"items":\[{' && break
    sleep 0.1
done
head -2 "$base/w/recipients/academia.csv" > "$base/few" && cp "$base/few" "$base/w/recipients/academia.csv"
cd "$base"
status=0
schemathesis --config-file "$here/schemathesis.toml" run "http://127.0.0.1:$port/api/v1/openapi.json" \
    -H "Authorization: Bearer $token" --rate-limit 25/s "$@" || status=$?
if grep -E 'ERROR|panicked' "$base/log"; then status=1; fi
exit $status
