#!/usr/bin/env bash
# Holds a running server to its own OpenAPI document: the document is valid, and no request that schemathesis makes
# up from it gets a 5xx, an undocumented answer, or an acceptance of what the document forbids.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/setup.sh
python_environment .build/contract-venv Tests/Contract/requirements.txt
python="$PWD/.build/contract-venv/bin"

folder="$(mktemp -d)"
server=""
finish() {
  [ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT

export DATABASE_URL="sqlite:$folder/contract.sqlite"
geminivideo="$(swift build --show-bin-path)/geminivideo"
say "Testing the API's contract"
# An account with figures, deals, decisions and changes.
port="$("$python/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
"$geminivideo" trial --account acme --days 3 --days-per-minute 1440 --until-done --port "$port" >/dev/null
"$geminivideo" decide --account acme --budget 600 >"$folder/decision"
decision="$(sed -n 's/^Why: geminivideo explain //p' "$folder/decision")"
key="$("$geminivideo" keys create --account acme --role admin)"
"$geminivideo" accounts limit --account acme --requests-per-minute 1000000 --burst 1000000 >/dev/null
mkfifo "$folder/serve"
# With an address and a secret for HubSpot's webhook, so that it looks at signatures instead of being away.
HUBSPOT_WEBHOOK_URL=https://hooks.example.com/webhooks/hubspot HUBSPOT_CLIENT_SECRET=contract \
  "$geminivideo" serve --port 0 >"$folder/serve" &
server=$!
exec 3<"$folder/serve"
read -r started <&3
url="$(sed -n 's/^Serving \(http[^ ]*\).*/\1/p' <<<"$started")"

"$python/python" - "$url" "$folder/openapi.json" <<'PYTHON'
import sys, urllib.request
open(sys.argv[2], "wb").write(urllib.request.urlopen(sys.argv[1] + "/openapi.json").read())
PYTHON
"$python/openapi-spec-validator" "$folder/openapi.json"

cat >"$folder/schemathesis.toml" <<TOML
[parameters]
"path.account_id" = "acme"
"path.decision_id" = "$decision"
TOML
# Rules between two fields, such as clicks against impressions, cannot be said in a schema: what fits it may still be
# refused, so acceptance of every fitting request is the one check left out.
# Keys are not revoked: one of them is its own.
# What it finds it keeps beside it, so it works in the temporary folder.
cd "$folder"
"$python/schemathesis" --config-file "$folder/schemathesis.toml" run "$url/openapi.json" \
  --header "Authorization: Bearer $key" --checks all --exclude-checks positive_data_acceptance \
  --max-examples "${CONTRACT_EXAMPLES:-20}" --seed "${CONTRACT_SEED:-1}" --continue-on-failure --warnings off \
  --exclude-operation-id revokeKey \
  --no-color
kill "$server" && wait "$server"
server=""
