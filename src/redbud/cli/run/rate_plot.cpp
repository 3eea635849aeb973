#include "redbud/cli/run/rate_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace redbud::cli {
namespace {

constexpr int kLines = 7;
constexpr int kColumns = 60;

}  // namespace

std::string rate_plot(const TrainConfig& config) {
  const auto schedule = schedule_from_config(config.schedule);
  const auto epochs = static_cast<double>(config.epochs);
  std::vector<double> factors;
  for (int column = 0; column < kColumns; ++column) {
    const double share = static_cast<double>(column) / (kColumns - 1);
    factors.push_back(schedule->factor({.epoch = epochs * share, .epochs = epochs}));
  }
  const double most = *std::max_element(factors.begin(), factors.end());
  const bool is_flat = *std::min_element(factors.begin(), factors.end()) == most;
  if (is_flat && schedule->patience() == 0) return "";
  const double rate = resolved(config.optimizer).learning_rate;
  std::string out = "learning rate\n";
  for (int line = 0; line < kLines; ++line) {
    const double height = most * (kLines - 1 - line) / (kLines - 1);
    std::string marks;
    for (const double factor : factors) {
      marks += std::lround(factor / most * (kLines - 1)) == kLines - 1 - line ? '*' : ' ';
    }
    marks.erase(marks.find_last_not_of(' ') + 1);
    const bool is_labelled = line == 0 || line == kLines - 1;
    out += fmt::format("{:>12} |{}\n", is_labelled ? fmt::format("{:.3g}", rate * height) : "", marks);
  }
  out += fmt::format("{:>12} +{}\n{:>14}{:>{}} epochs\n", "", std::string(kColumns, '-'), "0", config.epochs,
                     kColumns - 1);
  if (schedule->patience() > 0) {
    out +=
        fmt::format("as long as the score gets better; {} epochs without that, and it drops\n", schedule->patience());
  }
  return out;
}

}  // namespace redbud::cli
