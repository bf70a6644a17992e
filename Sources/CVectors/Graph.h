// hnswlib's graph with vectors aligned to cache lines, and searches whose width is their own.
#pragma once

// hnswlib's own kernels are chosen when it is compiled, and its prefetching reads beyond the end of link lists.
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>

#include "CVectors.h"
#include "Kernels.h"

/// Rows of floats, padded with zeros to a multiple of 16, compared by their negative inner product.
class Space : public hnswlib::SpaceInterface<float> {
 public:
  explicit Space(size_t dimension) : length_((dimension + 15) / 16 * 16) {}
  size_t length() const { return length_; }
  size_t get_data_size() override { return length_ * sizeof(float); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return distance; }
  void *get_dist_func_param() override { return &length_; }

  static float distance(const void *a, const void *b, const void *length) {
    static const kernels::InnerProduct product = kernels::fastest_inner_product();
    return -product(static_cast<const float *>(a), static_cast<const float *>(b), *static_cast<const size_t *>(length));
  }

 private:
  size_t length_;
};

/// A row, and its distance from a query.
struct Candidate {
  float distance;
  uint32_t row;
};

/// Which rows a search may return.
class RowFilter {
 public:
  virtual bool allows(uint32_t row) const = 0;

 protected:
  ~RowFilter() = default;
};

/// Changes are the caller's to keep apart from searches.
class Graph : public hnswlib::HierarchicalNSW<float> {
 public:
  Graph(Space &space, size_t links, size_t build_width);
  ~Graph();

  /// Makes room for `count` rows in all.
  void reserve(size_t count);
  /// Adds a row of the space's length and returns its number.
  uint32_t append(const float *row);
  void replace(uint32_t row, const float *components) { updatePoint(components, row, 1.0f); }
  const float *row(uint32_t row) const { return reinterpret_cast<const float *>(getDataByInternalId(row)); }

  /// The closest rows that pass, in no order, up to `width` of them. `*is_cut` says whether `most_compared` ended it.
  std::vector<Candidate> search(
      const float *query, size_t width, size_t most_compared, const RowFilter &filter, bool *is_cut) const;

  /// Copies the links of a row to rows before `row_count`, each level's list filled up with -1; returns how many numbers
  /// were written.
  size_t copy_links(uint32_t row, size_t row_count, int32_t *links) const;
  /// Fills an empty graph with rows whose links are known.
  void fill(
      size_t count, size_t dimension, const float *vectors, const int32_t *levels, const int32_t *links,
      int32_t entry_row, int32_t top_level);

 private:
  uint32_t descend(const float *query, float *distance) const;
  void allocate_rows(size_t count);
  uint32_t *list(uint32_t row, int level) const { return get_linklist_at_level(row, level); }

  Space &space_;
  size_t row_bytes_ = 0;
};
