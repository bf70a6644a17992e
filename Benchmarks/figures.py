"""What every part of the benchmark does with figures."""

import json
import statistics
from typing import NamedTuple

from processes import Failure


def last_json(output: str) -> dict:
    lines = [line for line in output.splitlines() if line.startswith("{")]
    if not lines:
        raise Failure(f"no JSON line in: {output[-500:]}")
    return json.loads(lines[-1])


def medians(rounds: dict[str, list[dict]], keys: tuple[str, ...]) -> dict[str, dict[str, float]]:
    """The median of each figure over the rounds of each side."""
    return {name: {key: statistics.median(entry[key] for entry in entries) for key in keys}
            for name, entries in rounds.items()}


class Row(NamedTuple):
    """A row of the table; a ratio above 1 means that GeminiVideo is the faster one."""

    what: str
    ours: str
    theirs: str
    ratio: float


def rate_row(what: str, ours: float, theirs: float, unit: str = "/s") -> Row:
    return Row(what, f"{ours:,.0f}{unit}", f"{theirs:,.0f}{unit}", ours / theirs)


def time_row(what: str, ours: float, theirs: float, digits: int = 1) -> Row:
    return Row(what, f"{ours:.{digits}f} ms", f"{theirs:.{digits}f} ms", theirs / ours)
