#!/usr/bin/env bash
# Runs every test: the Swift suites, then the API's contract against a running server.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

say "Building the tests (the first time takes some minutes)"
# shellcheck disable=SC2086
swift build --build-tests $SWIFT_BUILD_FLAGS
say "Testing"
swift test --skip-build
Tests/Contract/run.sh
Tests/Peers/hubspot/run.sh
