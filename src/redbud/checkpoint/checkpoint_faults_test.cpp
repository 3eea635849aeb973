// Every operation of a save and of a resume fails or is cut off: a verified checkpoint always exists.
#include <gtest/gtest.h>

#include "redbud/checkpoint/checkpoint_folder.h"
#include "redbud/layers/mlp.h"
#include "redbud/testing/core/fault_file_system.h"
#include "redbud/testing/core/memory_file_system.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

const Path kFolder = "/run/checkpoints";

/// A training that does nothing but count its steps and save.
struct CountingRun {
  Graph graph = mlp_graph({.hidden = {3}}, 2, 2);
  ParameterStore values = graph.make_store();
  ParameterStore best = values;
  Optimizer optimizer{adam(), graph.parameter_layout()};
  TrainState state{.progress = {}, .values = values, .best = best, .optimizer = optimizer};
  Fingerprint fingerprint;

  void go_to(int64_t step) {
    state.progress.step = step;
    for (float& v : values.parameter_memory().as<float>()) v = static_cast<float>(step);
  }
};

/// Saves steps from + 1 to `to`; gives the last that was saved without an error (`from` at first).
void save_steps(int64_t from, int64_t to, int64_t& saved, int64_t& failed) {
  CountingRun run;
  CheckpointFolder checkpoints(kFolder);
  const auto newest = checkpoints.read_newest();
  if (newest.checkpoint) EXPECT_GE(newest.checkpoint->progress.step, saved);
  for (int64_t step = from + 1; step <= to; ++step) {
    run.go_to(step);
    try {
      checkpoints.write(run.state, run.fingerprint);
      saved = step;
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::Environment) << e.what();
      ++failed;
    }
  }
}

/// What a new process finds: at least step `saved`, whole.
void expect_at_least(int64_t saved) {
  CheckpointFolder checkpoints(kFolder);
  const auto newest = checkpoints.read_newest();
  if (saved == 0) return;
  ASSERT_TRUE(newest.checkpoint.has_value());
  EXPECT_GE(newest.checkpoint->progress.step, saved);
  EXPECT_TRUE(newest.bad.empty());
  CountingRun run;
  restore(*newest.checkpoint, run.state);
  EXPECT_EQ(run.values.parameter(0)[0], static_cast<float>(run.state.progress.step));
}

void fail_each_operation(FaultMode mode, int error) {
  int64_t failures = 0;
  const int64_t operations = for_each_operation(mode, error, [&](Fault fault) {
    SCOPED_TRACE(fault.at);
    MemoryFileSystem disk;
    disk.put("/run/config.toml", "");
    FaultFileSystem faulty(disk, fault);
    const ScopedFileSystem installed(faulty);
    int64_t saved = 0;
    try {
      save_steps(0, 4, saved, failures);
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::Environment) << e.what();  // before the first step
      ++failures;
    }
    const bool met = faulty.was_met();
    faulty.repair();
    expect_at_least(saved);
    return met;
  });
  EXPECT_GT(operations, 30);
  if (mode == FaultMode::ShortWrite || error == EINTR) return;
  EXPECT_GT(failures, 10);
}

TEST(CheckpointFaults, FullDiskAtEachOperation) { fail_each_operation(FaultMode::Once, ENOSPC); }
TEST(CheckpointFaults, FullDiskFromEachOperationOn) { fail_each_operation(FaultMode::FromThenOn, ENOSPC); }
TEST(CheckpointFaults, BrokenDiskAtEachOperation) { fail_each_operation(FaultMode::Once, EIO); }
TEST(CheckpointFaults, BrokenDiskFromEachOperationOn) { fail_each_operation(FaultMode::FromThenOn, EIO); }
TEST(CheckpointFaults, QuotaAtEachOperation) { fail_each_operation(FaultMode::Once, EDQUOT); }
TEST(CheckpointFaults, InterruptedAtEachOperation) { fail_each_operation(FaultMode::Once, EINTR); }
TEST(CheckpointFaults, ShortWriteAtEachOperation) { fail_each_operation(FaultMode::ShortWrite, 0); }

TEST(CheckpointFaults, PowerCutAtEachOperation) {
  constexpr uint64_t kSeeds = 8;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const int64_t operations = for_each_operation(FaultMode::PowerCut, 0, [&](Fault fault) {
      SCOPED_TRACE(fault.at);
      MemoryFileSystem disk;
      disk.put("/run/config.toml", "");
      int64_t saved = 0;
      int64_t failed = 0;
      bool cut = false;
      {
        FaultFileSystem faulty(disk, fault);
        const ScopedFileSystem installed(faulty);
        cut = loses_power([&] { save_steps(0, 4, saved, failed); });
      }
      disk.lose_power(seed);
      const ScopedFileSystem installed(disk);
      expect_at_least(saved);
      EXPECT_EQ(failed, 0);
      return cut;
    });
    EXPECT_GT(operations, 30);
  }
}

/// Killed while it recovers from being killed, again and again: no step that was saved is lost.
TEST(CheckpointFaults, PowerCutsDuringRecovery) {
  MemoryFileSystem disk;
  disk.put("/run/config.toml", "");
  int64_t saved = 0;
  int64_t failed = 0;
  for (int64_t round = 1; round <= 200; ++round) {
    {
      FaultFileSystem faulty(disk, {.at = 1 + (round * 7) % 150, .mode = FaultMode::PowerCut});
      const ScopedFileSystem installed(faulty);
      loses_power([&] { save_steps(saved, saved + 2, saved, failed); });
    }
    disk.lose_power(static_cast<uint64_t>(round));
    const ScopedFileSystem installed(disk);
    expect_at_least(saved);
  }
  EXPECT_GT(saved, 20);
}

TEST(CheckpointFaults, TwoCheckpointsMustFitBeforeTheFirstStep) {
  MemoryFileSystem disk;
  disk.put("/run/config.toml", "");
  const ScopedFileSystem installed(disk);
  const CheckpointFolder checkpoints(kFolder);
  disk.set_free_bytes(300'000'000);
  EXPECT_TRUE(throws_error(
      [&] { checkpoints.require_space(412'000'000); }, ErrorKind::Environment,
      "/run/checkpoints: not enough space for checkpoints: needs 2 x 412 MB, 300 MB free in /run/checkpoints;"));
  EXPECT_NO_THROW(checkpoints.require_space(150'000'000 - 100));
}

TEST(CheckpointFaults, WhereTwoFitASaveMakesRoomByRemovingTheOldest) {
  MemoryFileSystem disk;
  disk.put("/run/config.toml", "");
  const ScopedFileSystem installed(disk);
  CountingRun run;
  const int64_t bytes = largest_checkpoint_bytes(run.state, run.fingerprint);
  disk.set_free_bytes(2 * bytes);
  int64_t saved = 0;
  int64_t failed = 0;
  save_steps(0, 10, saved, failed);
  EXPECT_EQ(saved, 10);
  EXPECT_EQ(failed, 0);
}

}  // namespace
}  // namespace redbud
