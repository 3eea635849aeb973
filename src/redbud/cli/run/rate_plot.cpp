#include "redbud/cli/run/rate_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "redbud/cli/run/line_plot.h"

namespace redbud::cli {
namespace {

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
  LinePlot plot;
  plot.title = "learning rate";
  plot.highest = rate * most;
  plot.left = "0";
  for (const double factor : factors) plot.values.push_back(rate * factor);
  plot.right = fmt::format("{} epochs", config.epochs);
  std::string out = to_text(plot);
  if (schedule->patience() > 0) {
    out +=
        fmt::format("as long as the score gets better; {} epochs without that, and it drops\n", schedule->patience());
  }
  return out;
}

}  // namespace redbud::cli
