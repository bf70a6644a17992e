"""Starts, watches and stops what the benchmark measures."""

import http.client
import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path


class Failure(Exception):
    """Something that makes the figures worthless, told in one sentence."""


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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def server(command: list, port: int, folder: Path):
    """Runs a server until the block ends, however it ends."""
    log_path = folder / f"server-{port}.log"
    with log_path.open("wb") as log:
        # A session of its own, so that workers a server forked can be stopped along with it.
        process = subprocess.Popen(
            [str(part) for part in command], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            cwd=folder, env=child_environment(folder), start_new_session=True)
        try:
            wait_until_ready(process, port, log_path)
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


def wait_until_ready(process: subprocess.Popen, port: int, log_path: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if call(port, "GET", "/readyz")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    tail = log_path.read_text(errors="replace")[-2000:]
    raise Failure(f"{Path(process.args[0]).name} did not become ready: {tail}")


def call(port: int, method: str, path: str, body: bytes | None = None, token: str = "") -> tuple[int, bytes]:
    # http.client heeds no proxy settings, so this cannot leave the machine.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {"Content-Type": "application/json"} if body else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()


def worker_seconds(process: subprocess.Popen) -> dict[int, float]:
    """Processor time of each child of a server so far."""
    seconds = {}
    for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        # The fields after the name, which is in brackets and may itself hold spaces.
        fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        seconds[int(child)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds
