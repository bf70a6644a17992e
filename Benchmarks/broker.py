"""The peers' Redis."""

import socket
from contextlib import contextmanager
from pathlib import Path

from processes import Failure, free_port, running

# Where the peers' Celery puts its tasks, and where it keeps those that a worker has taken and not yet begun.
QUEUE, TAKEN = "hubspot-webhook-events", "unacked"


@contextmanager
def broker(folder: Path, fsync: str = "always"):
    """Runs an empty Redis until the block ends; the block gets its port.

    It is as durable as SQLite is here, where every write is on disk before it is answered, unless `fsync` says less.
    """
    port = free_port()
    place = folder / f"redis-{port}"
    place.mkdir()
    command = ["redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", place, "--save", "",
               "--appendonly", "yes", "--appendfsync", fsync]
    with running(command, folder, lambda: ask(port, "PING") == "+PONG"):
        yield port


def broker_url(port: int) -> str:
    return f"redis://127.0.0.1:{port}/0"


def tasks_left(port: int) -> int:
    return number(port, "LLEN", QUEUE) + number(port, "HLEN", TAKEN)


def number(port: int, *words: str) -> int:
    answer = ask(port, *words)
    if not answer.startswith(":"):
        raise Failure(f"Redis answered {answer[:200]} to {words[0]}")
    return int(answer[1:])


def ask(port: int, *words: str) -> str:
    """Sends one inline command and returns the first line of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(" ".join(words).encode() + b"\r\n")
        with connection.makefile("rb") as lines:
            return lines.readline().decode().strip()
