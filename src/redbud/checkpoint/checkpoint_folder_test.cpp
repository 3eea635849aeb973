#include "redbud/checkpoint/checkpoint_folder.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "redbud/core/bytes.h"
#include "redbud/core/rng.h"
#include "redbud/layers/mlp.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

/// A training's state, with values that tell the step they belong to.
class Sample {
 public:
  Sample()
      : graph_(mlp_graph({.hidden = {4}}, 3, 2)),
        values_(graph_.make_store()),
        best_(values_),
        optimizer_(adam(), graph_.parameter_layout()),
        state{.progress = {}, .values = values_, .best = best_, .optimizer = optimizer_} {
    state.progress.history = ConfigValue::List{};
    fingerprint.config.set("seed", 1);
    fingerprint.data = 17;
    fingerprint.target = "AVX2";
  }

  void go_to(int64_t step) {
    state.progress.step = step;
    state.progress.best_epoch = step;  // no best at step 0
    state.progress.elapsed_s = 0.1 * static_cast<double>(step);
    optimizer_.set_steps(step);
    const auto fill = [&](AlignedBuffer& memory, float offset) {
      for (float& v : memory.as<float>()) v = static_cast<float>(step) + offset;
    };
    fill(values_.parameter_memory(), 0.0F);
    fill(values_.buffer_memory(), 0.25F);
    fill(best_.parameter_memory(), 0.5F);
    fill(best_.buffer_memory(), 0.75F);
    for (const auto& array : optimizer_.state()) fill(*array.values, 0.125F);
  }

 private:
  Graph graph_;
  ParameterStore values_;
  ParameterStore best_;
  Optimizer optimizer_;

 public:
  TrainState state;
  Fingerprint fingerprint;
};

void write(const Path& folder, Sample& sample, int64_t step) {
  CheckpointFolder checkpoints(folder);
  checkpoints.read_newest();
  sample.go_to(step);
  checkpoints.write(sample.state, sample.fingerprint);
}

/// The segments of a flat buffer, without the gaps, which no file holds.
std::vector<float> values_of(const SegmentLayout& layout, const AlignedBuffer& memory) {
  std::vector<float> values;
  for (const Segment& s : layout.segments()) {
    const auto part = memory.as<float>().subspan(static_cast<size_t>(s.offset), static_cast<size_t>(s.size));
    values.insert(values.end(), part.begin(), part.end());
  }
  return values;
}

void expect_restored(const Checkpoint& checkpoint, int64_t step) {
  Sample expected;
  expected.go_to(step);
  Sample restored;
  restore(checkpoint, restored.state);
  const auto& p = restored.state.progress;
  EXPECT_EQ(p.step, step);
  EXPECT_EQ(p.elapsed_s, expected.state.progress.elapsed_s);
  EXPECT_EQ(restored.state.optimizer.steps(), step);
  const SegmentLayout& parameters = restored.state.values.parameters();
  const SegmentLayout& buffers = restored.state.values.buffers();
  const auto same = [](const SegmentLayout& layout, const AlignedBuffer& a, const AlignedBuffer& b) {
    EXPECT_EQ(values_of(layout, a), values_of(layout, b));
  };
  same(parameters, restored.state.values.parameter_memory(), expected.state.values.parameter_memory());
  same(buffers, restored.state.values.buffer_memory(), expected.state.values.buffer_memory());
  same(parameters, *restored.state.optimizer.state()[0].values, *expected.state.optimizer.state()[0].values);
  same(parameters, *restored.state.optimizer.state()[1].values, *expected.state.optimizer.state()[1].values);
  if (step == 0) return;
  same(parameters, restored.state.best.parameter_memory(), expected.state.best.parameter_memory());
  same(buffers, restored.state.best.buffer_memory(), expected.state.best.buffer_memory());
}

std::vector<std::string> names_in(const Path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name != ".lock") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

using Names = std::vector<std::string>;

TEST(CheckpointFolder, KeepsTheNewestTwo) {
  const TempFolder folder;
  Sample sample;
  CheckpointFolder checkpoints(folder / "c");
  EXPECT_FALSE(checkpoints.read_newest().checkpoint.has_value());
  for (int64_t step : {0, 5, 7, 1'000'000}) {
    sample.go_to(step);
    checkpoints.write(sample.state, sample.fingerprint);
  }
  EXPECT_EQ(names_in(folder / "c"), (Names{"step-000000000007.ckpt", "step-000001000000.ckpt"}));
  const auto newest = checkpoints.read_newest();
  EXPECT_TRUE(newest.bad.empty());
  expect_restored(*newest.checkpoint, 1'000'000);
}

TEST(CheckpointFolder, SavingAStepAgainCostsNoOlderCheckpoint) {
  const TempFolder folder;
  Sample sample;
  CheckpointFolder checkpoints(folder.path());
  for (int64_t step : {5, 7, 7, 7}) {
    sample.go_to(step);
    checkpoints.write(sample.state, sample.fingerprint);
  }
  EXPECT_EQ(names_in(folder.path()), (Names{"step-000000000005.ckpt", "step-000000000007.ckpt"}));
}

TEST(CheckpointFolder, RestoresAStateWithoutABest) {
  const TempFolder folder;
  Sample sample;
  write(folder.path(), sample, 0);
  const Checkpoint checkpoint = *CheckpointFolder(folder.path()).read_newest().checkpoint;
  expect_restored(checkpoint, 0);
}

TEST(CheckpointFolder, RestoresEveryNumber) {
  const TempFolder folder;
  Sample sample;
  sample.go_to(3);
  TrainProgress& p = sample.state.progress;
  p.epoch = 4;
  p.position = 5;
  p.loss_sum = 1.0 / 3.0;
  p.loss_rows = 6;
  p.best_epoch = 2;
  p.best_score = 1e-300;
  p.epochs_since_best = 7;
  p.log_bytes = 8;
  p.seed = 0xFFFFFFFFFFFFFFFFULL;
  p.history = ConfigValue::List{1.5, "x"};
  CheckpointFolder checkpoints(folder.path());
  checkpoints.write(sample.state, sample.fingerprint);
  const Checkpoint checkpoint = *checkpoints.read_newest().checkpoint;
  EXPECT_EQ(checkpoint.fingerprint.data, 17u);
  EXPECT_EQ(checkpoint.fingerprint.target, "AVX2");
  EXPECT_EQ(checkpoint.fingerprint.config, sample.fingerprint.config);
  Sample other;
  restore(checkpoint, other.state);
  const TrainProgress& q = other.state.progress;
  EXPECT_EQ(q.epoch, 4);
  EXPECT_EQ(q.position, 5);
  EXPECT_EQ(q.loss_sum, p.loss_sum);
  EXPECT_EQ(q.loss_rows, 6);
  EXPECT_EQ(q.best_epoch, 2);
  EXPECT_EQ(q.best_score, 1e-300);
  EXPECT_EQ(q.epochs_since_best, 7);
  EXPECT_EQ(q.log_bytes, 8);
  EXPECT_EQ(q.seed, p.seed);
  EXPECT_EQ(q.history, p.history);
}

TEST(CheckpointFolder, TakesTheOrderFromTheStepsInsideNotFromNamesOrTimes) {
  const TempFolder folder;
  Sample sample;
  write(folder.path(), sample, 5);
  write(folder.path(), sample, 7);
  const auto now = std::filesystem::file_time_type::clock::now();
  std::filesystem::last_write_time(folder / "step-000000000005.ckpt", now + std::chrono::hours(24 * 3650));
  std::filesystem::rename(folder / "step-000000000007.ckpt", folder / "step-000000000001.ckpt");
  EXPECT_EQ(CheckpointFolder(folder.path()).read_newest().checkpoint->progress.step, 7);
}

TEST(CheckpointFolder, FallsBackToTheOlderOneAndSaysSo) {
  const TempFolder folder;
  Sample sample;
  write(folder.path(), sample, 5);
  write(folder.path(), sample, 7);
  std::string text = text_of(folder / "step-000000000007.ckpt");
  text.back() = static_cast<char>(text.back() ^ 1);
  folder.write("step-000000000007.ckpt", text);
  {
    CheckpointFolder checkpoints(folder.path());
    const auto newest = checkpoints.read_newest();
    EXPECT_EQ(newest.checkpoint->progress.step, 5);
    ASSERT_EQ(newest.bad.size(), 1u);
    EXPECT_NE(newest.bad[0].find("step-000000000007.ckpt: tensor"), std::string::npos) << newest.bad[0];
    EXPECT_NE(newest.bad[0].find("the checksum differs"), std::string::npos);
    // The damaged one has the greater number, and yet is the one that goes.
    sample.go_to(6);
    checkpoints.write(sample.state, sample.fingerprint);
  }
  EXPECT_EQ(names_in(folder.path()), (Names{"step-000000000005.ckpt", "step-000000000006.ckpt"}));
}

TEST(CheckpointFolder, RefusesToStartOverWhereAllAreBad) {
  const TempFolder folder;
  folder.write("step-000000000005.ckpt", "x");
  folder.write("step-000000000007.ckpt", "");
  CheckpointFolder checkpoints(folder.path());
  for (const char* text : {"no checkpoint of this run can be used", "step-000000000005.ckpt: the file is too short",
                           "step-000000000007.ckpt: the file is too short"}) {
    EXPECT_TRUE(throws_error([&] { checkpoints.read_newest(); }, ErrorKind::Verification, text));
  }
}

TEST(CheckpointFolder, RefusesModelsAndOtherShapes) {
  const TempFolder folder;
  Sample sample;
  sample.go_to(1);
  CheckpointContent content = checkpoint_content(sample.state, sample.fingerprint);
  const auto file_with = [&](const std::string& key, const std::string& value) {
    auto metadata = content.metadata;
    metadata[key] = value;
    write_safetensors(folder / "f", metadata, content.tensors);
    return read_file(folder / "f");
  };
  const auto refuses = [&](const std::string& key, const std::string& value, const char* text) {
    return throws_error([&] { parse_checkpoint(file_with(key, value), "f"); }, ErrorKind::Verification, text);
  };
  EXPECT_TRUE(refuses("redbud.format", "model 1", "f: holds something else than a checkpoint (\"model 1\")"));
  EXPECT_TRUE(refuses("redbud.progress", "{}", "f: the key step is missing"));
  EXPECT_TRUE(refuses("redbud.progress", R"({"step":-1})", "f: step is negative"));
  EXPECT_TRUE(refuses("redbud.progress", R"({"step":"x"})", "f: key step has a value of the wrong type"));
  EXPECT_TRUE(refuses("redbud.data", "zz", "f: redbud.data is not 16 hexadecimal digits"));
  content.tensors.pop_back();
  const Checkpoint checkpoint = parse_checkpoint(file_with("redbud.target", "x"), "f");
  EXPECT_TRUE(throws_error([&] { restore(checkpoint, sample.state); }, ErrorKind::Verification, "is missing"));
}

TEST(CheckpointFolder, FindsEveryFlippedBitAndEveryCut) {
  const TempFolder folder;
  Sample sample;
  write(folder.path(), sample, 5);
  const std::vector<std::byte> file = read_file(folder / "step-000000000005.ckpt");
  const SafetensorsFile good = parse_safetensors(file, {});
  const RandomKey key{.seed = 31};
  const auto bits = static_cast<int64_t>(file.size()) * 8;
  for (int64_t i = 0; i < 12'000; ++i) {
    const int64_t bit = i < 64 ? i : static_cast<int64_t>(random_word(key, i)) % bits;
    const auto byte = static_cast<size_t>(bit / 8);
    std::vector<std::byte> bytes = file;
    bytes[byte] ^= std::byte{1} << (bit % 8);
    std::string named = "f: ";
    for (const NamedTensor& tensor : good.tensors) {
      const auto begin = static_cast<size_t>(tensor.bytes.data() - good.storage.data());
      if (byte >= begin && byte < begin + tensor.bytes.size()) named = "f: tensor \"" + tensor.name + "\"";
    }
    ASSERT_TRUE(throws_error([&] { parse_checkpoint(bytes, "f"); }, ErrorKind::Verification, named)) << bit;
  }
  for (size_t size = 0; size < file.size(); size += size < 64 || file.size() - size < 64 ? 1 : 37) {
    const std::vector<std::byte> cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_TRUE(throws_error([&] { parse_checkpoint(cut, "f"); }, ErrorKind::Verification, "f: ")) << size;
  }
}

TEST(CheckpointFolder, IsHeldByOneProcess) {
  const TempFolder folder;
  const CheckpointFolder first(folder.path());
  EXPECT_TRUE(throws_error([&] { CheckpointFolder second(folder.path()); }, ErrorKind::Environment, ""));
}

}  // namespace
}  // namespace redbud
