// Checkpoints that are bad, or of another run, program or machine.
#include <gtest/gtest.h>

#include <filesystem>

#include "redbud/kernels/target.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"
#include "redbud/train/resume_toy_test.h"

namespace redbud {
namespace {

TEST(Resume, FallsBackToTheOlderCheckpointLoudly) {
  const Runs runs;
  const TempFolder folder;
  runs.run(folder.path(), {.stop_at = 30, .change = [](TrainConfig& c) { c.checkpoint_every_s = 0.0; }});
  std::string text = text_of(folder / "checkpoints/step-000000000030.ckpt");
  text.back() = static_cast<char>(text.back() ^ 8);
  folder.write("checkpoints/step-000000000030.ckpt", text);
  const TempFolder whole;
  Interrupter interrupter;
  expect_same(runs.run(folder.path(), {}, interrupter), runs.run(whole.path()));
  ASSERT_EQ(interrupter.warnings.size(), 1u);
  EXPECT_NE(interrupter.warnings[0].find("step-000000000030.ckpt: tensor"), std::string::npos)
      << interrupter.warnings[0];
  EXPECT_NE(interrupter.warnings[0].find("an older checkpoint is used instead"), std::string::npos);
  EXPECT_EQ(interrupter.resumes[0].step, 29);
}

TEST(Resume, NeverStartsOverWhereAllCheckpointsAreBad) {
  const Runs runs;
  const TempFolder folder;
  runs.run(folder.path(), {.stop_at = 12});
  for (const auto& entry : std::filesystem::directory_iterator(folder / "checkpoints")) {
    if (entry.path().extension() == ".ckpt") std::filesystem::resize_file(entry.path(), 100);
  }
  EXPECT_TRUE(
      throws_error([&] { runs.run(folder.path()); }, ErrorKind::Verification, "the file ends inside its header"));
}

TEST(Resume, RefusesAnotherConfigurationOrOtherData) {
  const Runs runs;
  const TempFolder folder;
  runs.run(folder.path(), {.stop_at = 12});
  const auto refuses = [&](const char* text, std::function<void(TrainConfig&)> change) {
    return throws_error([&] { runs.run(folder.path(), {.change = std::move(change)}); }, ErrorKind::Data, text);
  };
  EXPECT_TRUE(refuses("train.optimizer.learning_rate (0.02), expected 0.01",
                      [](TrainConfig& c) { c.optimizer.learning_rate = 0.02; }));
  EXPECT_TRUE(refuses("train.batch_size (21), expected 20", [](TrainConfig& c) { c.batch_size = 21; }));
  EXPECT_TRUE(refuses("train.seed", [](TrainConfig& c) { c.seed = 4; }));
  EXPECT_TRUE(refuses("train.epochs (5), expected 4", [](TrainConfig& c) { c.epochs = 5; }));

  const Toy other(toy_classes({.seed = 9}), toy_classes({.rows = 90, .seed = 2}));
  Runs changed;
  changed.toy.train = encode(toy_classes({.seed = 9}), changed.toy.recipe);
  EXPECT_TRUE(
      throws_error([&] { changed.run(folder.path()); }, ErrorKind::Data, "the data are not those of the checkpoint"));
  // And what does not decide the bits may change.
  EXPECT_NO_THROW(runs.run(folder.path(), {.threads = 2, .change = [](TrainConfig& c) {
                                             c.threads = 2;
                                             c.checkpoint_every_s = 1.0;
                                             c.time_limit_s = 1000.0;
                                           }}));
}

TEST(Resume, WarnsOnAnotherInstructionSet) {
  const std::vector<std::string> targets = kernels::supported_targets();
  if (targets.size() < 2) GTEST_SKIP() << "this processor has one instruction set only";
  const Runs runs;
  const TempFolder folder;
  runs.run(folder.path(), {.stop_at = 12});
  kernels::force_target(targets.back());
  Interrupter interrupter;
  runs.run(folder.path(), {}, interrupter);
  kernels::force_target("");
  ASSERT_EQ(interrupter.warnings.size(), 1u);
  EXPECT_NE(interrupter.warnings[0].find("not bit-exact"), std::string::npos);
}

TEST(Resume, WarnsOnAnotherVersion) {
  const Runs runs;
  const TempFolder folder;
  runs.run(folder.path(), {.stop_at = 12});
  const Checkpoint checkpoint = newest_in(folder.path());
  EXPECT_EQ(checkpoint.fingerprint.version, REDBUD_VERSION);
  // As an older program would have written it.
  std::map<std::string, std::string> metadata = checkpoint.file.metadata;
  metadata["redbud.version"] = "0.0.9";
  for (const char* key : {"redbud.checksums", "redbud.header_checksum"}) metadata.erase(key);  // made anew
  std::filesystem::remove_all(folder / "checkpoints");
  std::filesystem::create_directories(folder / "checkpoints");
  write_safetensors(folder / "checkpoints" / "step-000000000012.ckpt", metadata, checkpoint.file.tensors);
  Interrupter interrupter;
  runs.run(folder.path(), {}, interrupter);
  ASSERT_EQ(interrupter.warnings.size(), 1u);
  EXPECT_NE(interrupter.warnings[0].find("redbud 0.0.9, now " REDBUD_VERSION), std::string::npos);
}

TEST(Resume, TwoRunsInOneFolder) {
  const Runs runs;
  const TempFolder folder;
  struct Second : Observer {
    std::function<void()> run;
    void on_step(const StepReport& report) override {
      if (report.step == 1) run();
    }
  };
  Second second;
  second.run = [&] {
    EXPECT_TRUE(
        throws_error([&] { runs.run(folder.path()); }, ErrorKind::Environment, "the folder is in use by process"));
  };
  RunOptions options;
  options.folder = folder.path();
  options.observers = {&second};
  run_training(runs.toy.model(), *runs.toy.train, *runs.toy.validation, {.epochs = 1}, options);
}

}  // namespace
}  // namespace redbud
