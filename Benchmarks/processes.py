"""Starts, watches and stops what the benchmark measures."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path


ACCOUNT = "bench"
BALANCE_ATTEMPTS = 4


class Failure(Exception):
    """Something that makes the figures worthless, told in one sentence."""


def progress(text: str) -> None:
    # stdout carries the table alone.
    print(text, file=sys.stderr, flush=True)


def run(command: list, **options) -> str:
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if result.returncode != 0:
        # The program's name only: arguments may hold keys and folders.
        raise Failure(f"{Path(command[0]).name} {command[1]} ended with {result.returncode}: "
                      f"{result.stderr.strip()[-2000:]}")
    return result.stdout


def child_environment(folder: Path) -> dict[str, str]:
    """Only what a program needs to start: no setting and no key of the caller reaches a server."""
    kept = ("PATH", "LANG", "LD_LIBRARY_PATH", "TZ")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"HOME": str(folder)}


def create_account(geminivideo: Path, database: str, folder: Path) -> None:
    run([geminivideo, "accounts", "create", "--account", ACCOUNT, "--database", database],
        cwd=folder, env=child_environment(folder))
    # What is measured is the server, not its limit on an account's requests.
    run([geminivideo, "accounts", "limit", "--account", ACCOUNT, "--requests-per-minute", "100000000",
         "--burst", "100000000", "--database", database],
        cwd=folder, env=child_environment(folder))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def server(command: list, port: int, folder: Path, settings: dict[str, str] | None = None):
    """Runs a server until the block ends, however it ends."""
    with running(command, folder, lambda: call(port, "GET", "/readyz")[0] == 200, settings) as process:
        yield process


@contextmanager
def running(command: list, folder: Path, is_ready: Callable[[], bool], settings: dict[str, str] | None = None):
    """Runs a program with `settings` in its environment; the block begins once it is ready."""
    log_path = folder / f"{Path(command[0]).name}-{time.monotonic_ns()}.log"
    with log_path.open("wb") as log:
        # A session of its own, so that workers a server forked can be stopped along with it.
        process = subprocess.Popen(
            [str(part) for part in command], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            cwd=folder, env=child_environment(folder) | (settings or {}), start_new_session=True)
        try:
            wait_until_ready(process, is_ready, log_path)
            yield process
        finally:
            stop(process)


def stop(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        pass
    try:
        os.killpg(process.pid, signal.SIGKILL)  # what the polite request left behind
    except ProcessLookupError:
        pass
    process.wait()


def wait_until_ready(process: subprocess.Popen, is_ready: Callable[[], bool], log_path: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if is_ready():
                return
        except OSError:
            pass
        time.sleep(0.1)
    tail = log_path.read_text(errors="replace")[-2000:]
    raise Failure(f"{Path(process.args[0]).name} did not become ready: {tail}")


def call(
    port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    # http.client heeds no proxy settings, so this cannot leave the machine.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        content_type = {"Content-Type": "application/json"} if body else {}
        connection.request(method, path, body, content_type | (headers or {}))
        response = connection.getresponse()
        return response.status, response.read()
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()


def balanced(process: subprocess.Popen, workers: int, load: Callable[[], dict]) -> dict:
    """A load that kept all the workers of a Python server busy.

    The workers share one socket and chance decides who accepts a connection; now and then one
    accepts them all. Such a run would halve the peer's figure for a reason that has nothing to
    do with the work, so it is repeated, and of lopsided runs alone the best counts.
    """
    lopsided = []
    while len(lopsided) < BALANCE_ATTEMPTS:
        before = worker_seconds(process)
        result = load() | {"lopsided_runs": len(lopsided)}
        used = sorted(total - before.get(pid, 0.0) for pid, total in worker_seconds(process).items())
        busiest = used[-workers:]
        if busiest[0] >= 0.5 * busiest[-1]:
            return result
        progress("  one worker of the peer had most of the connections; once more")
        lopsided.append(result)
    best = max(lopsided, key=lambda result: result["requests_per_second"])
    return best | {"lopsided_runs": len(lopsided)}


def worker_seconds(process: subprocess.Popen) -> dict[int, float]:
    """Processor time of each child of a server so far."""
    seconds = {}
    for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        # The fields after the name, which is in brackets and may itself hold spaces.
        fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        seconds[int(child)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds
