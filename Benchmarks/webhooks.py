"""The webhook intake: signed events that are on disk before they are answered, beside FastAPI with Celery on Redis."""

import base64
import hmac
import sqlite3
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

from broker import broker, broker_url, tasks_left
from figures import Row, last_json, medians, rate_row, time_row
from processes import (
    ACCOUNT, Failure, balanced, call, child_environment, create_account, free_port, progress, run, running, server)

HERE = Path(__file__).resolve().parent
CONNECTIONS = 64
PEER_WORKERS = 2
WARM_UP_SECONDS = 2
# More than either side can take. Each request is signed before the load, which so has enough of them.
PRODUCT_LIMIT, PEER_LIMIT = 20_000, 5_000
DEALS = 5_000
PORTAL = 62_515
PATH = "/webhooks/hubspot"
SETTINGS = {
    "HUBSPOT_WEBHOOK_URL": f"https://hooks.example.com{PATH}",
    "HUBSPOT_CLIENT_SECRET": "a-secret-of-the-benchmark",
}


# --- What is sent ---


def signed(body: bytes) -> dict[str, str]:
    """The headers that sign a request now."""
    now = int(time.time() * 1000)
    content = f"POST{SETTINGS['HUBSPOT_WEBHOOK_URL']}".encode() + body + str(now).encode()
    code = hmac.digest(SETTINGS["HUBSPOT_CLIENT_SECRET"].encode(), content, "sha256")
    return {"X-HubSpot-Signature-v3": base64.b64encode(code).decode(), "X-HubSpot-Request-Timestamp": str(now)}


class SignedEvents:
    """Makes requests of one event each, no two of the same event."""

    def __init__(self) -> None:
        self.next_event = 1_000_000_000

    def parts(self) -> tuple[bytes, dict[str, str]]:
        """A body and the headers that sign it now. All have the same lengths."""
        event, self.next_event = self.next_event, self.next_event + 1
        now = int(time.time() * 1000)
        body = (
            f'[{{"eventId":{event},"subscriptionId":25,"portalId":{PORTAL},"appId":1160452,"occurredAt":{now},'
            f'"subscriptionType":"deal.propertyChange","attemptNumber":0,"objectId":{100_000 + event * 7919 % DEALS},'
            f'"propertyName":"dealstage","propertyValue":"appointmentscheduled","changeSource":"CRM_UI"}}]').encode()
        return body, signed(body)

    def write(self, path: Path, count: int) -> int:
        """Writes whole requests one behind the other; returns the length of one."""
        with path.open("wb") as file:
            for _ in range(count):
                body, headers = self.parts()
                lines = [f"POST {PATH} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json",
                         f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in headers.items())]
                file.write("\r\n".join([*lines, "", ""]).encode() + body)
            return file.tell() // count


# --- Measurements ---


def load(name: str, port: int, folder: Path, seconds: int, limit: int, events: SignedEvents) -> dict:
    path = folder / "requests.bin"
    try:
        length = events.write(path, seconds * limit)
        result = last_json(run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-s", HERE / "signed.lua",
             f"http://127.0.0.1:{port}"],
            env=child_environment(folder) | {"REQUESTS": str(path), "REQUEST_BYTES": str(length)}))
    finally:
        path.unlink(missing_ok=True)
    if result["non_2xx"] or result["socket_errors"] or not result["requests"]:
        raise Failure(f"{name} did not answer every webhook: {result}")
    return result


def check_answers(name: str, port: int, events: SignedEvents) -> None:
    """What is signed is taken, and what is not is not."""
    body, headers = events.parts()
    forged = headers | {"X-HubSpot-Signature-v3": base64.b64encode(bytes(32)).decode()}
    for wanted, sent in ((401, forged), (202, headers)):
        status, answer = call(port, "POST", PATH, body, sent)
        if status != wanted:
            raise Failure(f"{name} answered {status} and not {wanted}: {answer[:500].decode(errors='replace')}")


def check_count(name: str, kept: int, answered: int, loads: int) -> None:
    """All that was answered is kept; of each load, what was under way at its end may be too."""
    if not answered <= kept <= answered + loads * CONNECTIONS:
        raise Failure(f"{name} keeps {kept} events, and answered {answered}")


def measure_product(geminivideo: Path, folder: Path, seconds: int, *, slow_worker: bool) -> dict:
    place = folder / f"webhooks-{time.monotonic_ns()}"
    place.mkdir()
    database = f"sqlite:{place / 'webhooks.sqlite'}"
    create_account(geminivideo, database, place)
    run([geminivideo, "hubspot", "map", "--portal", PORTAL, "--account", ACCOUNT, "--database", database],
        cwd=place, env=child_environment(place))
    settings, port, events = SETTINGS | {"DATABASE_URL": database}, free_port(), SignedEvents()
    with ExitStack() as stack:
        stack.enter_context(server([geminivideo, "serve", "--port", port], port, place, settings))
        hubspot_calls = stack.enter_context(working_slowly(geminivideo, place, settings)) if slow_worker else None
        check_answers("geminivideo", port, events)
        warm_up = load("geminivideo", port, place, WARM_UP_SECONDS, PRODUCT_LIMIT, events)
        result = load("geminivideo", port, place, seconds, PRODUCT_LIMIT, events)
        if hubspot_calls:
            result["hubspot_calls"] = hubspot_calls()
    check_kept(place / "webhooks.sqlite", 1 + warm_up["requests"] + result["requests"])
    return result


@contextmanager
def working_slowly(geminivideo: Path, folder: Path, settings: dict[str, str]):
    """Runs a worker on a HubSpot that is slow; the block gets how to ask for the calls it has had."""
    port = free_port()
    hubspot = {"HUBSPOT_API_URL": f"http://127.0.0.1:{port}", "HUBSPOT_ACCESS_TOKEN": "a-token-of-the-benchmark"}
    with (server([sys.executable, HERE / "slow_hubspot.py", "--port", port], port, folder),
          running([geminivideo, "worker"], folder, lambda: True, settings | hubspot) as worker):

        def calls() -> int:
            if worker.poll() is not None:
                raise Failure(f"the worker ended with {worker.returncode}")
            count = int(call(port, "GET", "/calls")[1])
            if not count:
                raise Failure("the worker did not call HubSpot, so it was not slowed down")
            return count

        yield calls


def check_kept(path: Path, answered: int) -> None:
    connection = sqlite3.connect(path)
    try:
        kept, = connection.execute("SELECT count(*) FROM hubspot_events").fetchone()
        forgotten, = connection.execute(
            """
            SELECT count(*) FROM (SELECT DISTINCT account_id, deal_id FROM hubspot_events WHERE state = 'queued') deals
            WHERE NOT EXISTS (
              SELECT 1 FROM jobs WHERE jobs.account_id = deals.account_id AND unique_key = deal_id
                AND name = 'process_hubspot_webhook' AND state IN ('available', 'scheduled', 'running'))
            """).fetchone()
    except sqlite3.Error as error:
        raise Failure(f"the database cannot be read after the webhooks: {error}") from None
    finally:
        connection.close()
    check_count("geminivideo", kept, answered, loads=2)
    if forgotten:
        raise Failure(f"{forgotten} deals have events that no job will work off")


def measure_peer(python: Path, folder: Path, seconds: int) -> dict:
    port, events = free_port(), SignedEvents()
    command = [python, "-m", "uvicorn", "intake_app:app", "--app-dir", HERE / "peer", "--workers", PEER_WORKERS,
               "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning",
               "--host", "127.0.0.1", "--port", port]
    answered = [1]

    def counted_load(seconds: int) -> dict:
        result = load("the peer", port, folder, seconds, PEER_LIMIT, events)
        answered.append(result["requests"])
        return result

    with (broker(folder) as broker_port,
          server(command, port, folder, SETTINGS | {"BROKER_URL": broker_url(broker_port)}) as process):
        check_answers("the peer", port, events)
        counted_load(WARM_UP_SECONDS)
        result = balanced(process, PEER_WORKERS, lambda: counted_load(seconds))
        check_count("the peer", tasks_left(broker_port), sum(answered), loads=len(answered))
    return result


def measure(geminivideo: Path, python: Path, folder: Path, seconds: int, rounds: int) -> dict:
    turns = {
        "geminivideo": lambda: measure_product(geminivideo, folder, seconds, slow_worker=False),
        "slow_worker": lambda: measure_product(geminivideo, folder, seconds, slow_worker=True),
        "peer": lambda: measure_peer(python, folder, seconds),
    }
    results = {name: [] for name in turns}
    for number in range(rounds):
        progress(f"webhooks, round {number + 1} of {rounds}")
        # The one to go first changes, so that neither always meets the cooler processor.
        for name in list(turns) if number % 2 == 0 else reversed(turns):
            results[name].append(turns[name]())
    return {"connections": CONNECTIONS, "seconds": seconds, "rounds": results} | medians(
        results, ("requests_per_second", "p50_ms", "p99_ms"))


# --- Report ---


def rows(part: dict) -> list[Row]:
    what = f"webhooks on disk before the answer, {part['connections']} connections"
    ours, theirs = part["geminivideo"], part["peer"]
    return [
        rate_row(f"{what}: FastAPI + Celery + Redis", ours["requests_per_second"], theirs["requests_per_second"]),
        *(time_row(f"{what}, {label}: FastAPI + Celery + Redis", ours[key], theirs[key])
          for key, label in (("p50_ms", "median"), ("p99_ms", "p99"))),
    ]


def notes(part: dict) -> list[str]:
    slow = part["slow_worker"]
    calls = [entry["hubspot_calls"] for entry in part["rounds"]["slow_worker"]]
    return [
        f"Webhooks while a worker waits for a HubSpot that answers after 30 s ({min(calls)} calls or more a round): "
        f"{slow['requests_per_second']:,.0f}/s, median {slow['p50_ms']:.1f} ms, p99 {slow['p99_ms']:.1f} ms.",
        "No worker of Celery's runs beside the peer's webhooks: it would take processor time and Redis from them.",
    ]
