#include "Graph.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>

namespace {

constexpr size_t cache_line = 64;

size_t rounded_up(size_t bytes) { return (bytes + cache_line - 1) / cache_line * cache_line; }

bool is_closer(const Candidate &a, const Candidate &b) { return a.distance < b.distance; }
bool is_farther(const Candidate &a, const Candidate &b) { return a.distance > b.distance; }

// Marks the rows that a search has seen.
class Visited {
 public:
  explicit Visited(hnswlib::VisitedListPool *pool) : pool_(pool), list_(pool->getFreeVisitedList()) {}
  ~Visited() { pool_->releaseVisitedList(list_); }
  Visited(const Visited &) = delete;

  bool mark(uint32_t row) {
    if (list_->mass[row] == list_->curV) return false;
    list_->mass[row] = list_->curV;
    return true;
  }
  void prefetch(uint32_t row) const { __builtin_prefetch(list_->mass + row); }

 private:
  hnswlib::VisitedListPool *pool_;
  hnswlib::VisitedList *list_;
};

}  // namespace

Graph::Graph(Space &space, size_t links, size_t build_width)
    : HierarchicalNSW<float>(&space, 1, links, build_width), space_(space) {
  // hnswlib puts a row right behind its links. Rows that begin at a cache line are compared in less time.
  offsetData_ = rounded_up(size_links_level0_);
  label_offset_ = offsetData_ + data_size_;
  size_data_per_element_ = rounded_up(label_offset_ + sizeof(hnswlib::labeltype));
  free(data_level0_memory_);
  data_level0_memory_ = nullptr;
  allocate_rows(max_elements_);
}

Graph::~Graph() {
  if (data_level0_memory_) munmap(data_level0_memory_, row_bytes_);
  data_level0_memory_ = nullptr;
}

void Graph::allocate_rows(size_t count) {
  size_t bytes = count * size_data_per_element_;
  void *memory =
      data_level0_memory_
          ? mremap(data_level0_memory_, row_bytes_, bytes, MREMAP_MAYMOVE)
          : mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // Searches jump from row to row: with large pages, fewer of the jumps miss the table of pages.
  madvise(memory, bytes, MADV_HUGEPAGE);
  data_level0_memory_ = static_cast<char *>(memory);
  row_bytes_ = bytes;
}

void Graph::reserve(size_t count) {
  if (count <= max_elements_) return;
  if (count > static_cast<size_t>(std::numeric_limits<int32_t>::max()))
    throw std::length_error("an index holds up to 2,147,483,647 vectors");
  // hnswlib's resizeIndex does this with memory of its own.
  auto visited = std::make_unique<hnswlib::VisitedListPool>(1, static_cast<int>(count));
  element_levels_.resize(count);
  std::vector<std::mutex>(count).swap(link_list_locks_);
  auto upper = static_cast<char **>(realloc(linkLists_, count * sizeof(char *)));
  if (!upper) throw std::bad_alloc();
  linkLists_ = upper;
  allocate_rows(count);
  delete visited_list_pool_;
  visited_list_pool_ = visited.release();
  max_elements_ = count;
}

uint32_t Graph::append(const float *row) {
  if (cur_element_count == max_elements_) reserve(std::max<size_t>(1024, max_elements_ + max_elements_ / 2));
  uint32_t number = addPoint(row, cur_element_count, -1);
  // Rows are known by their numbers here: hnswlib's table of labels would take memory for nothing.
  label_lookup_.clear();
  return number;
}

uint32_t Graph::descend(const float *query, float *distance) const {
  uint32_t row = enterpoint_node_;
  *distance = Space::distance(query, getDataByInternalId(row), dist_func_param_);
  for (int level = maxlevel_; level > 0; level--) {
    bool has_moved = true;
    while (has_moved) {
      has_moved = false;
      const uint32_t *links = list(row, level);
      size_t count = getListCount(const_cast<uint32_t *>(links));
      for (size_t i = 1; i <= count; i++) {
        float other = Space::distance(query, getDataByInternalId(links[i]), dist_func_param_);
        if (other < *distance) {
          *distance = other;
          row = links[i];
          has_moved = true;
        }
      }
    }
  }
  return row;
}

std::vector<Candidate> Graph::search(
    const float *query, size_t width, size_t most_compared, const RowFilter &filter, bool *is_cut) const {
  *is_cut = false;
  std::vector<Candidate> found;
  if (cur_element_count == 0 || width == 0) return found;
  found.reserve(width + 1);
  std::vector<Candidate> open;
  open.reserve(4 * width);
  std::vector<uint32_t> fresh(maxM0_);
  Visited visited(visited_list_pool_);
  float farthest = std::numeric_limits<float>::max();
  auto take = [&](Candidate candidate) {
    open.push_back(candidate);
    std::push_heap(open.begin(), open.end(), is_farther);
    if (!filter.allows(candidate.row)) return;
    found.push_back(candidate);
    std::push_heap(found.begin(), found.end(), is_closer);
    if (found.size() > width) {
      std::pop_heap(found.begin(), found.end(), is_closer);
      found.pop_back();
    }
    if (found.size() == width) farthest = found.front().distance;
  };
  float distance;
  uint32_t entry = descend(query, &distance);
  visited.mark(entry);
  take({distance, entry});
  size_t compared = 1;
  while (!open.empty() && open.front().distance <= farthest) {
    if (compared >= most_compared) {
      *is_cut = true;
      break;
    }
    const uint32_t *links = list(open.front().row, 0);
    std::pop_heap(open.begin(), open.end(), is_farther);
    open.pop_back();
    size_t count = getListCount(const_cast<uint32_t *>(links));
    for (size_t i = 1; i <= count; i++) visited.prefetch(links[i]);
    size_t fresh_count = 0;
    for (size_t i = 1; i <= count; i++) {
      if (!visited.mark(links[i])) continue;
      // The processor fetches the rest of a row once it sees the beginning being read.
      const char *row = getDataByInternalId(links[i]);
      for (size_t line = 0; line < 4; line++) __builtin_prefetch(row + line * cache_line);
      fresh[fresh_count++] = links[i];
    }
    compared += fresh_count;
    for (size_t i = 0; i < fresh_count; i++) {
      float other = Space::distance(query, getDataByInternalId(fresh[i]), dist_func_param_);
      if (other < farthest) take({other, fresh[i]});
    }
  }
  return found;
}

size_t Graph::copy_links(uint32_t row, size_t row_count, int32_t *links) const {
  int32_t *next = links;
  for (int level = 0; level <= element_levels_[row]; level++) {
    uint32_t *from = list(row, level);
    size_t count = getListCount(from);
    int32_t *end = next + (level ? maxM_ : maxM0_);
    for (size_t i = 1; i <= count; i++)
      if (from[i] < row_count) *next++ = from[i];
    while (next < end) *next++ = -1;
  }
  return next - links;
}

void Graph::fill(
    size_t count, size_t dimension, const float *vectors, const int32_t *levels, const int32_t *links,
    int32_t entry_row, int32_t top_level) {
  if (cur_element_count != 0) throw std::logic_error("only an empty graph can be filled");
  reserve(count);
  for (size_t row = 0; row < count; row++) {
    // Memory that was just mapped is zero: there are no links, and the padding needs no writing.
    std::memcpy(getDataByInternalId(row), vectors + row * dimension, dimension * sizeof(float));
    element_levels_[row] = levels[row] - 1;
    if (levels[row] > 1) {
      linkLists_[row] = static_cast<char *>(calloc(1, size_links_per_element_ * (levels[row] - 1) + 1));
      if (!linkLists_[row]) throw std::bad_alloc();
    }
    // What a failure leaves behind is freed by the number of rows.
    cur_element_count = row + 1;
    for (int level = 0; level < levels[row]; level++) {
      uint32_t *to = list(row, level);
      size_t room = level ? maxM_ : maxM0_, filled = 0;
      while (filled < room && links[filled] >= 0) {
        to[filled + 1] = links[filled];
        filled++;
      }
      setListCount(to, filled);
      links += room;
    }
  }
  enterpoint_node_ = entry_row;
  maxlevel_ = top_level;
}
