#pragma once
#include <string>
#include <vector>

namespace redbud::page {

/// The way from values to pixels, by their size or by their logarithm.
class Axis {
 public:
  /// An axis from `low` to `high`, which are widened to whole steps where `rounded`. Equal ends are spread.
  static Axis linear(double low, double high, bool rounded = true);
  /// `low` must be above 0. The ends are widened to whole decades, or to 1, 2, 5 within few of them.
  static Axis logarithmic(double low, double high);
  /// Logarithmic where all values are above 0 and reach over more than a factor of `spread`; else linear. Values that
  /// are not finite don't count.
  static Axis over(const std::vector<double>& values, double spread = 30.0);

  bool is_logarithmic() const { return logarithmic_; }
  double low() const { return low_; }
  double high() const { return high_; }
  /// Some five round values between the ends.
  const std::vector<double>& ticks() const { return ticks_; }
  /// Their texts, with the same number of digits after the point.
  std::vector<std::string> labels() const;
  /// 0 at the low end, 1 at the high end.
  double place(double value) const;

 private:
  double low_ = 0.0, high_ = 1.0;
  bool logarithmic_ = false;
  std::vector<double> ticks_;
};

/// Pixels to the left of an axis for its label and the texts of its ticks.
double room_for(const std::vector<std::string>& labels);

}  // namespace redbud::page
