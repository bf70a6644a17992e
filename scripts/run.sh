#!/usr/bin/env bash
# Builds the product, tries it on an account with made-up figures, and serves it on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

# Not optimised: that takes twice as long to build, and the tests need this build, too.
say "Building (the first time takes some minutes)"
# shellcheck disable=SC2086
swift build --product geminivideo $SWIFT_BUILD_FLAGS
geminivideo="$(swift build --show-bin-path)/geminivideo"

export DATABASE_URL="${DATABASE_URL:-sqlite:.geminivideo/demo.sqlite}"
host="${HOST:-127.0.0.1}"
port="${PORT:-8080}"

say "Splitting 600.00 a day over the demo account's ads"
"$geminivideo" demo

key="$("$geminivideo" keys create --account demo --role admin --name "make run" --expires-in-days 1)"

say "Serving it: stop with Ctrl-C"
cat <<TEXT
  URL      http://$host:$port   (description: http://$host:$port/openapi.json)
  API key  $key   (account demo, for a day)
  Try      curl -s -H 'Authorization: Bearer $key' -H 'Content-Type: application/json' \\
             -d '{"total_budget": 600}' http://$host:$port/api/ml/battle-hardened/select

TEXT
exec "$geminivideo" serve --host "$host" --port "$port"
