"""Pushes empty tasks to Celery and prints how many a second, or how many of them the workers have done."""

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor

from celery_tasks import app, empty

# Threads that push at once, as many as GeminiVideo's benchmark has tasks that do; fewer were slower.
PUSHERS = 64


def push(count: int) -> None:
    for _ in range(count):
        empty.delay()


def measure(count: int) -> dict:
    push(1)  # the connection
    start = time.perf_counter()
    with ThreadPoolExecutor(PUSHERS) as pushers:
        list(pushers.map(push, [count // PUSHERS] * PUSHERS))
    pushed = count // PUSHERS * PUSHERS
    return {"pushed": pushed + 1, "pushes_per_second": round(pushed / (time.perf_counter() - start), 1)}


def done() -> dict:
    workers = app.control.inspect(timeout=5).stats() or {}
    return {"done": sum(stats["total"].get(empty.name, 0) for stats in workers.values())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--push", type=int, metavar="COUNT", help="how many to push; without it, ask the workers")
    options = parser.parse_args()
    print(json.dumps(measure(options.push) if options.push else done()))


if __name__ == "__main__":
    main()
