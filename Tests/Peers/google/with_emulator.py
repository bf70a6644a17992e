"""Runs a command while gcp-storage-emulator serves the bucket `test-bucket`, and tells it the address."""

import os
import socket
import subprocess
import sys
import urllib.request

from gcp_storage_emulator.server import create_server

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]

server = create_server("127.0.0.1", port, in_memory=True, default_bucket="test-bucket")
server.start()
try:
    url = f"http://127.0.0.1:{port}"
    urllib.request.urlopen(f"{url}/storage/v1/b/test-bucket", timeout=60).close()
    status = subprocess.run(sys.argv[1:], env=os.environ | {"GEMINIVIDEO_TEST_STORAGE_URL": url}).returncode
finally:
    server.stop()
sys.exit(status)
