#!/usr/bin/env bash
# Measures searches of vectors beside faiss-cpu, in one run on one core: of 100,000 vectors, or as many as are named.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh
python_environment .build/faiss-venv Tests/Peers/faiss/requirements.txt
say "Building"
# shellcheck disable=SC2086
swift build -c release --static-swift-stdlib --product benchmarks $SWIFT_BUILD_FLAGS
say "Measuring"
.build/faiss-venv/bin/python Benchmarks/vectors.py "$(swift build -c release --show-bin-path)/benchmarks" "$@"
