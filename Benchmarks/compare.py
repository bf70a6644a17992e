#!/usr/bin/env python3
"""Measures two builds of the program against each other, in turns and in one run: HubSpot's events and imports.

    python3 Benchmarks/compare.py OLD/geminivideo NEW/geminivideo

What counts is the processor time of the process that does the work, which other programs on the machine change least;
the time by the clock stands beside it. A build counts only if its database holds what it should.
"""

import argparse
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "peer"))

# Found through the line above, hence down here.
from daily_rows import IMPORT_ADS, IMPORT_ROWS, MAPPING, write_daily_rows  # noqa: E402
from processes import (  # noqa: E402
    ACCOUNT, Failure, call, child_environment, create_account, free_port, progress, run, server)
from webhooks import PATH, PORTAL, SETTINGS, signed  # noqa: E402

BUILD = HERE.parent / ".build"
# Each deal becomes known, and then moves through these stages: an event and a job of its own for each move.
MOVES = ("appointmentscheduled", "showup", "closedwon")
EVENTS_AT_ONCE = 100
ADS = 200


def timed(command: list, folder: Path, settings: dict[str, str] | None = None) -> dict[str, float]:
    """Runs a program to its end: its seconds by the clock and of processors."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    result = subprocess.run([str(part) for part in command], cwd=folder, env=child_environment(folder) | (settings or {}),
                            capture_output=True, text=True)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if result.returncode != 0:
        raise Failure(f"{Path(command[0]).name} {command[1]} ended with {result.returncode}: {result.stderr[-2000:]}")
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    return {"seconds": seconds, "user": user, "processor": user + system}


def one(path: Path, query: str) -> int:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchone()[0]
    finally:
        connection.close()


# --- HubSpot's events ---


def send(port: int, events: list[dict]) -> None:
    for start in range(0, len(events), EVENTS_AT_ONCE):
        body = json.dumps(events[start:start + EVENTS_AT_ONCE]).encode()
        status, answer = call(port, "POST", PATH, body, signed(body))
        if status != 202:
            raise Failure(f"the webhook was answered {status}: {answer[:500].decode(errors='replace')}")


def event(number: int, deal: int, name: str, value: str, at: int) -> dict:
    return {"eventId": number, "subscriptionId": 25, "portalId": PORTAL, "appId": 1160452, "occurredAt": at,
            "subscriptionType": "deal.propertyChange", "attemptNumber": 0, "objectId": 100_000 + deal,
            "propertyName": name, "propertyValue": value, "changeSource": "CRM_UI"}


def measure_events(build: Path, folder: Path, deals: int) -> dict[str, float]:
    path = folder / "events.sqlite"
    database = f"sqlite:{path}"
    create_account(build, database, folder)
    rows = folder / "ads.csv"
    rows.write_text("ad_id,date,impressions,clicks,spend\n" + "".join(
        f"{ad_of(ad)},2026-01-01,1000,20,10\n" for ad in range(ADS)))
    run([build, "import", "ads-csv", rows, "--account", ACCOUNT, "--database", database],
        cwd=folder, env=child_environment(folder))
    run([build, "hubspot", "map", "--portal", PORTAL, "--account", ACCOUNT, "--database", database],
        cwd=folder, env=child_environment(folder))
    settings, port = SETTINGS | {"DATABASE_URL": database}, free_port()
    now = int(time.time() * 1000)
    start = [part for deal in range(deals) for part in (
        event(deal * 10, deal, "ad_id", ad_of(deal % ADS), now - 300_000_000),
        event(deal * 10 + 1, deal, "dealstage", "lead", now - 300_000_000))]
    moves = [[event(deal * 10 + 2 + number, deal, "dealstage", stage, now - 200_000_000 + number * 50_000_000)
              for deal in range(deals)] for number, stage in enumerate(MOVES)]
    worker = [build, "worker", "--until-done", "--queues", "hubspot-webhook-events=1", "--database", database]
    total = {"seconds": 0.0, "user": 0.0, "processor": 0.0}
    for number, events in enumerate([start, *moves]):
        with server([build, "serve", "--port", port], port, folder, settings):
            send(port, events)
        taken = timed(worker, folder, settings)
        # The first time, deals are new.
        if number > 0:
            total = {key: total[key] + taken[key] for key in total}
    found = [one(path, query) for query in (
        "SELECT count(*) FROM hubspot_events WHERE state = 'applied'",
        "SELECT count(*) FROM deals WHERE stage = 'closed_won'",
        "SELECT sum(deal_pipeline_value) FROM ad_states")]
    if found != [deals * (2 + len(MOVES)), deals, deals * 15_000_000_000]:
        raise Failure(f"of {deals} deals there are {found} applied events, sales and millionths of their worth")
    return {key: value / (deals * len(MOVES)) * 1e6 for key, value in total.items()}


def ad_of(number: int) -> str:
    return str(120_210_000_000_000_000 + number)


# --- Imports ---


def measure_import(build: Path, folder: Path, rows: Path) -> dict[str, float]:
    path = folder / "import.sqlite"
    create_account(build, f"sqlite:{path}", folder)
    taken = timed([build, "import", "ads-csv", rows, "--account", ACCOUNT, "--map", MAPPING,
                   "--database", f"sqlite:{path}"], folder)
    found = [one(path, f"SELECT count(*) FROM {table}") for table in ("ad_daily_metrics", "ad_states")]
    spend = one(path, "SELECT sum(spend) FROM ad_daily_metrics") - one(path, "SELECT sum(spend) FROM ad_states")
    if found != [IMPORT_ROWS, IMPORT_ADS] or spend != 0:
        raise Failure(f"{found} rows and ads were stored of {IMPORT_ROWS} and {IMPORT_ADS}")
    return {key: value / IMPORT_ROWS * 1e6 for key, value in taken.items()}


# --- Report ---


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--deals", type=int, default=2_000)
    parser.add_argument("--only", choices=("events", "import"))
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    builds = {"old": options.old.absolute(), "new": options.new.absolute()}
    try:
        # Inside the build folder and not in /tmp, which may be memory: what is measured must reach a disk.
        with tempfile.TemporaryDirectory(prefix="compare-", dir=BUILD) as name:
            folder = Path(name)
            rows = folder / "rows.csv"
            write_daily_rows(rows, seed=11)
            parts = {
                "events": lambda build, place: measure_events(build, place, options.deals),
                "import": lambda build, place: measure_import(build, place, rows),
            }
            print("| what | | old | new | old / new |\n|---|---|---:|---:|---:|")
            for part, measure in parts.items():
                if options.only in (None, part):
                    compare(part, builds, measure, folder, options.rounds)
    except Failure as failure:
        sys.exit(f"compare: {failure}")


def compare(part: str, builds: dict[str, Path], measure, folder: Path, rounds: int) -> None:
    results: dict[str, list[dict[str, float]]] = {name: [] for name in builds}
    for number in range(rounds):
        progress(f"{part}, round {number + 1} of {rounds}")
        # The one to go first changes, so that neither always meets the cooler processor.
        for name in list(builds) if number % 2 == 0 else reversed(builds):
            place = folder / f"{part}-{number}-{name}"
            place.mkdir()
            results[name].append(measure(builds[name], place))
            for file in place.iterdir():
                if file.is_file():
                    file.unlink()
    unit = {"events": "an event", "import": "a row"}[part]
    for key, label in (("user", "user time"), ("processor", "processor time"), ("seconds", "by the clock")):
        old, new = (median(entry[key] for entry in results[name]) for name in ("old", "new"))
        print(f"| {part}: {label} of {unit} | µs | {old:.2f} | {new:.2f} | {old / new:.2f} |", flush=True)


if __name__ == "__main__":
    main()
