#!/usr/bin/env python3
"""Measures GeminiVideo against Python peers in the same run and prints the ratios.

Both sides get the same input on the same machine, take turns, and count only when they answered
correctly. Apart from installing the peers' packages, nothing is sent anywhere but to 127.0.0.1.
"""

import argparse
import datetime
import hashlib
import json
import os
import platform
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEER = HERE / "peer"
BUILD = HERE.parent / ".build"
sys.path.insert(0, str(PEER))

# Found through the line above, hence down here.
import jobs  # noqa: E402
import postgres  # noqa: E402
import webhooks  # noqa: E402
from daily_rows import IMPORT_ADS, IMPORT_ROWS, MAPPING, write_daily_rows  # noqa: E402
from figures import Row, last_json, medians, rate_row, time_row  # noqa: E402
from processes import (  # noqa: E402
    ACCOUNT, Failure, balanced, call, child_environment, create_account, free_port, progress, run, server)
from sample_ads import sample_ads  # noqa: E402

ROUNDS = 3
SELECT_CALLS = {100: 2000, 1_000: 1000, 100_000: 30}
HTTP_ADS = 100
CONNECTIONS = 100
WARM_UP_SECONDS = 2
PEER_WORKERS = 2
SELECT_PATH = "/api/ml/battle-hardened/select"
TUNED_PATH = "/tuned/select"
# What a part needs beside the peers' packages.
PROGRAMS = {"http": ("wrk",), "webhooks": ("wrk", "redis-server"), "jobs": ("redis-server",)}
PACKAGES = ("fastapi", "starlette", "uvicorn", "uvloop", "pydantic", "msgspec", "numpy", "celery", "redis", "orjson",
            "psycopg")


# --- Preparation ---


def peer_python() -> Path:
    """The peers' own environment, made anew when the pinned versions change."""
    requirements = PEER / "requirements.txt"
    venv = BUILD / "bench-venv"
    python = venv / "bin" / "python"
    stamp = venv / "requirements.sha256"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not (python.exists() and stamp.exists() and stamp.read_text() == wanted):
        progress("Installing the peers' packages")
        run([sys.executable, "-m", "venv", "--clear", venv])
        run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements])
        stamp.write_text(wanted)
    return python


def machine() -> dict:
    models = re.findall(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        # Other work on the machine is the first thing to suspect behind an odd figure.
        "load_before": round(os.getloadavg()[0], 2),
    }


def versions(python: Path, geminivideo: Path) -> dict:
    script = ("import importlib.metadata as m, json, platform, sqlite3, sys; "
              "print(json.dumps({'python': platform.python_version(), 'sqlite (python)': sqlite3.sqlite_version}"
              " | {p: m.version(p) for p in sys.argv[1:]}))")
    found = json.loads(run([python, "-c", script, *PACKAGES]))
    if shutil.which("redis-server"):
        found["redis-server"] = re.search(r"v=(\S+)", run(["redis-server", "--version"])).group(1)
    if shutil.which("wrk"):
        # wrk prints its version with a failing status.
        first_line = subprocess.run(["wrk", "-v"], capture_output=True, text=True).stdout.split("\n")[0]
        found["wrk"] = first_line.split(" Copyright")[0].removeprefix("wrk ").strip()
    try:
        found["geminivideo"] = run([geminivideo, "--version"]).strip() or "unknown"
    except Failure:
        found["geminivideo"] = "unknown"
    return found


# --- Measurements ---


def measure_select(bench: Path, python: Path) -> list[dict]:
    results = []
    for ads, calls in SELECT_CALLS.items():
        arguments = ["--ads", ads, "--calls", calls]
        rounds = {"geminivideo": [], "numpy": []}
        for number in range(ROUNDS):
            progress(f"select in process, {ads:,} ads, round {number + 1} of {ROUNDS}")
            rounds["geminivideo"].append(last_json(run([bench, "select", *arguments])))
            rounds["numpy"].append(last_json(run([python, PEER / "select_bench.py", *arguments])))
        for name, entries in rounds.items():
            if any(entry["ads"] != ads or entry["calls"] != calls for entry in entries):
                raise Failure(f"{name} did not measure {calls} calls over {ads} ads")
        results.append({"ads": ads, "calls": calls, "rounds": rounds} | medians(rounds, ("median_ms", "p95_ms")))
    return results


def check_answer(name: str, port: int, path: str, body: bytes, token: str) -> None:
    """A fast wrong answer is no result: every ad once, and the budgets sum to the cent."""
    status, answer = call(port, "POST", path, body, {"Authorization": f"Bearer {token}"} if token else {})
    if status != 200:
        raise Failure(f"{name} answered {status}: {answer[:500].decode(errors='replace')}")
    asked, given = json.loads(body), json.loads(answer, parse_float=Decimal)
    recommended = {item["ad_id"]: Decimal(item["recommended_budget"]) for item in given["recommendations"]}
    if recommended.keys() != {ad["ad_id"] for ad in asked["ad_states"]}:
        raise Failure(f"{name} did not answer for exactly the ads it was asked about")
    if sum(recommended.values()) != Decimal(str(asked["total_budget"])):
        raise Failure(f"{name} recommended {sum(recommended.values())} of {asked['total_budget']}")


def load(name: str, port: int, path: str, body_path: Path, token: str, seconds: int) -> dict:
    environment = child_environment(body_path.parent) | {
        "BODY": str(body_path), "TOKEN": token, "TARGET_PATH": path}
    result = last_json(run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s",
         "-s", HERE / "select.lua", f"http://127.0.0.1:{port}"], env=environment))
    if result["non_2xx"] or result["socket_errors"] or not result["requests"]:
        raise Failure(f"{name} did not answer every request: {result}")
    return result


def measure_http(geminivideo: Path, python: Path, folder: Path, seconds: int) -> dict:
    body_path = folder / "select.json"
    body_path.write_text(json.dumps(sample_ads(HTTP_ADS, seed=7)))
    database = f"sqlite:{folder / 'http.sqlite'}"
    create_account(geminivideo, database, folder)
    key = run([geminivideo, "keys", "create", "--account", ACCOUNT, "--role", "admin", "--database", database],
              cwd=folder, env=child_environment(folder)).strip()
    rounds = {"geminivideo": [], "idiomatic": [], "tuned": []}

    def swift_turn() -> None:
        port = free_port()
        command = [geminivideo, "serve", "--host", "127.0.0.1", "--port", port, "--database", database]
        with server(command, port, folder):
            check_answer("geminivideo", port, SELECT_PATH, body_path.read_bytes(), key)
            load("geminivideo", port, SELECT_PATH, body_path, key, WARM_UP_SECONDS)
            rounds["geminivideo"].append(load("geminivideo", port, SELECT_PATH, body_path, key, seconds))

    def peer_turn() -> None:
        port = free_port()
        command = [python, "-m", "uvicorn", "app:app", "--app-dir", PEER, "--workers", PEER_WORKERS,
                   "--loop", "uvloop", "--no-access-log", "--log-level", "warning",
                   "--host", "127.0.0.1", "--port", port]
        with server(command, port, folder) as process:
            for kind, path in (("idiomatic", SELECT_PATH), ("tuned", TUNED_PATH)):
                name = f"the {kind} peer"
                check_answer(name, port, path, body_path.read_bytes(), "")
                load(name, port, path, body_path, "", WARM_UP_SECONDS)
                rounds[kind].append(balanced(
                    process, PEER_WORKERS, lambda: load(name, port, path, body_path, "", seconds)))

    for number in range(ROUNDS):
        progress(f"select over HTTP, round {number + 1} of {ROUNDS}")
        # The one to go first changes, so that neither always meets the cooler processor.
        for turn in (swift_turn, peer_turn) if number % 2 == 0 else (peer_turn, swift_turn):
            turn()
    return {"ads": HTTP_ADS, "connections": CONNECTIONS, "seconds": seconds, "rounds": rounds} | medians(
        rounds, ("requests_per_second", "p50_ms", "p95_ms", "p99_ms"))


def measure_import(geminivideo: Path, python: Path, folder: Path) -> dict:
    rows_path = folder / "rows.csv"
    write_daily_rows(rows_path, seed=11)
    rounds = {"geminivideo": [], "python": []}

    def timed(name: str, database: Path, command: list) -> None:
        start = time.perf_counter()
        run(command, cwd=folder, env=child_environment(folder))
        seconds = time.perf_counter() - start
        check_import(name, database)
        rounds[name].append({"seconds": round(seconds, 4), "rows_per_second": round(IMPORT_ROWS / seconds)})

    for number in range(ROUNDS):
        progress(f"import, round {number + 1} of {ROUNDS}")
        swift, peer = folder / f"import-{number}.sqlite", folder / f"import-peer-{number}.sqlite"
        create_account(geminivideo, f"sqlite:{swift}", folder)
        # Whole processes by the same clock: each pays for its own start.
        turns = [
            ("geminivideo", swift, [geminivideo, "import", "ads-csv", rows_path, "--account", ACCOUNT,
                                    "--map", MAPPING, "--database", f"sqlite:{swift}"]),
            ("python", peer, [python, PEER / "import_rows.py", rows_path, peer, "--account", ACCOUNT]),
        ]
        for turn in turns if number % 2 == 0 else reversed(turns):
            timed(*turn)
    return {"rows": IMPORT_ROWS, "rounds": rounds} | medians(rounds, ("seconds", "rows_per_second"))


def measure_postgres_import(geminivideo: Path, python: Path, folder: Path) -> dict:
    rows_path = folder / "rows.csv"
    write_daily_rows(rows_path, seed=11)
    rounds = {"geminivideo": [], "python": []}
    with postgres.postgres(folder) as server:
        for number in range(ROUNDS):
            progress(f"import into PostgreSQL, round {number + 1} of {ROUNDS}")
            # A database of its own for each import: none meets rows of an earlier one.
            names = {side: f"{side}_{number}" for side in rounds}
            swift, peer = (server.make_database(name) for name in names.values())
            create_account(geminivideo, swift, folder)
            turns = [
                ("geminivideo", ("ad_daily_metrics", "ad_states"), [
                    geminivideo, "import", "ads-csv", rows_path, "--account", ACCOUNT, "--map", MAPPING,
                    "--database", swift]),
                ("python", ("peer_daily_metrics", "peer_states"), [
                    python, PEER / "import_postgres.py", rows_path, peer, "--account", ACCOUNT]),
            ]
            for name, tables, command in turns if number % 2 == 0 else reversed(turns):
                start = time.perf_counter()
                run(command, cwd=folder, env=child_environment(folder))
                seconds = time.perf_counter() - start
                counts = [int(server.sql(f"SELECT count(*) FROM {table}", names[name])) for table in tables]
                if counts != [IMPORT_ROWS, IMPORT_ADS]:
                    raise Failure(f"{name} stored {counts} rows and ads of {IMPORT_ROWS} and {IMPORT_ADS}")
                rounds[name].append({"seconds": round(seconds, 4), "rows_per_second": round(IMPORT_ROWS / seconds)})
    return {"rows": IMPORT_ROWS, "rounds": rounds} | medians(rounds, ("seconds", "rows_per_second"))


def check_import(name: str, database: Path) -> None:
    connection = sqlite3.connect(database)
    try:
        counts = [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                  for table in ("ad_daily_metrics", "ad_states")]
    except sqlite3.Error as error:
        raise Failure(f"{name}'s database cannot be read after its import: {error}") from None
    finally:
        connection.close()
    if counts != [IMPORT_ROWS, IMPORT_ADS]:
        raise Failure(f"{name} stored {counts[0]} rows and {counts[1]} ads of {IMPORT_ROWS} and {IMPORT_ADS}")


# --- Report ---


def select_rows(sizes: list[dict]) -> list[Row]:
    return [time_row(f"select in process, {entry['ads']:,} ads, {label}: NumPy",
                     entry["geminivideo"][key], entry["numpy"][key], digits=3)
            for entry in sizes for key, label in (("median_ms", "median"), ("p95_ms", "p95"))]


def http_rows(part: dict) -> list[Row]:
    what = f"select over HTTP, {part['ads']} ads, {part['connections']} connections"
    ours, rows = part["geminivideo"], []
    for name, label in (("idiomatic", "FastAPI, idiomatic"), ("tuned", "FastAPI, tuned")):
        theirs = part[name]
        rows.append(rate_row(f"{what}: {label}", ours["requests_per_second"], theirs["requests_per_second"]))
        rows.append(time_row(f"{what}, p95: {label}", ours["p95_ms"], theirs["p95_ms"]))
    return rows


def import_rows(part: dict) -> list[Row]:
    return [import_row(part["sqlite"], "", "csv + sqlite3"),
            import_row(part["postgresql"], " into PostgreSQL", "csv + psycopg's COPY")]


def import_row(part: dict, place: str, peer: str) -> Row:
    ours, theirs = (part[name]["rows_per_second"] for name in ("geminivideo", "python"))
    return rate_row(f"import of {part['rows']:,} daily rows{place}: {peer}", ours, theirs, " rows/s")


def memory_notes(sizes: list[dict]) -> list[str]:
    lasts = [(entry, entry["rounds"]["geminivideo"][-1]) for entry in sizes]
    return [f"Memory of the Swift process over {entry['calls']:,} calls with {entry['ads']:,} ads: "
            f"{last['rss_start_mb']} MB at the start, {last['rss_end_mb']} MB at the end."
            for entry, last in lasts if "rss_start_mb" in last and "rss_end_mb" in last]


ROWS = {"select": select_rows, "http": http_rows, "import": import_rows, "webhooks": webhooks.rows,
        "jobs": jobs.rows, "postgres": postgres.rows}
NOTES = {"select": memory_notes, "webhooks": webhooks.notes, "jobs": jobs.notes, "postgres": postgres.notes}


def markdown(report: dict) -> str:
    host = report["machine"]
    lines = [
        f"{host['cpu']}, {host['cores']} cores, {host['system']}, load {host['load_before']} at the start; "
        f"{report['date']}; {', '.join(f'{name} {version}' for name, version in report['versions'].items())}.",
        "",
        "| What, and against which peer | GeminiVideo | Peer | Ratio |",
        "|---|---:|---:|---:|",
    ]
    parts = report["parts"]
    rows = [row for name, part in parts.items() for row in ROWS[name](part)]
    lines += [f"| {row.what} | {row.ours} | {row.theirs} | {row.ratio:.2f} |" for row in rows]
    lines += ["", f"Medians of {ROUNDS} rounds in turns, unless said otherwise. A ratio above 1 means GeminiVideo is "
              "the faster one."]
    if "http" in parts:
        lines.append("GeminiVideo checks an API key on every selection; the peers check none.")
    lines += [note for name, part in parts.items() if name in NOTES for note in NOTES[name](part)]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--geminivideo", type=Path, default=BUILD / "release" / "geminivideo")
    parser.add_argument("--bench", type=Path, default=BUILD / "release" / "benchmarks")
    parser.add_argument("--seconds", type=int, default=10, help="length of one HTTP measurement; below 5 the p95 shows "
                        "how connections are accepted rather than how requests are answered")
    parser.add_argument("--only", choices=ROWS, action="append", help="measure this part; may be repeated")
    parser.add_argument("--json", type=Path, help="where to write every figure of every round")
    options = parser.parse_args()
    # Being told to stop must pass through the finally blocks like everything else.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        # Children run in another folder, so the paths must not depend on this one.
        geminivideo, bench = options.geminivideo.absolute(), options.bench.absolute()
        for binary in (geminivideo, bench):
            if not os.access(binary, os.X_OK):
                raise Failure(f"{binary.name} is not there; build it with `swift build -c release`")
        for program in sorted({program for part in options.only or ROWS for program in PROGRAMS.get(part, ())}):
            if shutil.which(program) is None:
                raise Failure(f"{program} is not installed (apt-get install {program})")
        python = peer_python()
        report = {
            "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "versions": versions(python, geminivideo),
            "parts": {},
        }
        # Inside the build folder and not in /tmp, which may be memory: an import must reach a disk.
        with tempfile.TemporaryDirectory(prefix="bench-", dir=BUILD) as name:
            folder = Path(name)
            measurements = {
                "select": lambda: measure_select(bench, python),
                "http": lambda: measure_http(geminivideo, python, folder, options.seconds),
                "import": lambda: {"sqlite": measure_import(geminivideo, python, folder),
                                   "postgresql": measure_postgres_import(geminivideo, python, folder)},
                "webhooks": lambda: webhooks.measure(geminivideo, python, folder, options.seconds, ROUNDS),
                "jobs": lambda: jobs.measure(bench, python, folder, ROUNDS),
                "postgres": lambda: postgres.measure(bench, folder),
            }
            for part, measure in measurements.items():
                if part in (options.only or measurements):
                    report["parts"][part] = measure()
        print(markdown(report))
        if options.json:
            options.json.write_text(json.dumps(report, indent=2) + "\n")
    except Failure as failure:
        sys.exit(f"bench: {failure}")


if __name__ == "__main__":
    main()
