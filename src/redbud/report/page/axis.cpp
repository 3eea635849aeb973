#include "redbud/report/page/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/report/page/markup.h"

namespace redbud::page {
namespace {

constexpr double kTicks = 5.0;

/// 1, 2 or 5 times a power of ten, near the wanted size.
double round_step(double wanted) {
  const double power = std::pow(10.0, std::floor(std::log10(wanted)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (wanted <= factor * power * (1.0 + 1e-9)) return factor * power;
  }
  return 10.0 * power;
}

std::string minus(double value) { return value < 0.0 ? "\xE2\x88\x92" : ""; }

}  // namespace

Axis Axis::linear(double low, double high, bool rounded) {
  if (!(high > low)) {
    const double room = low == 0.0 ? 1.0 : std::abs(low) * 0.1;
    low -= room;
    high += room;
  }
  Axis axis;
  const double step = round_step((high - low) / kTicks);
  axis.low_ = rounded ? std::floor(low / step + 1e-9) * step : low;
  axis.high_ = rounded ? std::ceil(high / step - 1e-9) * step : high;
  const double first = std::ceil(axis.low_ / step - 1e-9);
  const double last = std::floor(axis.high_ / step + 1e-9);
  for (double i = first; i <= last; ++i) axis.ticks_.push_back(i == 0.0 ? 0.0 : i * step);
  return axis;
}

Axis Axis::logarithmic(double low, double high) {
  Axis axis;
  axis.logarithmic_ = true;
  const double first = std::floor(std::log10(low) + 1e-9);
  double last = std::ceil(std::log10(high) - 1e-9);
  if (last <= first) last = first + 1.0;
  axis.low_ = std::pow(10.0, first);
  axis.high_ = std::pow(10.0, last);
  const double every = std::max(1.0, std::ceil((last - first) / kTicks));
  for (double i = first; i <= last + 1e-9; i += every) {
    axis.ticks_.push_back(std::pow(10.0, i));
    if (last - first > 2.0 || i + 1.0 > last + 1e-9) continue;
    for (const double factor : {2.0, 5.0}) axis.ticks_.push_back(factor * std::pow(10.0, i));
  }
  return axis;
}

Axis Axis::over(const std::vector<double>& values, double spread) {
  double low = INFINITY;
  double high = -INFINITY;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (low > high) return linear(0.0, 1.0);
  return low > 0.0 && high / low > spread ? logarithmic(low, high) : linear(low, high);
}

std::vector<std::string> Axis::labels() const {
  std::vector<std::string> texts;
  const double size = std::max(std::abs(low_), std::abs(high_));
  const bool plain = !logarithmic_ && ticks_.size() > 1 && size >= 1e-3 && size < 1e6;
  int digits = 0;  // after the point, the same for all
  if (plain) digits = std::clamp(static_cast<int>(std::ceil(-std::log10(ticks_[1] - ticks_[0]) - 1e-9)), 0, 9);
  for (const double tick : ticks_)
    texts.push_back(plain && digits > 0 ? minus(tick) + fmt::format("{:.{}f}", std::abs(tick), digits)
                                        : number_text(tick));
  return texts;
}

double Axis::place(double value) const {
  if (logarithmic_) return std::log(value / low_) / std::log(high_ / low_);
  return (value - low_) / (high_ - low_);
}

double room_for(const std::vector<std::string>& labels) {
  size_t longest = 0;
  for (const std::string& label : labels) longest = std::max(longest, characters_in(label));
  return 30.0 + 7.4 * static_cast<double>(longest);
}

}  // namespace redbud::page
