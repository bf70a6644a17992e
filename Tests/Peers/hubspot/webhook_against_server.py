"""HubSpot's own library signs requests, and a running server takes them; altered ones it refuses and keeps nothing.

Usage: webhook_against_server.py SERVER_URL PUBLIC_URL CLIENT_SECRET DATABASE_FILE
"""

import json
import sqlite3
import sys
import time
import urllib.error
import urllib.request

from hubspot.utils.signature import Signature

server, public_url, secret, database = sys.argv[1:]
checks = 0


def check(holds, what):
    global checks
    checks += 1
    if not holds:
        sys.exit(f"FAILED: {what}")


def post(body, headers, path="/webhooks/hubspot"):
    request = urllib.request.Request(
        server + path, body, {"Content-Type": "application/json", **headers}, method="POST"
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def headers(body, at=None, uri=public_url):
    timestamp = str(int((at or time.time()) * 1000))
    signature = Signature.get_signature(secret, body.decode(), "v3", uri, "POST", timestamp)
    return {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": timestamp}


def events():
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return connection.execute("SELECT COUNT(*) FROM hubspot_events").fetchone()[0]


def body(*ids):
    return json.dumps(
        [
            {
                "eventId": id,
                "subscriptionId": 25,
                "portalId": 62515,
                "appId": 1,
                "occurredAt": 1780000000000 + id,
                "subscriptionType": "deal.propertyChange",
                "attemptNumber": 0,
                "objectId": 900 + id,
                "propertyName": "dealstage",
                "propertyValue": "Größe 漢",
            }
            for id in ids
        ],
        ensure_ascii=False,
    ).encode()


before = events()
one = body(1)
status, answer = post(one, headers(one))
check((status, answer) == (202, {"status": "queued", "accepted": 1, "duplicates": 0, "ignored": 0, "refused": 0}), answer)
status, answer = post(one, headers(one))
check((status, answer["duplicates"]) == (202, 1), answer)
many = body(*range(2, 101))
status, answer = post(many, headers(many))
check((status, answer["accepted"]) == (202, 99), answer)
query = "?a=%2Fb%20c&d=%3A"
signed = headers(one, uri=public_url + "?a=/b%20c&d=:")
check(post(one, signed, "/webhooks/hubspot" + query)[0] == 202, "a query whose escapes HubSpot resolves")
check(events() == before + 100, "each event is kept once")

fresh = body(1000)
good = headers(fresh)
for index in range(len(fresh)):
    altered = bytearray(fresh)
    altered[index] ^= 1
    check(post(bytes(altered), good)[0] == 401, f"byte {index} of the body")
for name, value in good.items():
    for index, character in enumerate(value):
        other = "1" if character != "1" else "2"
        check(post(fresh, {**good, name: value[:index] + other + value[index + 1 :]})[0] == 401, f"{name} {index}")
    check(post(fresh, {k: v for k, v in good.items() if k != name})[0] == 401, f"no {name}")
for seconds in (-3600, -310, 310, 3600):
    check(post(fresh, headers(fresh, time.time() + seconds))[0] == 401, f"signed {seconds} s from now")
check(post(fresh, good, "/webhooks/hubspot?x=1")[0] == 401, "another address")
check(events() == before + 100, "nothing that was refused is kept")
check(post(fresh, headers(fresh))[0] == 202, "the unaltered one is taken")
print(f"HubSpot's library and the server agree on {checks} requests")
