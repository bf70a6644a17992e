#!/usr/bin/env bash
# Builds and runs the fuzzer: 200,000 requests and 200,000 policy lines unless told otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

say "Building the fuzzer"
# shellcheck disable=SC2086
swift build -c release --product fuzz $SWIFT_BUILD_FLAGS
say "Fuzzing"
"$(swift build -c release --show-bin-path)/fuzz" "$@"
