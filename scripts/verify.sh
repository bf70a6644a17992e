#!/usr/bin/env bash
# What takes too long for every change: the whole fuzz, random histories of changes, a server under overload, and a gigabyte
# up and down. Run before a release.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

scripts/fuzz.sh
say "Building"
# shellcheck disable=SC2086
swift build -c release --static-swift-stdlib --product geminivideo $SWIFT_BUILD_FLAGS
say "Overloading a server"
python3 Benchmarks/overload.py
# shellcheck disable=SC2086
swift build -c release --static-swift-stdlib --product benchmarks $SWIFT_BUILD_FLAGS
benchmarks="$(swift build -c release --show-bin-path)/benchmarks"
say "Holding a million random histories of changes to their limits"
"$benchmarks" execution --histories 1000000
say "Sending a gigabyte up and down"
"$benchmarks" streams
say "Testing the API's contract with more requests"
# shellcheck disable=SC2086
swift build --product geminivideo $SWIFT_BUILD_FLAGS
CONTRACT_EXAMPLES=50 Tests/Contract/run.sh
