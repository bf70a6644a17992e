// Ids, removals and locks over the graph.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <random>
#include <stdexcept>

#include "Failure.h"
#include "Graph.h"
#include "Lock.h"
#include "Matches.h"

struct cvectors_graph {
  explicit cvectors_graph(cvectors_shape shape)
      : shape(shape), space(shape.dimension), graph(space, shape.links, shape.build_width), padded(space.length()) {}

  cvectors_shape shape;
  Space space;
  Graph graph;
  /// By row. A removed row stays in the graph, because links lead through it, until a new vector takes its place.
  std::vector<int64_t> ids;
  std::vector<bool> is_removed;
  std::vector<uint32_t> removed_rows;
  std::unordered_map<int64_t, uint32_t> rows;
  /// What changes copy a vector into, its end always zero.
  std::vector<float> padded;
  std::atomic<size_t> count{0};
  mutable Lock lock;

  const float *pad(const float *vector) {
    std::copy_n(vector, shape.dimension, padded.begin());
    return padded.data();
  }
};

namespace {

struct Filter final : RowFilter {
  Filter(const cvectors_graph &index, cvectors_filter filter, void *context)
      : index(index), filter(filter), context(context) {}
  bool allows(uint32_t row) const override {
    return !index.is_removed[row] && (!filter || filter(context, index.ids[row]));
  }
  const cvectors_graph &index;
  cvectors_filter filter;
  void *context;
};

/// The query with its padding.
std::vector<float> padded(const cvectors_graph &index, const float *query) {
  std::vector<float> result(index.space.length());
  std::copy_n(query, index.shape.dimension, result.begin());
  return result;
}

}  // namespace

cvectors_graph *cvectors_graph_make(cvectors_shape shape, cvectors_failure *failure) {
  return caught(failure, static_cast<cvectors_graph *>(nullptr), [&] { return new cvectors_graph(shape); });
}

void cvectors_graph_free(cvectors_graph *graph) { delete graph; }

size_t cvectors_graph_count(const cvectors_graph *graph) { return graph->count.load(std::memory_order_relaxed); }

void cvectors_graph_reserve(cvectors_graph *graph, size_t count, cvectors_failure *failure) {
  caught(failure, [&] {
    Changing changing(graph->lock);
    graph->graph.reserve(count);
  });
}

void cvectors_graph_put(cvectors_graph *graph, int64_t id, const float *vector, cvectors_failure *failure) {
  caught(failure, [&] {
    Changing changing(graph->lock);
    const float *row = graph->pad(vector);
    auto known = graph->rows.find(id);
    if (known != graph->rows.end()) {
      graph->graph.replace(known->second, row);
      return;
    }
    if (!graph->removed_rows.empty()) {
      uint32_t number = graph->removed_rows.back();
      graph->rows.emplace(id, number);
      graph->removed_rows.pop_back();
      graph->ids[number] = id;
      graph->is_removed[number] = false;
      graph->count++;
      graph->graph.replace(number, row);
      return;
    }
    // Until it is whole, the new row counts as removed: a failure on the way leaves nothing that a search could find.
    graph->ids.push_back(id);
    graph->is_removed.push_back(true);
    uint32_t number;
    try {
      graph->rows.reserve(graph->rows.size() + 1);
      number = graph->graph.append(row);
    } catch (...) {
      graph->ids.resize(graph->graph.cur_element_count);
      graph->is_removed.resize(graph->graph.cur_element_count);
      throw;
    }
    graph->rows.emplace(id, number);
    graph->is_removed[number] = false;
    graph->count++;
  });
}

void cvectors_graph_remove(cvectors_graph *graph, int64_t id, cvectors_failure *failure) {
  caught(failure, [&] {
    Changing changing(graph->lock);
    auto known = graph->rows.find(id);
    if (known == graph->rows.end()) return;
    graph->removed_rows.push_back(known->second);
    graph->is_removed[known->second] = true;
    graph->rows.erase(known);
    graph->count--;
  });
}

size_t cvectors_graph_search(
    const cvectors_graph *graph, const float *query, size_t limit, size_t width, size_t most_compared,
    cvectors_filter filter, void *context, cvectors_match *matches, cvectors_failure *failure) {
  return caught(failure, size_t{0}, [&] {
    auto row = padded(*graph, query);
    Searching searching(graph->lock);
    bool is_cut;
    auto found = graph->graph.search(
        row.data(), std::max(width, limit), most_compared, Filter(*graph, filter, context), &is_cut);
    Closest closest(matches, limit);
    for (auto &one : found) closest.offer({graph->ids[one.row], -one.distance});
    return closest.finish();
  });
}

size_t cvectors_graph_scan(
    const cvectors_graph *graph, const float *query, size_t limit, cvectors_filter filter, void *context,
    cvectors_match *matches, cvectors_failure *failure) {
  return caught(failure, size_t{0}, [&] {
    auto row = padded(*graph, query);
    Searching searching(graph->lock);
    Filter filtering(*graph, filter, context);
    Closest closest(matches, limit);
    for (uint32_t number = 0; number < graph->ids.size(); number++) {
      cvectors_match match{
          graph->ids[number], -Space::distance(row.data(), graph->graph.row(number), graph->graph.dist_func_param_)};
      if (closest.takes(match) && filtering.allows(number)) closest.offer(match);
    }
    return closest.finish();
  });
}

size_t cvectors_graph_sample(
    const cvectors_graph *graph, size_t sample_size, cvectors_filter filter, void *context, size_t *tried) {
  Searching searching(graph->lock);
  Filter filtering(*graph, filter, context);
  size_t passed = 0;
  *tried = 0;
  // Ids can have a period of their own, and every 200th row would then say nothing of the others.
  std::minstd_rand random;
  for (size_t i = 0; i < sample_size && !graph->ids.empty(); i++) {
    size_t row = random() % graph->ids.size();
    if (graph->is_removed[row]) continue;
    *tried += 1;
    if (filtering.allows(row)) passed++;
  }
  return passed;
}

cvectors_extent cvectors_graph_extent(const cvectors_graph *graph) {
  Searching searching(graph->lock);
  size_t links = 0;
  for (size_t row = 0; row < graph->ids.size(); row++)
    links += graph->graph.maxM0_ + graph->graph.element_levels_[row] * graph->graph.maxM_;
  return {graph->ids.size(), links, static_cast<int32_t>(graph->graph.enterpoint_node_), graph->graph.maxlevel_};
}

size_t cvectors_graph_copy(
    const cvectors_graph *graph, size_t first, size_t count, size_t row_count, size_t link_start, int64_t *ids,
    bool *is_removed, float *vectors, int32_t *levels, int32_t *links) {
  Searching searching(graph->lock);
  size_t written = 0, dimension = graph->shape.dimension;
  for (size_t row = first; row < first + count; row++) {
    ids[row] = graph->ids[row];
    is_removed[row] = graph->is_removed[row];
    levels[row] = graph->graph.element_levels_[row] + 1;
    std::copy_n(graph->graph.row(row), dimension, vectors + row * dimension);
    written += graph->graph.copy_links(row, row_count, links + link_start + written);
  }
  return written;
}

void cvectors_graph_fill(
    cvectors_graph *graph, size_t row_count, const int64_t *ids, const bool *is_removed, const float *vectors,
    const int32_t *levels, const int32_t *links, int32_t entry_row, int32_t top_level, cvectors_failure *failure) {
  caught(failure, [&] {
    Changing changing(graph->lock);
    if (row_count == 0) return;
    graph->graph.fill(row_count, graph->shape.dimension, vectors, levels, links, entry_row, top_level);
    graph->ids.assign(ids, ids + row_count);
    graph->is_removed.assign(is_removed, is_removed + row_count);
    for (size_t row = 0; row < row_count; row++) {
      if (is_removed[row])
        graph->removed_rows.push_back(row);
      else if (!graph->rows.emplace(ids[row], row).second)
        throw std::invalid_argument("an id stands twice");
    }
    graph->count = graph->rows.size();
  });
}
