#!/usr/bin/env python3
"""Measures the embedded text embedder against sentence-transformers on torch and against onnxruntime, in one run.

All get the same texts on the same machine and take turns; tokenizers are included on every side, and a side counts only
if its vectors are sentence-transformers'. The peers' packages are those of Tests/Peers/minilm with onnxruntime: some
gigabytes. Nothing is sent anywhere but to PyPI, for the packages.

onnxruntime runs the graph that torch exports of the same weights, optimised, and Hugging Face's tokenizer pads each
batch to its longest text, as its users do.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

from figures import medians

HERE = Path(__file__).resolve().parent
PEER = HERE / "peer" / "embedding_peer.py"
WORDS = """premium running shoes sale free shipping new york summer discount laptop gaming travel hotel flights coffee
organic skincare fitness app subscription insurance quote compare prices best deals luxury watch leather handmade vegan
recipe kids toys outdoor camping gear electric car lease credit card reward points online course certificate remote
job hiring""".split()
# What the embedder must reach, of each peer's rate.
LEAST = {"torch": 2.0, "onnxruntime": 0.9}


def sample_texts(count: int) -> list[str]:
    source = random.Random(1)
    return [" ".join(source.choice(WORDS) for _ in range(source.randint(8, 22))).capitalize() + "." for _ in range(count)]


def last_line(command: list) -> dict:
    # The embedder's threads give way to others; so do the peers, that all have the same share of a busy machine.
    done = subprocess.run(["nice", "-n", "10", *map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{Path(str(command[0])).name} ended with {done.returncode}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", type=Path, default=HERE.parent / ".build" / "release" / "benchmarks")
    parser.add_argument("--python", type=Path, required=True, help="an interpreter with the peers' packages")
    parser.add_argument("--models", type=Path, default=HERE.parent / ".models")
    parser.add_argument("--folder", type=Path, required=True, help="where texts and the exported graph are kept")
    parser.add_argument("--texts", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    texts = options.folder / "texts.jsonl"
    texts.write_text("".join(json.dumps(text) + "\n" for text in sample_texts(options.texts)))
    graph = options.folder / "model.onnx"
    if not graph.exists():
        last_line([options.python, PEER, "export", graph])
    print(f"load before: {os.getloadavg()[0]:.1f}; {options.texts} texts, medians of {options.rounds} rounds; in brackets "
          "texts a second of one processor's time")
    print("| batch | threads | GeminiVideo | torch | ratio | onnxruntime | ratio |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    missed, ours = [], []
    for batch in (1, 32):
        for threads in (1, 2):
            rounds: dict[str, list[dict]] = {"ours": [], "torch": [], "onnxruntime": []}
            for _ in range(options.rounds):
                rounds["ours"].append(last_line([options.bench, "embedding", "--models", options.models, "--texts", texts,
                                                 "--batch", batch, "--threads", threads]))
                for peer in LEAST:
                    rounds[peer].append(last_line([options.python, PEER, peer, graph, texts, batch, threads]))
            ours += rounds["ours"]
            middle = medians(rounds, ("texts_s", "texts_cpu_s"))
            ratios = {peer: middle["ours"]["texts_s"] / middle[peer]["texts_s"] for peer in LEAST}
            missed += [f"batch {batch}, threads {threads}: {peer}" for peer in LEAST if ratios[peer] < LEAST[peer]]
            cells = {name: f"{rates['texts_s']:,.0f}/s ({rates['texts_cpu_s']:,.0f})" for name, rates in middle.items()}
            print(f"| {batch} | {threads} | {cells['ours']} | {cells['torch']} | {ratios['torch']:.2f} | "
                  f"{cells['onnxruntime']} | {ratios['onnxruntime']:.2f} |", flush=True)
    first = [answer["first_ms"] for answer in ours]
    print(f"\nfirst text, loading included: {statistics.median(first):.0f} ms (most {max(first):.0f}); "
          f"most memory {max(answer['peak_mb'] for answer in ours):.0f} MB; load after: {os.getloadavg()[0]:.1f}")
    if missed:
        sys.exit("missed: " + "; ".join(missed))


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"took {time.monotonic() - started:.0f} s", file=sys.stderr)
