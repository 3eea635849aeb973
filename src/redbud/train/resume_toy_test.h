#pragma once
// Runs that are stopped and go on.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "redbud/checkpoint/train_state.h"
#include "redbud/train/toy_data_test.h"
#include "redbud/train/trainer.h"

namespace redbud {

struct Interrupter : Observer {
  int64_t stop_at = 0;
  std::atomic<int> signal = 0;
  std::vector<std::string> warnings;
  std::vector<ResumeReport> resumes;
  std::vector<std::string> order;
  int64_t log = 0;

  void on_resume(const ResumeReport& report) override {
    resumes.push_back(report);
    order.emplace_back("resume");
  }
  void on_start(const Model&, const TrainConfig&, int64_t) override { order.emplace_back("start"); }
  void on_step(const StepReport& report) override {
    log += 10;
    if (report.step == stop_at) signal = 2;
  }
  void on_warning(const std::string& line) override { warnings.push_back(line); }
  int64_t flush() override { return log; }
};

struct RunPart {
  int64_t stop_at = 0;  // a step; 0: not
  int threads = 1;
  std::function<void(TrainConfig&)> change = [](TrainConfig&) {};
};

class Runs {
 public:
  static TrainConfig plain_config() {
    TrainConfig config;
    config.epochs = 4;
    config.batch_size = 20;
    config.optimizer = adam({.learning_rate = 0.01});
    config.seed = 3;
    config.weight_average = 0.9;
    return config;
  }
  TrainResult run(const Path& folder, const RunPart& part, Interrupter& interrupter) const {
    ThreadPool pool(part.threads, {.threads = part.threads, .reason = ""});
    TrainConfig config = plain_config();
    part.change(config);
    interrupter.stop_at = part.stop_at;
    RunOptions options;
    options.folder = folder;
    options.observers = {&interrupter};
    options.signal = &interrupter.signal;
    options.pool = &pool;
    return run_training(toy.model(network), *toy.train, *toy.validation, config, options);
  }
  TrainResult run(const Path& folder, const RunPart& part = {}) const {
    Interrupter interrupter;
    return run(folder, part, interrupter);
  }

  Toy toy;
  MlpConfig network = {.hidden = {16, 16}, .dropout = 0.2};
};

inline bool same_bits(const AlignedBuffer& a, const AlignedBuffer& b) {
  return a.bytes() == b.bytes() &&
         (a.bytes() == 0 || std::memcmp(a.data(), b.data(), static_cast<size_t>(a.bytes())) == 0);
}

inline void expect_same(const TrainResult& a, const TrainResult& b) {
  EXPECT_TRUE(same_bits(a.best.values.parameter_memory(), b.best.values.parameter_memory()));
  EXPECT_TRUE(same_bits(a.best.values.buffer_memory(), b.best.values.buffer_memory()));
  EXPECT_EQ(a.best_epoch, b.best_epoch);
  EXPECT_EQ(a.steps, b.steps);
  EXPECT_EQ(a.epochs, b.epochs);
  EXPECT_EQ(a.stop_reason, b.stop_reason);
  EXPECT_EQ(a.validation.loss, b.validation.loss);
  EXPECT_EQ(a.train.loss, b.train.loss);
  EXPECT_EQ(a.history, b.history);
}

inline Checkpoint newest_in(const Path& folder) {
  std::string newest;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "checkpoints")) {
    if (entry.path().extension() == ".ckpt") newest = std::max(newest, entry.path().string());
  }
  return parse_checkpoint(read_file(newest), newest);
}

/// The newest checkpoint's tensors: all that the next step would depend on.
inline std::string state_in(const Path& folder) {
  const Checkpoint checkpoint = newest_in(folder);
  std::string bytes;
  for (const NamedTensor& t : checkpoint.file.tensors) {
    bytes += t.name;
    bytes.append(reinterpret_cast<const char*>(t.bytes.data()), t.bytes.size());
  }
  return bytes;
}

}  // namespace redbud
