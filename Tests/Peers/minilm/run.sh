#!/usr/bin/env bash
# sentence-transformers as the peer of the embedded text embedder: the same pieces and the same vectors. It downloads
# torch, some gigabytes, which is why `make verify` runs it and `make test` does not: the tests have a part of its
# answers in Tests/TextEmbeddingMiniLMTests/reference.json, which `reference.py --write` made.
set -euo pipefail
cd "$(dirname "$0")/../../.."
. scripts/setup.sh
scripts/models.sh
python_environment .build/minilm-venv Tests/Peers/minilm/requirements.txt
# shellcheck disable=SC2086
swift build --product embed-texts $SWIFT_BUILD_FLAGS

say "Embedding texts beside sentence-transformers"
.build/minilm-venv/bin/python Tests/Peers/minilm/reference.py \
  "$(swift build --show-bin-path)/embed-texts" "${GEMINIVIDEO_MODELS:-.models}" "$@"
