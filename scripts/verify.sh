#!/usr/bin/env bash
# What takes too long for every change: the whole fuzz, and a server under overload. Run before a release.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

scripts/fuzz.sh
say "Building"
# shellcheck disable=SC2086
swift build -c release --static-swift-stdlib --product geminivideo $SWIFT_BUILD_FLAGS
say "Overloading a server"
python3 Benchmarks/overload.py
Tests/Peers/minilm/run.sh
