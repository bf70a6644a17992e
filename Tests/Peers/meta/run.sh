#!/usr/bin/env bash
# Meta's official library as the peer: it reads from a running sandbox and changes it, which shows that the sandbox
# speaks Meta's protocol. Nothing is asked of Meta itself.
set -euo pipefail
cd "$(dirname "$0")/../../.."
. scripts/setup.sh
python_environment .build/meta-venv Tests/Peers/meta/requirements.txt
bin="$(swift build --show-bin-path)"

say "Driving the sandbox by Meta's own library"
.build/meta-venv/bin/python Tests/Peers/meta/sdk_against_sandbox.py "$bin/geminivideo"
