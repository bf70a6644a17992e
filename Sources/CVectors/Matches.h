// The closest of those compared.
#pragma once

#include <algorithm>

#include "CVectors.h"

inline bool comes_first(const cvectors_match &a, const cvectors_match &b) {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.id < b.id;
}

/// Keeps the `limit` closest in memory of the caller's: a heap whose first is the farthest.
class Closest {
 public:
  Closest(cvectors_match *matches, size_t limit) : matches_(matches), limit_(limit) {}

  /// Whether `offer` would keep it: cheaper to ask than most filters.
  bool takes(const cvectors_match &match) const {
    return limit_ > 0 && (count_ < limit_ || comes_first(match, matches_[0]));
  }

  void offer(cvectors_match match) {
    if (!takes(match)) return;
    if (count_ == limit_) {
      std::pop_heap(matches_, matches_ + count_, comes_first);
      matches_[count_ - 1] = match;
    } else {
      matches_[count_++] = match;
    }
    std::push_heap(matches_, matches_ + count_, comes_first);
  }

  /// Puts them in order and returns how many there are.
  size_t finish() {
    std::sort_heap(matches_, matches_ + count_, comes_first);
    return count_;
  }

 private:
  cvectors_match *matches_;
  size_t limit_, count_ = 0;
};
