#!/usr/bin/env python3
"""What other callers notice while one account asks for all it may and strangers hold connections, and how long the
server takes to stop then.

One account sends four selections of 20,000 ads at once, again and again; thousands of connections are open and send
nothing, others half a body. Meanwhile /healthz and the webhooks of another account are measured. Then SIGTERM. The
program fails where a bound is broken.
"""

import argparse
import json
import resource
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

from peer.sample_ads import sample_ads
from processes import Failure, call, child_environment, free_port, run, server
from webhooks import PATH, PORTAL, SETTINGS, SignedEvents

BUILD = Path(__file__).resolve().parent.parent / ".build"
SELECT = "/api/ml/battle-hardened/select"
SELECTIONS = 4
HEALTH_P99_MS, WEBHOOK_P99_MS, STOP_SECONDS = 100, 250, 30
HALF_BODY = (f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n["
             ).encode()


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Probe(threading.Thread):
    """Sends a request every 50 ms and keeps how long each took."""

    def __init__(self, name: str, send) -> None:
        super().__init__(daemon=True)
        self.name, self.send, self.is_over, self.milliseconds, self.failures = name, send, False, [], 0

    def run(self) -> None:
        while not self.is_over:
            start = time.monotonic()
            try:
                self.failures += self.send() is False
            except OSError:
                self.failures += 1
            self.milliseconds.append((time.monotonic() - start) * 1000)
            time.sleep(0.05)

    def result(self) -> dict:
        return {"requests": len(self.milliseconds), "failures": self.failures,
                "p50_ms": round(percentile(self.milliseconds, 0.5), 1),
                "p99_ms": round(percentile(self.milliseconds, 0.99), 1),
                "worst_ms": round(max(self.milliseconds), 1)}


class Selections(threading.Thread):
    """One of the connections on which the account asks for all it may."""

    def __init__(self, port: int, key: str, body: bytes) -> None:
        super().__init__(daemon=True)
        self.port, self.key, self.body, self.is_over, self.statuses = port, key, body, False, []

    def run(self) -> None:
        while not self.is_over:
            with socket.create_connection(("127.0.0.1", self.port), timeout=300) as connection:
                head = (f"POST {SELECT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.key}\r\nConnection: close\r\n"
                        f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n\r\n")
                try:
                    connection.sendall(head.encode() + self.body)
                    answer = connection.makefile("rb")
                    line = answer.readline().split()
                    self.statuses.append(int(line[1]) if len(line) > 1 else 0)
                    while answer.read(1 << 20):
                        pass
                except OSError:
                    self.statuses.append(0)


def prepare(geminivideo: Path, database: str, folder: Path) -> dict[str, str]:
    keys = {}
    for account in ("greedy", "other"):
        for command in (["accounts", "create", "--account", account], ["keys", "create", "--account", account, "--role",
                                                                       "operator"]):
            output = run([geminivideo, *command, "--database", database], cwd=folder, env=child_environment(folder))
        keys[account] = output.strip()
    run([geminivideo, "hubspot", "map", "--portal", PORTAL, "--account", "other", "--database", database],
        cwd=folder, env=child_environment(folder))
    return keys


def idle_connections(port: int, count: int) -> list[socket.socket]:
    connections = []
    for number in range(count):
        connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        if number % 10 == 0:
            connection.sendall(HALF_BODY)
        connections.append(connection)
    return connections


def measure(geminivideo: Path, folder: Path, seconds: int, idle: int, ads: int) -> dict:
    database = f"sqlite:{folder / 'overload.sqlite'}"
    keys = prepare(geminivideo, database, folder)
    sample = sample_ads(ads, seed=1)
    body = json.dumps({"ad_states": sample["ad_states"], "total_budget": sample["total_budget"],
                       "policy": "lag_aware"}).encode()
    port, events = free_port(), SignedEvents()

    def webhook() -> bool:
        content, headers = events.parts()
        return call(port, "POST", PATH, content, headers)[0] == 202

    def health() -> bool:
        return call(port, "GET", "/healthz")[0] == 200

    with server([geminivideo, "serve", "--all-in-one", "--port", port], port, folder,
                SETTINGS | {"DATABASE_URL": database}) as process:
        held = idle_connections(port, idle)
        greedy = [Selections(port, keys["greedy"], body) for _ in range(SELECTIONS)]
        probes = [Probe("healthz", health), Probe("webhook", webhook)]
        for thread in greedy:
            thread.start()
        time.sleep(1)
        for probe in probes:
            probe.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(5)
            # Those that the server closed are opened again.
            for number, connection in enumerate(held):
                connection.setblocking(False)
                try:
                    if connection.recv(1) == b"":
                        raise ConnectionError
                except BlockingIOError:
                    continue
                except OSError:
                    connection.close()
                    held[number:number + 1] = idle_connections(port, 1)
        for thread in probes + greedy:
            thread.is_over = True
        for probe in probes:
            probe.join()
        statuses = sorted(status for thread in greedy for status in thread.statuses)
        half = socket.create_connection(("127.0.0.1", port), timeout=10)
        half.sendall(HALF_BODY)
        start = time.monotonic()
        process.terminate()
        try:
            process.wait(timeout=STOP_SECONDS + 15)
        except Exception:
            raise Failure(f"the server is still there {STOP_SECONDS + 15} s after SIGTERM") from None
        stopped = time.monotonic() - start
    return {probe.name: probe.result() for probe in probes} | {
        "selections": {str(status): statuses.count(status) for status in sorted(set(statuses))},
        "idle_connections": idle, "ads": ads, "stop_seconds": round(stopped, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--geminivideo", type=Path, default=BUILD / "release" / "geminivideo")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--idle", type=int, default=5_000, help="connections that are held open")
    parser.add_argument("--ads", type=int, default=20_000)
    options = parser.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    try:
        with tempfile.TemporaryDirectory(prefix="overload-") as name:
            result = measure(options.geminivideo.absolute(), Path(name), options.seconds, options.idle, options.ads)
        print(json.dumps(result, indent=2))
        broken = [
            text for is_broken, text in (
                (result["healthz"]["p99_ms"] > HEALTH_P99_MS, f"/healthz over {HEALTH_P99_MS} ms"),
                (result["webhook"]["p99_ms"] > WEBHOOK_P99_MS, f"webhooks over {WEBHOOK_P99_MS} ms"),
                (result["healthz"]["failures"] + result["webhook"]["failures"] > 0, "requests failed"),
                (result["stop_seconds"] > STOP_SECONDS, f"stopping took over {STOP_SECONDS} s"),
            ) if is_broken]
        if broken:
            raise Failure("; ".join(broken))
    except Failure as failure:
        sys.exit(f"overload: {failure}")


if __name__ == "__main__":
    main()
