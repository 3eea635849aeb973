#include "redbud/cli/run/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/core/text.h"
#include "redbud/report/records.h"

namespace redbud::cli {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr int kBarCells = 12;

std::string bar(double share) {
  const int full = std::clamp(static_cast<int>(share * kBarCells), 0, kBarCells);
  return std::string(static_cast<size_t>(full), '#') + std::string(static_cast<size_t>(kBarCells - full), '.');
}

double seconds_between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

std::string short_text(const Metrics& metrics) {
  if (metrics.accuracy) return fmt::format("accuracy {:.2f} %", *metrics.accuracy * 100);
  if (metrics.rmse) return fmt::format("RMSE {:.5g}, R2 {:.4f}", *metrics.rmse, metrics.r2.value_or(std::nan("")));
  return "";
}

static std::string loss_text(double loss) {
  return std::abs(loss) < 1e6 ? fmt::format("{:.4f}", loss) : fmt::format("{:.3e}", loss);
}

std::string duration_text(double seconds) {
  seconds = std::min(seconds, 1e12);  // "for ever" is a number, too
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<int64_t>(std::lround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

Progress::~Progress() { erase(); }

void Progress::on_resume(const ResumeReport& report) {
  if (console_.json()) return;
  console_.note(fmt::format("going on after epoch {}, step {} ({})", report.epoch, with_thousands(report.step),
                            report.checkpoint));
}

void Progress::on_start(const Model&, const TrainConfig& config, int64_t steps_per_epoch) {
  epochs_ = config.epochs;
  steps_per_epoch_ = std::max<int64_t>(1, steps_per_epoch);
  started_ = Clock::now();
}

void Progress::on_step(const StepReport& report) {
  if (first_step_ < 0) first_step_ = report.step;
  if (!console_.is_terminal() || console_.json()) return;
  const Clock::time_point now = Clock::now();
  if (now - drawn_ >= kRedraw) draw(report, now);
}

void Progress::draw(const StepReport& report, Clock::time_point now) {
  drawn_ = now;
  const double elapsed_s = seconds_between(started_, now);
  const auto steps = static_cast<double>(std::max<int64_t>(1, report.step - first_step_));
  const double per_step_s = elapsed_s / steps;
  const double left =
      static_cast<double>(epochs_) * static_cast<double>(steps_per_epoch_) - static_cast<double>(report.step);
  const double rows_per_s = static_cast<double>(train_rows_) / (per_step_s * static_cast<double>(steps_per_epoch_));
  std::string line = fmt::format(
      "epoch {}/{} [{}] loss {}  {} rows/s  {} left", report.epoch, epochs_,
      bar(static_cast<double>(report.step_in_epoch) / static_cast<double>(report.steps_per_epoch)),
      loss_text(report.loss), with_thousands(static_cast<int64_t>(rows_per_s)), duration_text(per_step_s * left));
  const auto columns = static_cast<size_t>(std::max(20, console_.terminal_columns() - 1));
  if (line.size() > columns) line.resize(columns);
  console_.write_raw("\r" + line + "\033[K");
  visible_ = true;
}

void Progress::erase() {
  if (visible_) console_.write_raw("\r\033[K");
  visible_ = false;
}

std::string Progress::epoch_line(const EpochReport& report) const {
  const std::string metrics = short_text(report.validation);
  return fmt::format("epoch {}/{}: loss {}, validation loss {}{}{}{}, {}, {} rows/s", report.epoch, epochs_,
                     loss_text(report.train_loss), loss_text(report.validation.loss), metrics.empty() ? "" : ", ",
                     metrics, report.best ? " (best)" : "", duration_text(report.elapsed_s),
                     with_thousands(static_cast<int64_t>(report.samples_per_s)));
}

void Progress::on_epoch(const EpochReport& report) {
  erase();
  if (!console_.json()) return console_.note(epoch_line(report));
  console_.print_record(epoch_record(report));
  console_.flush();
}

void Progress::on_message(const std::string& line) {
  erase();
  if (!console_.json()) console_.note(line);
}

void Progress::on_warning(const std::string& line) {
  erase();
  console_.warn(line);
}

}  // namespace redbud::cli
