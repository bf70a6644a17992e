// Vector search of hnswlib and FAISS for Swift, as C: no exception and no C++ type crosses this border.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Why a call failed; of a call that did not, the code is cvectors_ok.
typedef enum : int32_t { cvectors_ok = 0, cvectors_no_memory = 1, cvectors_failed = 2 } cvectors_code;

typedef struct {
  cvectors_code code;
  /// A sentence without a full stop, ended by a zero.
  char text[256];
} cvectors_failure;

/// Whether a search may return the vector with this id. Must not call the index that asks.
typedef bool (*cvectors_filter)(void *context, int64_t id);

typedef struct {
  int64_t id;
  /// The inner product with what was searched for.
  float similarity;
} cvectors_match;

/// How many ways of computing inner products this processor has. The first is the fastest, and in use.
size_t cvectors_kernel_count(void);
/// The name of the instructions of one of them, such as "AVX2".
const char *cvectors_kernel_name(size_t kernel);
/// The inner product of two rows of `length` floats, a multiple of 16, by one of them.
float cvectors_kernel_product(size_t kernel, const float *a, const float *b, size_t length);

// A graph of hnswlib. Searches run side by side; a change waits for them, and new searches wait for it.

typedef struct cvectors_graph cvectors_graph;

typedef struct {
  size_t dimension;
  /// Links of each vector above the lowest level; twice as many on it. 2 to 1,024.
  size_t links;
  /// How many candidates are kept while a vector's links are chosen.
  size_t build_width;
} cvectors_shape;

/// Null for a failure.
cvectors_graph *cvectors_graph_make(cvectors_shape shape, cvectors_failure *failure);
void cvectors_graph_free(cvectors_graph *graph);

/// How many vectors it holds.
size_t cvectors_graph_count(const cvectors_graph *graph);
/// Makes room for `count` vectors in all.
void cvectors_graph_reserve(cvectors_graph *graph, size_t count, cvectors_failure *failure);
/// Adds or replaces.
void cvectors_graph_put(cvectors_graph *graph, int64_t id, const float *vector, cvectors_failure *failure);
void cvectors_graph_remove(cvectors_graph *graph, int64_t id, cvectors_failure *failure);

/// Follows the graph to the vectors closest to `query`, the closest first, those equally close by id.
/// `width` candidates are kept on the way, at least `limit`: more find more. It ends early, with what it has, after
/// comparing `most_compared` vectors. `filter` may be null. Returns how many matches were written: `limit`, or maybe
/// fewer than there are.
size_t cvectors_graph_search(
    const cvectors_graph *graph, const float *query, size_t limit, size_t width, size_t most_compared,
    cvectors_filter filter, void *context, cvectors_match *matches, cvectors_failure *failure);

/// Compares every vector that passes. Returns how many matches were written.
size_t cvectors_graph_scan(
    const cvectors_graph *graph, const float *query, size_t limit, cvectors_filter filter, void *context,
    cvectors_match *matches, cvectors_failure *failure);

/// How many of about `sample_size` vectors, drawn at random, pass; `*tried` is how many were tried.
size_t cvectors_graph_sample(
    const cvectors_graph *graph, size_t sample_size, cvectors_filter filter, void *context, size_t *tried);

// A graph as flat arrays, in FAISS's arrangement: of each vector, from the lowest level up, room for the links of each
// of its levels; -1 where there is none.

typedef struct {
  /// Rows, removed vectors not left out: links lead through them.
  size_t row_count;
  /// All links.
  size_t link_count;
  int32_t entry_row;
  int32_t top_level;
} cvectors_extent;

cvectors_extent cvectors_graph_extent(const cvectors_graph *graph);
/// Copies `count` rows from `first` on into arrays for all `row_count` rows: ids, whether they are removed, components,
/// numbers of levels; and their links to `links + link_start`. Links to rows from `row_count` on, which were added after
/// the extent was taken, are left out. Returns how many links were written. Changes wait; a caller that copies a few
/// thousand rows at a time lets them go in between. A row that changes in between keeps its levels.
size_t cvectors_graph_copy(
    const cvectors_graph *graph, size_t first, size_t count, size_t row_count, size_t link_start, int64_t *ids,
    bool *is_removed, float *vectors, int32_t *levels, int32_t *links);

/// Fills an empty graph. Everything must have been checked: every link of level l leads to a row of at least l + 1
/// levels, lists hold -1 only at their end, and no list leads to its own row.
void cvectors_graph_fill(
    cvectors_graph *graph, size_t row_count, const int64_t *ids, const bool *is_removed, const float *vectors,
    const int32_t *levels, const int32_t *links, int32_t entry_row, int32_t top_level, cvectors_failure *failure);

// An index of FAISS. Searches run side by side; a change waits for them, and new searches wait for it.

typedef struct cvectors_faiss cvectors_faiss;

/// Of an HNSW graph; a flat index has 0 links.
typedef struct {
  size_t links, build_width, search_width;
} cvectors_faiss_graph;

/// Vectors are compared by their inner product, or by the square of their distance. Null for a failure.
cvectors_faiss *cvectors_faiss_make(
    size_t dimension, bool is_squared_distance, cvectors_faiss_graph graph, cvectors_failure *failure);
/// Reads an index without ids from the bytes of a FAISS file, which must have been checked, and gives it `ids`, one for
/// each of its vectors. Null for a failure.
cvectors_faiss *cvectors_faiss_read(
    const uint8_t *bytes, size_t length, const int64_t *ids, size_t count, cvectors_faiss_graph graph,
    cvectors_failure *failure);
void cvectors_faiss_free(cvectors_faiss *index);

size_t cvectors_faiss_count(const cvectors_faiss *index);
/// Adds or replaces.
void cvectors_faiss_put(cvectors_faiss *index, int64_t id, const float *vector, cvectors_failure *failure);
void cvectors_faiss_remove(cvectors_faiss *index, int64_t id, cvectors_failure *failure);

/// Lets FAISS search, whose graphs know no filter. Returns how many matches were written: `limit`, or maybe fewer than
/// there are.
size_t cvectors_faiss_search(
    const cvectors_faiss *index, const float *query, size_t limit, cvectors_match *matches, cvectors_failure *failure);
/// Compares every vector that passes. Returns how many matches were written.
size_t cvectors_faiss_scan(
    const cvectors_faiss *index, const float *query, size_t limit, cvectors_filter filter, void *context,
    cvectors_match *matches, cvectors_failure *failure);

/// Has FAISS write the index with its ids (IndexIDMap), without what was removed. `receive` gets the bytes, all at once.
void cvectors_faiss_write(
    cvectors_faiss *index, void (*receive)(void *context, const uint8_t *bytes, size_t length), void *context,
    cvectors_failure *failure);

#ifdef __cplusplus
}
#endif
