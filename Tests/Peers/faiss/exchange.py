"""Exchanges index files with the program given first, in the folder given second."""

import subprocess
import sys

import faiss
import numpy as np

ROWS, DIMENSION, QUERIES, LIMIT = 3_000, 384, 40, 10
# Sums of 384 products differ in their last bits between instruction sets.
TOLERANCE = 2e-5


def unit_vectors(rows, seed):
    centers = np.random.default_rng(0).standard_normal((30, DIMENSION), dtype=np.float32)
    random = np.random.default_rng(seed)
    vectors = centers[random.integers(0, 30, rows)] + random.standard_normal((rows, DIMENSION), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def ids_of_rows():
    return np.arange(ROWS, dtype=np.int64) * 1_000_003 - 5_000_000_000


def widen(index):
    inner = faiss.downcast_index(index.index) if isinstance(index, (faiss.IndexIDMap, faiss.IndexIDMap2)) else index
    if isinstance(inner, faiss.IndexHNSW):
        inner.hnsw.efSearch = 400


def similarities(index, distances):
    return 1 - distances / 2 if index.metric_type == faiss.METRIC_L2 else distances


def expect_same(name, ids, found, expected_ids, expected):
    np.testing.assert_allclose(found, expected, atol=TOLERANCE, err_msg=name)
    # Of vectors whose similarities differ by less than that, either may come first.
    gaps = np.abs(np.diff(expected, axis=1)) > 2 * TOLERANCE
    certain = np.hstack([gaps, np.zeros((len(expected), 1), bool)]) & np.hstack([np.ones((len(expected), 1), bool), gaps])
    assert certain.mean() > 0.7, name
    np.testing.assert_array_equal(ids[certain], expected_ids[certain], err_msg=name)


def found_by(program, file, folder):
    output = subprocess.run(
        [program, "search", file, f"{folder}/queries.npy", "--limit", str(LIMIT)],
        check=True, capture_output=True, text=True,
    ).stdout
    results = {}
    for line in output.splitlines():
        kind, query, identity, similarity = line.split()
        ids, found = results.setdefault(kind, ([[] for _ in range(QUERIES)], [[] for _ in range(QUERIES)]))
        ids[int(query)].append(int(identity))
        found[int(query)].append(float(similarity))
    return {kind: (np.array(ids), np.array(found, np.float32)) for kind, (ids, found) in results.items()}


def main():
    program, folder = sys.argv[1:]
    vectors, queries = unit_vectors(ROWS, 1), unit_vectors(QUERIES, 2)
    np.save(f"{folder}/vectors.npy", vectors)
    np.save(f"{folder}/queries.npy", queries)
    exact = queries @ vectors.T
    rows = np.argsort(-exact, axis=1)[:, :LIMIT]
    truth = np.take_along_axis(exact, rows, axis=1)

    subprocess.run([program, "write", folder], check=True)
    copy = np.load(f"{folder}/copy.npy")
    assert copy.dtype == np.float32 and np.array_equal(copy, vectors)
    for name in ["flat", "flat-squared-distance", "graph", "graph-squared-distance", "library-flat", "library-graph"]:
        index = faiss.read_index(f"{folder}/{name}.faiss")
        assert index.ntotal == ROWS and index.d == DIMENSION
        assert set(faiss.vector_to_array(index.id_map)) == set(ids_of_rows())
        widen(index)
        distances, ids = index.search(queries, LIMIT)
        expect_same(name, ids, similarities(index, distances), ids_of_rows()[rows], truth)
        print(f"FAISS finds the same in {name}.faiss")

    for metric in [faiss.METRIC_INNER_PRODUCT, faiss.METRIC_L2]:
        for kind in ["Flat", "HNSW16,Flat", "HNSW32,Flat"]:
            plain = faiss.index_factory(DIMENSION, kind, metric)
            plain.add(vectors)
            written = [(plain, np.arange(ROWS))]
            for mapping in [faiss.IndexIDMap, faiss.IndexIDMap2]:
                mapped = mapping(faiss.index_factory(DIMENSION, kind, metric))
                mapped.add_with_ids(vectors, ids_of_rows())
                written.append((mapped, ids_of_rows()))
            for index, identities in written:
                name = f"{type(index).__name__} of {kind}, metric {metric}"
                faiss.write_index(index, f"{folder}/theirs.faiss")
                for by, (ids, found) in found_by(program, f"{folder}/theirs.faiss", folder).items():
                    expect_same(f"{name}, {by}", ids, found, identities[rows], truth)
            print(f"The same is found here in FAISS's {kind}, metric {metric}")

    refused = faiss.index_factory(DIMENSION, "IVF10,Flat")
    refused.train(vectors)
    faiss.write_index(refused, f"{folder}/refused.faiss")
    outcome = subprocess.run(
        [program, "search", f"{folder}/refused.faiss", f"{folder}/queries.npy"], capture_output=True, text=True
    )
    assert outcome.returncode != 0 and "IwFl" in outcome.stderr, outcome.stderr
    print("Other kinds are refused by name")


if __name__ == "__main__":
    main()
