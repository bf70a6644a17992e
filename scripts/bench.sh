#!/usr/bin/env bash
# Measures the product beside its Python peer, in one run. Options are those of Benchmarks/run.py.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh wrk redis-server
say "Building"
# shellcheck disable=SC2086
swift build -c release --static-swift-stdlib --product geminivideo $SWIFT_BUILD_FLAGS
# shellcheck disable=SC2086
swift build -c release --static-swift-stdlib --product benchmarks $SWIFT_BUILD_FLAGS
bin="$(swift build -c release --show-bin-path)"
say "Measuring"
python3 Benchmarks/run.py --geminivideo "$bin/geminivideo" --bench "$bin/benchmarks" "$@"
