"""Jobs pushed and processed: on SQLite by one process and on PostgreSQL by many, beside Celery on Redis."""

import time
from pathlib import Path

from broker import broker, broker_url, tasks_left
from figures import Row, last_json, medians, rate_row
from postgres import postgres
from processes import Failure, child_environment, progress, run, running

HERE = Path(__file__).resolve().parent
JOBS = 50_000
TASKS = 5_000
FLEET_JOBS = 100_000
PEER_PROCESSES = 2
PATIENCE_SECONDS = 300
KEYS = ("single_pushes_per_second", "worked_per_second")


def measure_peer(python: Path, folder: Path, fsync: str) -> dict:
    with broker(folder, fsync) as port:
        settings = {"BROKER_URL": broker_url(port), "PYTHONPATH": str(HERE / "peer")}
        environment = child_environment(folder) | settings
        script = HERE / "peer" / "push_tasks.py"
        pushed = last_json(run([python, script, "--push", TASKS], cwd=folder, env=environment))
        count = pushed["pushed"]
        if tasks_left(port) != count:
            raise Failure(f"Redis keeps {tasks_left(port)} of the peer's {count} tasks")
        command = [python, "-m", "celery", "--app", "celery_tasks", "worker", "--pool", "prefork",
                   "--concurrency", PEER_PROCESSES, "--without-gossip", "--without-mingle", "--without-heartbeat",
                   "--loglevel", "warning"]
        with running(command, folder, lambda: tasks_left(port) < count, settings):
            # The start of the workers is no part of it.
            left, start = tasks_left(port), time.perf_counter()
            while tasks_left(port):
                if time.perf_counter() - start > PATIENCE_SECONDS:
                    raise Failure(f"the peer has {tasks_left(port)} tasks left after {PATIENCE_SECONDS} s")
                time.sleep(0.02)
            seconds = time.perf_counter() - start
            done = last_json(run([python, script], cwd=folder, env=environment))["done"]
        if done != count:
            raise Failure(f"the peer's workers did {done} of {count} tasks")
    return {"single_pushes_per_second": pushed["pushes_per_second"], "worked_per_second": round(left / seconds, 1)}


def measure_fleet(bench: Path, folder: Path, *options: str) -> dict:
    """Two schedulers and eight workers; the benchmark itself sees to it that each job was done once."""
    with postgres(folder) as server:
        return last_json(run([bench, "job-fleet", "--database", server.make_database("fleet"),
                              "--jobs", FLEET_JOBS, *options]))


def measure(bench: Path, python: Path, folder: Path, rounds: int) -> dict:
    turns = {
        "geminivideo": lambda: last_json(run([bench, "jobs", "--jobs", JOBS, "--folder", folder])),
        "durable": lambda: measure_peer(python, folder, "always"),
        "everysec": lambda: measure_peer(python, folder, "everysec"),
    }
    results = {name: [] for name in turns}
    for number in range(rounds):
        progress(f"jobs, round {number + 1} of {rounds}")
        for name in list(turns) if number % 2 == 0 else reversed(turns):
            results[name].append(turns[name]())
    progress("jobs on PostgreSQL")
    fleet = {name: measure_fleet(bench, folder, *options)["jobs_per_second"]
             for name, options in (("empty", ["--empty"]), ("with_effect", []))}
    figures = medians(results, KEYS) | {"fleet": fleet}
    figures["geminivideo"] |= medians(
        {"all": results["geminivideo"]}, ("batched_pushes_per_second", "end_to_end_per_second"))["all"]
    return {"rounds": results} | figures


def rows(part: dict) -> list[Row]:
    ours = part["geminivideo"]
    return [
        rate_row(f"{what}: Celery, {label}", ours[key], part[name][key])
        for key, what in zip(KEYS, ("jobs pushed one by one", "empty jobs processed"))
        for name, label in (("durable", "Redis on disk at once"), ("everysec", "Redis on disk every second"))
    ] + [
        rate_row(f"empty jobs on PostgreSQL, pushed meanwhile, 8 workers: Celery, {label}", part["fleet"]["empty"],
                 part[name]["worked_per_second"])
        for name, label in (("durable", "Redis on disk at once"), ("everysec", "Redis on disk every second"))
    ]


def notes(part: dict) -> list[str]:
    ours, last = part["geminivideo"], part["rounds"]["geminivideo"][-1]
    return [
        f"{last['jobs']:,} jobs, {last['places']} at once, each on disk when it is pushed, begun and done; pushed "
        f"{last['batch']} a transaction: {ours['batched_pushes_per_second']:,.0f}/s; pushed so and processed after "
        f"that: {ours['end_to_end_per_second']:,.0f}/s. The peer does {TASKS:,} by {PEER_PROCESSES} processes.",
        f"On PostgreSQL two schedulers push {FLEET_JOBS:,} jobs while eight workers with eight places each do them, each "
        f"once: {part['fleet']['empty']:,.0f}/s empty, {part['fleet']['with_effect']:,.0f}/s where each writes a row in "
        "the transaction that completes it.",
    ]
