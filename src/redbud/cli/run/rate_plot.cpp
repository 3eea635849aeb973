#include "redbud/cli/run/rate_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "redbud/cli/run/line_plot.h"
#include "redbud/optim/momentum_schedule.h"

namespace redbud::cli {
namespace {

constexpr int kColumns = 60;

/// Of each column, from the first step to the end of the run.
std::vector<RunPosition> positions(int64_t epochs, int64_t steps_per_epoch) {
  std::vector<RunPosition> all;
  const auto whole = static_cast<double>(epochs);
  for (int column = 0; column < kColumns; ++column) {
    const double epoch = whole * static_cast<double>(column) / (kColumns - 1);
    all.push_back({.epoch = epoch,
                   .epochs = whole,
                   .step = static_cast<int64_t>(std::floor(epoch * static_cast<double>(steps_per_epoch)))});
  }
  return all;
}

bool is_flat(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [&](double value) { return value == values.front(); });
}

std::string plot_of(const char* title, std::vector<double> values, double lowest, int64_t epochs) {
  LinePlot plot;
  plot.title = title;
  plot.lowest = lowest;
  plot.highest = *std::max_element(values.begin(), values.end());
  plot.values = std::move(values);
  plot.left = "0";
  plot.right = fmt::format("{} epochs", epochs);
  return to_text(plot);
}

std::string momentum_plot(const TrainConfig& config, const std::vector<RunPosition>& columns) {
  const auto schedule = schedule_from_config(config.schedule);
  const auto own = momentum_schedule_from_config(config.momentum_schedule, own_momentum(config.optimizer));
  std::vector<double> values;
  for (const RunPosition& at : columns) {
    const auto momentum = own ? own->at(at) : schedule->momentum(at);
    if (!momentum) return "";
    values.push_back(*momentum);
  }
  if (is_flat(values)) return "";
  const double least = *std::min_element(values.begin(), values.end());
  return plot_of("momentum", std::move(values), least, config.epochs);
}

}  // namespace

std::string rate_plot(const TrainConfig& config, int64_t steps_per_epoch) {
  const auto schedule = schedule_from_config(config.schedule);
  const std::vector<RunPosition> columns = positions(config.epochs, steps_per_epoch);
  const double rate = resolved(config.optimizer).learning_rate;
  std::vector<double> rates;
  for (const RunPosition& at : columns) rates.push_back(rate * schedule->factor(at));
  std::string out;
  if (!is_flat(rates) || schedule->patience() > 0) {
    out = plot_of("learning rate", std::move(rates), 0.0, config.epochs);
  }
  if (schedule->patience() > 0) {
    out +=
        fmt::format("as long as the score gets better; {} epochs without that, and it drops\n", schedule->patience());
  }
  return out + momentum_plot(config, columns);
}

}  // namespace redbud::cli
