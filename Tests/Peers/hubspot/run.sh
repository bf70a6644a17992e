#!/usr/bin/env bash
# HubSpot's official library as the peer: it reads from the HubSpot that the tests make up, which shows that this one
# is faithful, and it signs webhooks for a running server.
set -euo pipefail
cd "$(dirname "$0")/../../.."
. scripts/setup.sh
python_environment .build/hubspot-venv Tests/Peers/hubspot/requirements.txt
python="$PWD/.build/hubspot-venv/bin/python"
bin="$(swift build --show-bin-path)"

folder="$(mktemp -d)"
started=()
finish() {
  for process in "${started[@]}"; do
    kill "$process" 2>/dev/null && wait "$process" 2>/dev/null || true
  done
  rm -rf "$folder"
}
trap finish EXIT

# Starts a server, and sets `url` to the address that it says it serves.
serving() {
  pipe="$folder/pipe-${#started[@]}"
  mkfifo "$pipe"
  "$@" >"$pipe" &
  started+=("$!")
  exec 3<"$pipe"
  read -r line <&3
  url="$(grep -o 'http://[0-9.:]*' <<<"$line")"
}

say "Reading from the made-up HubSpot by HubSpot's own library"
"$python" Tests/Peers/hubspot/sdk_against_fake.py "$bin/fake-hubspot"

say "Reading from the sandbox's HubSpot by HubSpot's own library"
"$python" Tests/Peers/hubspot/sdk_against_sandbox.py "$bin/geminivideo"

say "Sending webhooks signed by HubSpot's own library"
export DATABASE_URL="sqlite:$folder/webhook.sqlite"
export HUBSPOT_WEBHOOK_URL=https://hooks.example.com/webhooks/hubspot
export HUBSPOT_CLIENT_SECRET=3f1d6d3a-0000-4000-8000-9b7c5a2e1d00
"$bin/geminivideo" accounts create --account acme
"$bin/geminivideo" hubspot map --portal 62515 --account acme
serving "$bin/geminivideo" serve --port 0
"$python" Tests/Peers/hubspot/webhook_against_server.py \
  "$url" "$HUBSPOT_WEBHOOK_URL" "$HUBSPOT_CLIENT_SECRET" "$folder/webhook.sqlite"
