"""Single rows on PostgreSQL: the driver beside C on libpq, both sending the same statements."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from figures import Row, last_json, medians, rate_row
from processes import Failure, child_environment, progress, run

HERE = Path(__file__).resolve().parent
SCRIPT = HERE.parent / "scripts" / "postgres.sh"
ROUNDS = 5
CONNECTIONS = (1, 8)
INSERTS, SELECTS = 4_000, 40_000
# What a commit waits for.
WAITS = {"disk": "", "nothing": "&options=-csynchronous_commit%3Doff"}


class Server:
    """A PostgreSQL server whose data are in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def url(self) -> str:
        return run([SCRIPT, "url", self.folder]).strip()

    def sql(self, statement: str, database: str = "postgres") -> str:
        return run([SCRIPT, "sql", self.folder, database, statement]).strip()

    def make_database(self, name: str) -> str:
        """Makes an empty database and returns its URL."""
        self.sql(f"CREATE DATABASE {name}")
        return self.url.replace("/postgres?", f"/{name}?")


@contextmanager
def postgres(folder: Path) -> Iterator[Server]:
    """Runs a server until the block ends."""
    # Run as root, the server is another user's, who has to get there.
    for path in (folder, folder.parent):
        path.chmod(path.stat().st_mode | 0o011)
    server = Server(folder / "pg")
    run([SCRIPT, "start", server.folder])
    try:
        yield server
    finally:
        run([SCRIPT, "stop", server.folder])
        shutil.rmtree(server.folder)


def compiled_peer(folder: Path) -> Path:
    compiler = shutil.which("cc") or shutil.which("clang")
    if compiler is None:
        raise Failure("there is no C compiler (apt-get install gcc)")
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libpq"], capture_output=True, text=True, check=True)
    program = folder / "postgres_peer"
    source = HERE / "peer" / "postgres_peer.c"
    run([compiler, "-O2", "-Wall", "-Wextra", "-Werror", source, *flags.stdout.split(), "-lpthread", "-o", program])
    return program


def measure(bench: Path, folder: Path) -> dict:
    peer, environment = compiled_peer(folder), child_environment(folder)
    cases = {}
    with postgres(folder) as server:
        for connections in CONNECTIONS:
            for wait, setting in WAITS.items():
                cases[f"{connections} {wait}"] = measure_case(
                    bench, peer, server.url + setting, connections, wait, environment)
    return {"inserts": INSERTS, "selects": SELECTS, "cases": cases}


def measure_case(bench: Path, peer: Path, url: str, connections: int, wait: str, environment: dict) -> dict:
    turns = {
        "geminivideo": [bench, "postgres", "--url", url, "--connections", connections, "--inserts", INSERTS,
                        "--selects", SELECTS],
        "c": [peer, url, connections, INSERTS, SELECTS],
    }
    rounds = {name: [] for name in turns}
    for number in range(ROUNDS):
        progress(f"PostgreSQL, {connections} connections, commits wait for {wait}, round {number + 1} of {ROUNDS}")
        for name in list(turns) if number % 2 == 0 else reversed(turns):
            rounds[name].append(last_json(run(turns[name], env=environment)))
    figures = medians(rounds, ("inserts_per_second", "selects_per_second"))
    figures["alone"] = medians({"c": rounds["c"]}, ("lone_inserts_per_second", "lone_selects_per_second"))["c"]
    return {"connections": connections, "wait": wait, "rounds": rounds} | figures


def rows(part: dict) -> list[Row]:
    found = []
    for case in part["cases"].values():
        ours, theirs, on_disk = case["geminivideo"], case["c"], case["wait"] == "disk"
        count = case["connections"]
        label = "PostgreSQL, 1 connection" if count == 1 else f"PostgreSQL, {count} connections"
        what = "insert, on disk" if on_disk else "insert, disk not waited for"
        found.append(rate_row(f"{label}, {what}: C", ours["inserts_per_second"], theirs["inserts_per_second"]))
        if not on_disk:
            found.append(
                rate_row(f"{label}, select by key: C", ours["selects_per_second"], theirs["selects_per_second"]))
    return found


def notes(part: dict) -> list[str]:
    alone = {case["connections"]: case["alone"] for case in part["cases"].values() if case["wait"] == "nothing"}
    figures = "; ".join(
        f"{connections} connections {figures['lone_inserts_per_second']:,.0f} inserts/s and "
        f"{figures['lone_selects_per_second']:,.0f} selects/s" for connections, figures in alone.items())
    return [
        f"PostgreSQL: {part['inserts']:,} inserts and {part['selects']:,} selects of a single row, medians of {ROUNDS} "
        f"rounds; both sides send the same statements in the same transactions. C with each statement alone, without a "
        f"transaction and without the account's setting: {figures}.",
    ]
