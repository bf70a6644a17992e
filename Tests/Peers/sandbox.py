"""A running sandbox as a process of its own, for the scripts that drive it by the vendors' libraries."""

import json
import subprocess
import urllib.request


class Sandbox:
    """Serves while it is used as a context; `address` is what it says of itself."""

    def __init__(self, program, *options):
        self.process = subprocess.Popen(
            [program, "sandbox", "--port", "0", *options], stdout=subprocess.PIPE, text=True
        )
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{program} sandbox did not start")
        self.address = json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.address['graph_url']}/_sandbox/{path}", data=data, method=method
        )
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.load(answer)

    def state(self):
        return self.control("GET", "state")

    def advance(self, **time):
        return self.control("POST", "advance", time)
