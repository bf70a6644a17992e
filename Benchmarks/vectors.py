#!/usr/bin/env python3
"""Finds vectors here and by faiss-cpu, in the same run and on one core: recall and queries per second of the processor.

Usage: vectors.py BENCHMARKS [VECTORS]    by default 100,000 vectors of 384 components, in clusters
"""

import json
import os
import subprocess
import sys
import tempfile
import time

import faiss
import numpy as np

DIMENSION, QUERIES, LIMIT, LINKS, ROUNDS = 384, 1_000, 10, 16, 3
WIDTHS = [48, 64, 96, 128, 192, 256]


def clustered(rows, centers, seed):
    """Vectors around centers: a vector's own part is as long as its center's."""
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((rows, DIMENSION), dtype=np.float32)
    vectors /= np.sqrt(DIMENSION)
    vectors += centers[random.integers(0, len(centers), rows)]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


class Peer:
    """faiss-cpu's HNSW with the same parameters."""

    def __init__(self, base, queries, build_width):
        self.queries = queries
        flat = faiss.IndexFlatIP(DIMENSION)
        flat.add(base)
        self.truth = [set(row) for row in flat.search(queries, LIMIT)[1]]
        small = faiss.IndexFlatIP(DIMENSION)
        small.add(base[:10_000])
        start = time.process_time()
        for query in queries:
            small.search(query[None], LIMIT)
        self.exact = (time.process_time() - start) / len(queries) * 1_000
        self.index = faiss.IndexHNSWFlat(DIMENSION, LINKS, faiss.METRIC_INNER_PRODUCT)
        self.index.hnsw.efConstruction = build_width
        start = time.process_time()
        self.index.add(base)
        self.build = time.process_time() - start

    def search(self, width):
        """One call for each query, and one for all of them: the faster of both counts."""
        self.index.hnsw.efSearch = width
        start = time.process_time()
        single = [self.index.search(query[None], LIMIT)[1][0] for query in self.queries]
        middle = time.process_time()
        self.index.search(self.queries, LIMIT)
        end = time.process_time()
        recall = sum(len(truth & set(row)) for truth, row in zip(self.truth, single)) / (LIMIT * len(self.queries))
        return recall, len(self.queries) / min(middle - start, end - middle)


class Own:
    def __init__(self, program, folder, build_width):
        self.process = subprocess.Popen(
            [program, "vectors", f"{folder}/base.npy", f"{folder}/queries.npy", "--limit", str(LIMIT),
             "--links", str(LINKS), "--build-width", str(build_width), "--ask"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.build = None

    def line(self):
        return json.loads(self.process.stdout.readline())

    def search(self, width):
        print(width, file=self.process.stdin, flush=True)
        answer = self.line()
        return answer["recall"], answer["queries_per_second"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def main():
    program = sys.argv[1]
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    build_width = 200 if rows <= 100_000 else 100
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    faiss.omp_set_num_threads(1)
    random = np.random.default_rng(1)
    centers = random.standard_normal((max(10, rows // 500), DIMENSION), dtype=np.float32)
    centers /= np.linalg.norm(centers, axis=1, keepdims=True)
    base, queries = clustered(rows, centers, 2), clustered(QUERIES, centers, 3)
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/base.npy", base)
        np.save(f"{folder}/queries.npy", queries)
        np.save(f"{folder}/small.npy", base[:10_000])
        exact = subprocess.run(
            [program, "vectors", f"{folder}/small.npy", f"{folder}/queries.npy", "--build-width", "1", "--links", "2"],
            capture_output=True, text=True, check=True).stdout.splitlines()
        own = Own(program, folder, build_width)
        build, _ = own.line(), own.line()
        peer = Peer(base, queries, build_width)
        print(f"{rows:,} vectors of {DIMENSION} in {len(centers):,} clusters, {QUERIES:,} queries, "
              f"{LINKS} links, build width {build_width}, one core, times of its processor")
        print(f"exact, 10,000 vectors: here {json.loads(exact[1])['milliseconds']:.2f} ms, "
              f"faiss-cpu {faiss.__version__} {peer.exact:.2f} ms")
        print(f"build: here {build['seconds']:.0f} s, faiss-cpu {peer.build:.0f} s")
        print("| width | recall here | recall faiss-cpu | queries/s here | queries/s faiss-cpu | ratio |")
        print("|---:|---:|---:|---:|---:|---:|")
        for width in WIDTHS:
            both = [(own.search(width), peer.search(width)) for _ in range(ROUNDS)]
            here = max(one[0][1] for one in both)
            there = max(one[1][1] for one in both)
            print(f"| {width} | {both[0][0][0]:.4f} | {both[0][1][0]:.4f} | {here:,.0f} | {there:,.0f} | {here / there:.2f} |",
                  flush=True)
        own.close()


if __name__ == "__main__":
    main()
