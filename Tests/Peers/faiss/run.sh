#!/usr/bin/env bash
# FAISS's and NumPy's own libraries as the peers: they open the files that are written here, find the same in them, and
# write files in which the same is found here.
set -euo pipefail
cd "$(dirname "$0")/../../.."
. scripts/setup.sh
python_environment .build/faiss-venv Tests/Peers/faiss/requirements.txt
bin="$(swift build --show-bin-path)"

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

say "Exchanging files of vectors with FAISS and NumPy"
.build/faiss-venv/bin/python Tests/Peers/faiss/exchange.py "$bin/vector-files" "$folder"
