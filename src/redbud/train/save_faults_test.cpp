// Disks that fill up, break or lose power while a run trains.
#include <gtest/gtest.h>

#include <functional>

#include "redbud/testing/core/fault_file_system.h"
#include "redbud/testing/core/memory_file_system.h"
#include "redbud/testing/core/throws_error.h"
#include "redbud/train/toy_data_test.h"
#include "redbud/train/trainer.h"

namespace redbud {
namespace {

struct Listener : Observer {
  std::vector<std::string> warnings;
  std::function<void(const StepReport&)> at_step;
  void on_warning(const std::string& line) override { warnings.push_back(line); }
  void on_step(const StepReport& report) override {
    if (at_step) at_step(report);
  }
};

const Path kFolder = "/run";

class Runs {
 public:
  /// Two epochs of two steps, a checkpoint after each.
  TrainResult run(Listener& listener) const {
    TrainConfig config;
    config.epochs = 2;
    config.batch_size = 20;
    config.threads = 1;
    config.checkpoint_every_s = 0.0;
    RunOptions options;
    options.folder = kFolder;
    options.observers = {&listener};
    return run_training(toy_.model({.hidden = {4}}), *toy_.train, *toy_.validation, config, options);
  }
  TrainResult run() const {
    Listener listener;
    return run(listener);
  }

 private:
  Toy toy_{toy_classes({.rows = 40}), toy_classes({.rows = 12, .seed = 2})};
};

std::vector<float> weights_of(const TrainResult& result) {
  const auto values = result.best.values.parameter_memory().as<float>();
  return {values.begin(), values.end()};
}

std::vector<float> undisturbed(const Runs& runs) {
  MemoryFileSystem disk;
  disk.put("/run/config.toml", "");
  const ScopedFileSystem installed(disk);
  return weights_of(runs.run());
}

TEST(SaveFaults, AFailedSaveIsToldAndTrainingGoesOn) {
  const Runs runs;
  const std::vector<float> expected = undisturbed(runs);
  MemoryFileSystem disk;
  disk.put("/run/config.toml", "");
  const ScopedFileSystem installed(disk);
  Listener listener;
  listener.at_step = [&](const StepReport& report) { disk.set_free_bytes(report.step < 3 ? 100 : 1 << 30); };
  EXPECT_EQ(weights_of(runs.run(listener)), expected);
  ASSERT_GE(listener.warnings.size(), 2u);
  EXPECT_NE(listener.warnings[0].find("No space left on device"), std::string::npos) << listener.warnings[0];
  EXPECT_NE(listener.warnings[0].find("training goes on, the next checkpoint is tried later"), std::string::npos);
}

TEST(SaveFaults, AFailedLastSaveEndsTheRunNamingTheBytes) {
  const Runs runs;
  MemoryFileSystem disk;
  disk.put("/run/config.toml", "");
  const ScopedFileSystem installed(disk);
  Listener listener;
  listener.at_step = [&](const StepReport& report) {
    if (report.step == 2) disk.set_free_bytes(100);
  };
  EXPECT_TRUE(throws_error([&] { runs.run(listener); }, ErrorKind::Environment, "free"));
  disk.set_free_bytes(1 << 30);
  Listener after;
  EXPECT_EQ(weights_of(runs.run(after)), undisturbed(runs));
}

TEST(SaveFaults, TooSmallADiskIsRefusedBeforeTheFirstStep) {
  const Runs runs;
  MemoryFileSystem disk;
  disk.put("/run/config.toml", "");
  disk.set_free_bytes(20'000);
  const ScopedFileSystem installed(disk);
  Listener listener;
  listener.at_step = [](const StepReport&) { ADD_FAILURE() << "a step was made"; };
  EXPECT_TRUE(throws_error([&] { runs.run(listener); }, ErrorKind::Environment,
                           "not enough space for checkpoints: needs 2 x "));
}

/// Whatever fails, and wherever: the run ends well or says why, and can then be resumed to the same bits.
void fail_each_operation(FaultMode mode, int error) {
  const Runs runs;
  const std::vector<float> expected = undisturbed(runs);
  const int64_t operations = for_each_operation(mode, error, [&](Fault fault) {
    SCOPED_TRACE(fault.at);
    MemoryFileSystem disk;
    disk.put("/run/config.toml", "");
    FaultFileSystem faulty(disk, fault);
    const ScopedFileSystem installed(faulty);
    try {
      EXPECT_EQ(weights_of(runs.run()), expected);
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::Environment) << e.what();
    }
    const bool met = faulty.was_met();
    faulty.repair();
    EXPECT_EQ(weights_of(runs.run()), expected);
    return met;
  });
  EXPECT_GT(operations, 40);
}

TEST(SaveFaults, FullDiskAtEachOperation) { fail_each_operation(FaultMode::Once, ENOSPC); }
TEST(SaveFaults, FullDiskFromEachOperationOn) { fail_each_operation(FaultMode::FromThenOn, ENOSPC); }
TEST(SaveFaults, BrokenDiskAtEachOperation) { fail_each_operation(FaultMode::Once, EIO); }
TEST(SaveFaults, InterruptedAtEachOperation) { fail_each_operation(FaultMode::Once, EINTR); }

/// Power cut at each operation of the run, and again at some operation of the resume.
TEST(SaveFaults, PowerCutAtEachOperationOfASaveAndOfAResume) {
  const Runs runs;
  const std::vector<float> expected = undisturbed(runs);
  const int64_t operations = for_each_operation(FaultMode::PowerCut, 0, [&](Fault fault) {
    SCOPED_TRACE(fault.at);
    MemoryFileSystem disk;
    disk.put("/run/config.toml", "");
    bool cut = false;
    {
      FaultFileSystem faulty(disk, fault);
      const ScopedFileSystem installed(faulty);
      cut = loses_power([&] { runs.run(); });
    }
    disk.lose_power(static_cast<uint64_t>(fault.at));
    for (int64_t again : {1 + fault.at * 7 % 23, 1 + fault.at * 5 % 61}) {
      {
        FaultFileSystem faulty(disk, {.at = again, .mode = FaultMode::PowerCut});
        const ScopedFileSystem installed(faulty);
        loses_power([&] { runs.run(); });
      }
      disk.lose_power(static_cast<uint64_t>(fault.at + again));
    }
    const ScopedFileSystem installed(disk);
    EXPECT_EQ(weights_of(runs.run()), expected);
    return cut;
  });
  EXPECT_GT(operations, 40);
}

}  // namespace
}  // namespace redbud
