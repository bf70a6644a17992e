#!/usr/bin/env bash
# Measures the embedded text embedder beside torch and onnxruntime, in one run. Options are those of
# Benchmarks/embedding.py. It is apart from bench.sh because its peers take some gigabytes.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh
scripts/models.sh
python_environment .build/embedding-venv Benchmarks/peer/embedding-requirements.txt
say "Building"
# shellcheck disable=SC2086
swift build -c release --static-swift-stdlib --product benchmarks $SWIFT_BUILD_FLAGS
say "Measuring"
python3 Benchmarks/embedding.py --bench "$(swift build -c release --show-bin-path)/benchmarks" \
  --python .build/embedding-venv/bin/python --models "${GEMINIVIDEO_MODELS:-.models}" \
  --folder .build/embedding-bench "$@"
