// FAISS's flat and HNSW indexes with ids, replacing and removing.
#include <faiss/AutoTune.h>
#include <faiss/IndexFlat.h>
#include <faiss/IndexIDMap.h>
#include <faiss/impl/io.h>
#include <faiss/index_factory.h>
#include <faiss/index_io.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "CVectors.h"
#include "Failure.h"
#include "Kernels.h"
#include "Lock.h"
#include "Matches.h"

// Of OpenMP, whose header is the other compiler's.
extern "C" void omp_set_num_threads(int);

struct cvectors_faiss {
  std::unique_ptr<faiss::Index> index;
  /// By row. A graph of FAISS cannot let a row go: a removed one is passed over until the graph is made anew.
  std::vector<int64_t> ids;
  std::vector<bool> is_removed;
  size_t removed_count = 0;
  std::unordered_map<int64_t, size_t> rows;
  std::atomic<size_t> count{0};
  mutable Lock lock;

  /// Null for a graph.
  faiss::IndexFlat *flat() const { return dynamic_cast<faiss::IndexFlat *>(index.get()); }
  bool is_squared_distance() const { return index->metric_type == faiss::METRIC_L2; }

  /// Sets what FAISS keeps in a graph for all of its searches.
  void set(cvectors_faiss_graph graph) {
    if (!graph.links) return;
    faiss::ParameterSpace parameters;
    parameters.set_index_parameter(index.get(), "efConstruction", graph.build_width);
    parameters.set_index_parameter(index.get(), "efSearch", graph.search_width);
  }

  void take(const int64_t *new_ids, size_t new_count) {
    ids.assign(new_ids, new_ids + new_count);
    is_removed.assign(new_count, false);
    removed_count = 0;
    rows.clear();
    for (size_t row = 0; row < new_count; row++)
      if (!rows.emplace(ids[row], row).second) throw std::invalid_argument("an id stands twice");
    count = new_count;
  }

  void append(int64_t id, const float *vector) {
    ids.reserve(ids.size() + 1);
    is_removed.reserve(is_removed.size() + 1);
    rows[id] = ids.size();
    try {
      index->add(1, vector);
    } catch (...) {
      rows.erase(id);
      throw;
    }
    ids.push_back(id);
    is_removed.push_back(false);
    count = rows.size();
  }

  void remove(int64_t id) {
    auto known = rows.find(id);
    if (known == rows.end()) return;
    size_t row = known->second;
    if (auto *vectors = flat()) {
      size_t last = ids.size() - 1;
      if (row != last) {
        std::memcpy(&vectors->codes[row * vectors->code_size], &vectors->codes[last * vectors->code_size], vectors->code_size);
        ids[row] = ids[last];
        rows[ids[row]] = row;
      }
      vectors->codes.resize(last * vectors->code_size);
      vectors->ntotal = last;
      ids.pop_back();
      is_removed.pop_back();
    } else {
      is_removed[row] = true;
      removed_count++;
    }
    rows.erase(known);
    count = rows.size();
    if (removed_count > 64 && removed_count > rows.size()) leave_out_removed();
  }

  /// Makes the index anew of the rows that are left.
  void leave_out_removed() {
    std::vector<int64_t> kept;
    std::vector<float> vectors(rows.size() * index->d);
    for (size_t row = 0; row < ids.size(); row++) {
      if (is_removed[row]) continue;
      index->reconstruct(row, &vectors[kept.size() * index->d]);
      kept.push_back(ids[row]);
    }
    index->reset();
    if (!kept.empty()) index->add(kept.size(), vectors.data());
    take(kept.data(), kept.size());
  }
};

namespace {

// FAISS starts threads for a single search of a graph.
void stay_on_this_thread() { omp_set_num_threads(1); }

float similarity(const cvectors_faiss &index, float distance) {
  // Of vectors of length 1: the square of their distance is 2 - 2 cos.
  return index.is_squared_distance() ? 1 - distance / 2 : distance;
}

/// How many rows to have FAISS look for: removed ones come along.
size_t asked_for(const cvectors_faiss &index, size_t limit) {
  return std::min(index.ids.size(), limit + std::min(index.removed_count, limit + 16) + 1);
}

}  // namespace

cvectors_faiss *cvectors_faiss_make(
    size_t dimension, bool is_squared_distance, cvectors_faiss_graph graph, cvectors_failure *failure) {
  return caught(failure, static_cast<cvectors_faiss *>(nullptr), [&] {
    auto made = std::make_unique<cvectors_faiss>();
    std::string description = graph.links ? "HNSW" + std::to_string(graph.links) + ",Flat" : "Flat";
    made->index.reset(faiss::index_factory(
        dimension, description.c_str(), is_squared_distance ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT));
    made->set(graph);
    return made.release();
  });
}

cvectors_faiss *cvectors_faiss_read(
    const uint8_t *bytes, size_t length, const int64_t *ids, size_t count, cvectors_faiss_graph graph,
    cvectors_failure *failure) {
  return caught(failure, static_cast<cvectors_faiss *>(nullptr), [&] {
    faiss::VectorIOReader reader;
    reader.data.assign(bytes, bytes + length);
    auto made = std::make_unique<cvectors_faiss>();
    made->index.reset(faiss::read_index(&reader));
    made->set(graph);
    if (static_cast<size_t>(made->index->ntotal) != count) throw std::invalid_argument("there are fewer ids than rows");
    made->take(ids, count);
    return made.release();
  });
}

void cvectors_faiss_free(cvectors_faiss *index) { delete index; }

size_t cvectors_faiss_count(const cvectors_faiss *index) { return index->count.load(std::memory_order_relaxed); }

void cvectors_faiss_put(cvectors_faiss *index, int64_t id, const float *vector, cvectors_failure *failure) {
  caught(failure, [&] {
    stay_on_this_thread();
    Changing changing(index->lock);
    auto known = index->rows.find(id);
    auto *flat = index->flat();
    if (known != index->rows.end() && flat) {
      std::memcpy(&flat->codes[known->second * flat->code_size], vector, flat->code_size);
      return;
    }
    index->remove(id);
    index->append(id, vector);
  });
}

void cvectors_faiss_remove(cvectors_faiss *index, int64_t id, cvectors_failure *failure) {
  caught(failure, [&] {
    stay_on_this_thread();
    Changing changing(index->lock);
    index->remove(id);
  });
}

size_t cvectors_faiss_search(
    const cvectors_faiss *index, const float *query, size_t limit, cvectors_match *matches,
    cvectors_failure *failure) {
  return caught(failure, size_t{0}, [&] {
    stay_on_this_thread();
    Searching searching(index->lock);
    size_t asked = asked_for(*index, limit);
    if (limit == 0 || asked == 0) return size_t{0};
    // FAISS keeps any of those equally close: more are asked for until one that is farther is among them.
    for (;; asked = std::min(index->ids.size(), 2 * asked)) {
      std::vector<float> distances(asked);
      std::vector<int64_t> rows(asked);
      index->index->search(1, query, asked, distances.data(), rows.data());
      Closest closest(matches, limit);
      size_t found = 0;
      float farthest = 2;
      for (size_t i = 0; i < asked; i++) {
        if (rows[i] < 0) continue;
        float near = similarity(*index, distances[i]);
        farthest = std::min(farthest, near);
        if (index->is_removed[rows[i]]) continue;
        closest.offer({index->ids[rows[i]], near});
        found++;
      }
      size_t count = closest.finish();
      if (asked == index->ids.size() || (count == limit && farthest < matches[count - 1].similarity)) return count;
      if (found < limit && index->flat() == nullptr && asked > 4 * limit + 64) return count;
    }
  });
}

size_t cvectors_faiss_scan(
    const cvectors_faiss *index, const float *query, size_t limit, cvectors_filter filter, void *context,
    cvectors_match *matches, cvectors_failure *failure) {
  return caught(failure, size_t{0}, [&] {
    Searching searching(index->lock);
    size_t dimension = index->index->d, length = (dimension + 15) / 16 * 16;
    kernels::InnerProduct product = kernels::fastest_inner_product();
    std::vector<float> padded(length), row(length);
    std::copy_n(query, dimension, padded.begin());
    Closest closest(matches, limit);
    for (size_t number = 0; number < index->ids.size(); number++) {
      if (index->is_removed[number]) continue;
      index->index->reconstruct(number, row.data());
      cvectors_match match{index->ids[number], product(padded.data(), row.data(), length)};
      if (closest.takes(match) && (!filter || filter(context, match.id))) closest.offer(match);
    }
    return closest.finish();
  });
}

void cvectors_faiss_write(
    cvectors_faiss *index, void (*receive)(void *context, const uint8_t *bytes, size_t length), void *context,
    cvectors_failure *failure) {
  caught(failure, [&] {
    stay_on_this_thread();
    Changing changing(index->lock);
    if (index->removed_count > 0) index->leave_out_removed();
    faiss::VectorIOWriter writer;
    // An index that holds vectors cannot be given ids: the map is made of an empty one, and shown this one.
    std::unique_ptr<faiss::Index> empty(faiss::index_factory(index->index->d, "Flat", index->index->metric_type));
    faiss::IndexIDMap mapped(empty.get());
    mapped.index = index->index.get();
    mapped.ntotal = index->index->ntotal;
    mapped.id_map.assign(index->ids.begin(), index->ids.end());
    faiss::write_index(&mapped, &writer);
    receive(context, writer.data.data(), writer.data.size());
  });
}
