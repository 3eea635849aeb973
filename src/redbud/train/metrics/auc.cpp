#include <algorithm>
#include <cmath>

#include "redbud/train/metrics/tally.h"

namespace redbud {

std::optional<double> auc_by_ranks(std::vector<RankedScore>& scores) {
  double positives = 0.0;
  for (const RankedScore& s : scores) {
    if (std::isnan(s.score)) return std::nullopt;
    positives += s.positive ? 1.0 : 0.0;
  }
  const double negatives = static_cast<double>(scores.size()) - positives;
  if (positives == 0.0 || negatives == 0.0) return std::nullopt;
  std::sort(scores.begin(), scores.end(), [](const RankedScore& a, const RankedScore& b) { return a.score < b.score; });
  double rank_sum = 0.0;
  for (size_t begin = 0; begin < scores.size();) {
    size_t end = begin;
    double tied = 0.0;  // positives among the equal scores
    for (; end < scores.size() && scores[end].score == scores[begin].score; ++end)
      tied += scores[end].positive ? 1.0 : 0.0;
    rank_sum += tied * 0.5 * static_cast<double>(begin + 1 + end);  // ranks begin + 1 ... end
    begin = end;
  }
  return (rank_sum - positives * (positives + 1.0) / 2.0) / (positives * negatives);
}

}  // namespace redbud
