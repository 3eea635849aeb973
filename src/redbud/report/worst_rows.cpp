#include <algorithm>
#include <cmath>

#include "redbud/report/outcome_parts.h"

namespace redbud {
namespace {

/// A loss that is not a number is the worst of all.
double rank(double loss) { return std::isnan(loss) ? INFINITY : loss; }

bool is_worse(const WorstRows::Entry& a, const WorstRows::Entry& b) {
  if (rank(a.loss) != rank(b.loss)) return rank(a.loss) > rank(b.loss);
  return a.row < b.row;
}

}  // namespace

bool WorstRows::takes(double loss) const { return entries_.size() < most_ || rank(loss) > rank(entries_.front().loss); }

void WorstRows::add(Entry entry) {
  if (!takes(entry.loss)) return;
  if (entries_.size() == most_) {
    std::pop_heap(entries_.begin(), entries_.end(), is_worse);
    entries_.pop_back();
  }
  entries_.push_back(std::move(entry));
  std::push_heap(entries_.begin(), entries_.end(), is_worse);
}

std::vector<WorstRows::Entry> WorstRows::sorted() const {
  std::vector<Entry> all = entries_;
  std::sort(all.begin(), all.end(), is_worse);
  return all;
}

}  // namespace redbud
