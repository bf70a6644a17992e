"""The peer of the webhook intake: checks HubSpot's v3 signature and hands each event to Celery before it answers.

Run with `uvicorn intake_app:app --workers 2 --loop uvloop --http httptools --no-access-log`, with BROKER_URL,
HUBSPOT_WEBHOOK_URL and HUBSPOT_CLIENT_SECRET in the environment.
"""

import asyncio
import base64
import hmac
import os
import time
from concurrent.futures import ThreadPoolExecutor

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from celery_tasks import process_hubspot_webhook

URL = os.environ["HUBSPOT_WEBHOOK_URL"]
SECRET = os.environ["HUBSPOT_CLIENT_SECRET"].encode()
WINDOW_MILLISECONDS = 300_000
MOST_EVENTS = 100

app = FastAPI(title="Webhook intake")
# Pushes wait for Redis to write to its disk; threads let those of several requests wait together. More than four were
# slower, and so was pushing on the event loop itself.
pushers = ThreadPoolExecutor(4)


@app.get("/readyz")
async def ready() -> dict[str, str]:
    return {"status": "ready"}


async def take(request: Request) -> Response:
    body = await request.body()
    if not is_signed(request, body):
        return answer(401, {"detail": "the signature does not fit"})
    try:
        events = orjson.loads(body)
    except orjson.JSONDecodeError:
        return answer(400, {"detail": "the body is not JSON"})
    if not (isinstance(events, list) and 0 < len(events) <= MOST_EVENTS):
        return answer(422, {"detail": f"the body must be a list of 1 to {MOST_EVENTS} events"})
    await asyncio.get_running_loop().run_in_executor(pushers, push, events)
    return answer(202, {"status": "queued", "accepted": len(events)})


def push(events: list) -> None:
    for event in events:
        process_hubspot_webhook.delay(event)


def is_signed(request: Request, body: bytes) -> bool:
    timestamp = request.headers.get("x-hubspot-request-timestamp", "")
    signature = request.headers.get("x-hubspot-signature-v3", "")
    if not (timestamp.isdecimal() and abs(time.time() * 1000 - int(timestamp)) <= WINDOW_MILLISECONDS):
        return False
    query = f"?{request.url.query}" if request.url.query else ""
    content = f"POST{URL}{query}".encode() + body + timestamp.encode()
    return hmac.compare_digest(base64.b64encode(hmac.digest(SECRET, content, "sha256")), signature.encode())


def answer(status: int, content: dict) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


# A plain Starlette route: FastAPI's own would resolve dependencies that there are none of.
app.add_route("/webhooks/hubspot", take, methods=["POST"])
