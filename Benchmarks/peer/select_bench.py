"""Times `reference.select` in process: arrays in, arrays out, no HTTP and no JSON."""

import argparse
import json
import time

import numpy as np

import reference
from sample_ads import sample_ads

# Enough calls for a steady 95th percentile, few enough that the largest size takes a second or two.
CALLS = {100: 2000, 1_000: 1000, 100_000: 30}


def as_arrays(body: dict) -> reference.AdStates:
    states, dna = body["ad_states"], body["creative_dna_scores"]

    def column(name: str, dtype: type) -> np.ndarray:
        # None becomes NaN, which is how AdStates spells "not given".
        return np.array([state[name] for state in states], dtype=dtype)

    return reference.AdStates(
        impressions=column("impressions", np.int64),
        clicks=column("clicks", np.int64),
        spend=column("spend", np.float64),
        pipeline_value=column("pipeline_value", np.float64),
        age_hours=column("age_hours", np.float64),
        current_budget=column("current_budget", np.float64),
        dna_score=np.array([dna.get(state["ad_id"], 0.0) for state in states]),
    )


def measure(count: int, calls: int) -> dict:
    body = sample_ads(count, seed=count)
    ads = as_arrays(body)
    rng = np.random.default_rng(1)
    for _ in range(max(3, calls // 10)):
        reference.select(ads, body["total_budget"], rng)
    durations = np.empty(calls)
    for call in range(calls):
        start = time.perf_counter()
        reference.select(ads, body["total_budget"], rng)
        durations[call] = time.perf_counter() - start
    median, p95 = np.percentile(durations * 1000, [50, 95])
    return {
        "benchmark": "select",
        "ads": count,
        "calls": calls,
        "median_ms": round(float(median), 4),
        "p95_ms": round(float(p95), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ads", type=int, help="one size instead of 100, 1,000 and 100,000")
    parser.add_argument("--calls", type=int)
    options = parser.parse_args()
    for count in [options.ads] if options.ads else CALLS:
        print(json.dumps(measure(count, options.calls or CALLS.get(count, 100))), flush=True)


if __name__ == "__main__":
    main()
