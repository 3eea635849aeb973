#pragma once
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "redbud/core/thread_pool.h"
#include "redbud/plan/plan.h"

namespace redbud {

/// Where an activation's derivative is zero or nearly so, told by its output: the rules by which units count as dead
/// or saturated. A gated activation (gelu, silu, mish) nears 0 where its input is far below 0: an output between -0.001
/// and 0.001 says that, for a derivative below 0.5 % of its greatest, or an input as near to 0 in every row.
struct ActivationRange {
  bool dies = false;       // its derivative is 0, or as good as 0, outside of (floor, ceiling) and above `trough`
  bool saturates = false;  // bounded on both sides; its derivative is below 5 % of its greatest outside of (low, high)
  float floor = -std::numeric_limits<float>::infinity();
  float ceiling = std::numeric_limits<float>::infinity();
  float trough = -std::numeric_limits<float>::infinity();  // below it, too, a unit is alive: gated ones dip below 0
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();
};

/// The range of an activation of layers/activation_config; one that neither dies nor saturates for other names.
ActivationRange activation_range(std::string_view activation);

/// Looks at the outputs of the watched nodes of a plan, a batch after the other.
///
/// Threads don't change its figures: a unit's sums run over the rows in their order.
class ActivationTally {
 public:
  struct Unit {  // columns of a watched node, and what its outputs mean
    int64_t width = 0;
    ActivationRange range;
  };
  struct Summary {
    double norm = 0.0;  // root mean square of all outputs
    std::optional<double> dead, saturated;
  };
  explicit ActivationTally(std::vector<Unit> nodes);

  void clear();
  /// Adds the rows of a plan's last run, until kMaxRows have been seen.
  void add(const Plan& plan, ThreadPool& pool);
  Summary summary(size_t node) const;

  static constexpr int64_t kMaxRows = 2048;

 private:
  struct Columns {
    Unit node;
    std::vector<double> sum_squares;
    std::vector<int32_t> saturated;  // rows
    std::vector<int32_t> alive;      // rows
  };
  void add_columns(Columns& columns, const kernels::Matrix& y, int64_t rows, ThreadPool& pool) const;
  static void add_squares(Columns& columns, const float* row, int64_t begin, int64_t end);
  static void count_saturated(Columns& columns, const float* row, int64_t begin, int64_t end);
  static void count_alive(Columns& columns, const float* row, int64_t begin, int64_t end);

  std::vector<Columns> nodes_;
  int64_t rows_ = 0;
};

}  // namespace redbud
