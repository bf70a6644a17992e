#!/usr/bin/env bash
# Google's official client as the peer of the made-up Cloud Storage, and an emulator that others wrote as the peer of this
# project's client. Nothing is asked of Google itself.
set -euo pipefail
cd "$(dirname "$0")/../../.."
. scripts/setup.sh
python_environment .build/google-venv Tests/Peers/google/requirements.txt
python="$PWD/.build/google-venv/bin/python"
bin="$(swift build --show-bin-path)"

say "Driving the made-up Cloud Storage by Google's own client"
"$python" Tests/Peers/google/sdk_against_fake.py "$bin/fake-cloud-storage"

say "Keeping blobs in gcp-storage-emulator"
"$python" Tests/Peers/google/with_emulator.py swift test --skip-build --filter StorageEmulatorTests
