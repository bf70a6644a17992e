"""Signs requests with HubSpot's own library.

Reads lines of JSON on standard input, {"secret", "method", "uri", "body_base64", "timestamp"}, and writes a line
{"v1", "v2", "v3"} for each. The body must be UTF-8, which is all that the library takes. The library signs the
address as it is given: escapes that HubSpot resolves in a query must be resolved in it.
"""

import base64
import json
import sys

from hubspot.utils.signature import Signature


def signatures(request):
    body = base64.b64decode(request["body_base64"], validate=True).decode("utf-8")
    return {
        version: Signature.get_signature(
            request["secret"], body, version, request["uri"], request["method"], request["timestamp"]
        )
        for version in ("v1", "v2", "v3")
    }


def main():
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(signatures(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
