#pragma once
#include <chrono>
#include <string>

#include "redbud/cli/console.h"
#include "redbud/data/schema.h"
#include "redbud/train/trainer.h"

namespace redbud::cli {

/// Shows how training goes: a bar with loss, speed and time left on a terminal, one plain line an epoch elsewhere, one
/// JSON object an epoch on stdout with --json.
class Progress final : public Observer {
 public:
  Progress(Console& console, int64_t train_rows) : console_(console), train_rows_(train_rows) {}
  ~Progress() override;

  void on_resume(const ResumeReport& report) override;
  void on_start(const Model& model, const TrainConfig& config, int64_t steps_per_epoch) override;
  void on_step(const StepReport& report) override;
  void on_epoch(const EpochReport& report) override;
  void on_message(const std::string& line) override;
  void on_warning(const std::string& line) override;

 private:
  using Clock = std::chrono::steady_clock;

  void draw(const StepReport& report, Clock::time_point now);
  void erase();
  std::string epoch_line(const EpochReport& report) const;

  Console& console_;
  int64_t train_rows_;
  int64_t epochs_ = 0;
  int64_t steps_per_epoch_ = 1;
  int64_t first_step_ = -1;  // of this process: what the speed is measured from
  Clock::time_point started_ = {};
  Clock::time_point drawn_ = {};
  bool visible_ = false;
};

/// The numbers of metrics that matter most, in one line: "accuracy 97.1 %".
std::string short_text(const Metrics& metrics);

/// "1.5 s", "2 min 5 s", "3 h 12 min".
std::string duration_text(double seconds);

}  // namespace redbud::cli
