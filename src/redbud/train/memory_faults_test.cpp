// Memory that runs out, at every allocation of a training in turn: from the table to a prediction of the saved model.
#include <gtest/gtest.h>

#include <filesystem>
#include <new>
#include <optional>

#include "redbud/checkpoint/model_file.h"
#include "redbud/predict/predictor.h"
#include "redbud/testing/core/allocations.h"
#include "redbud/testing/core/memory_file_system.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/train/toy_data_test.h"
#include "redbud/train/trainer.h"

namespace redbud {
namespace {

const Path kFolder = "/run";
const Path kModel = "/run/model.redbud";

std::string table() {
  std::string text = "a,b,label\n";
  for (int i = 0; i < 40; ++i) {
    const int a = i * 7919 % 97;
    const int b = i * 1009 % 89;
    text += std::to_string(a) + "." + std::to_string(i % 7) + "," + std::to_string(b) + ".5," +
            (a + b > 90 ? "yes" : "no") + "\n";
  }
  return text;
}

/// Reads the table, trains two epochs of two steps with a checkpoint after each (or goes on with those that are there),
/// saves the model, and gives what the file predicts.
std::vector<float> train_and_predict(ThreadPool& pool) {
  const Dataset rows = read_data("/table.csv");
  const Toy toy(rows, rows);
  TrainConfig config;
  config.epochs = 2;
  config.batch_size = 20;
  config.checkpoint_every_s = 0.0;
  RunOptions options;
  options.folder = kFolder;
  options.pool = &pool;
  const MlpConfig network{.hidden = {4}, .dropout = 0.1};
  save(run_training(toy.model(network), *toy.train, *toy.validation, config, options).best, kModel);
  const Predictor predictor(load_model(kModel));
  std::vector<float> y(static_cast<size_t>(predictor.outputs()));
  Predictor::Context context(predictor, 1);
  predictor.predict(std::vector<float>{0.25F, -0.5F}, 1, y, context);
  return y;
}

void fill(MemoryFileSystem& disk) {
  disk.put("/table.csv", table());
  disk.put("/run/config.toml", "");
}

std::vector<std::string> temporary_files(MemoryFileSystem& disk) {
  std::vector<std::string> found;
  for (const char* folder : {"/run", "/run/checkpoints"}) {
    std::vector<std::string> names;
    static_cast<void>(disk.list(folder, names));
    for (const std::string& name : names) {
      if (name.ends_with(".tmp")) found.push_back(name);
    }
  }
  return found;
}

class MemoryFaults {
 public:
  MemoryFaults() {
    MemoryFileSystem disk;
    fill(disk);
    const ScopedFileSystem installed(disk);
    expected_ = train_and_predict(pool_);  // what is made once for the whole program (lists of layers) is made here
  }

  /// Lets the k-th allocation fail; false: there are not so many. Whatever came of it, the same again ends well.
  bool fail_at(int64_t k, bool sticky) {
    SCOPED_TRACE(testing::Message() << "allocation " << k << (sticky ? " and all after it" : ""));
    MemoryFileSystem disk;
    fill(disk);
    const ScopedFileSystem installed(disk);
    bool met = false;
    try {
      const FailingAllocation failing(k, sticky);
      const std::optional<std::vector<float>> y = attempt();
      met = failing.was_met();
      if (y) {
        const SparedAllocations spared;
        EXPECT_EQ(*y, expected_);
      }
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
    EXPECT_EQ(temporary_files(disk), std::vector<std::string>());
    EXPECT_EQ(train_and_predict(pool_), expected_);
    return met;
  }

 private:
  /// Nothing, if the memory ran out.
  std::optional<std::vector<float>> attempt() {
    try {
      return train_and_predict(pool_);
    } catch (const std::bad_alloc&) {
      return std::nullopt;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::Environment) throw;
      return std::nullopt;
    }
  }

  ThreadPool pool_{1};
  std::vector<float> expected_;
};

void expect_survival(int64_t first, int64_t stride, bool sticky) {
  if (!allocations_are_counted()) GTEST_SKIP() << "ThreadSanitizer has its own operator new";
  MemoryFaults faults;
  int64_t k = first;
  while (faults.fail_at(k, sticky)) k += stride;
  EXPECT_GT(k, 1000);
}

TEST(MemoryFaults, ATrainingSurvivesOneThatFails) { expect_survival(1, 37, false); }
TEST(MemoryFaults, ATrainingSurvivesTheEndOfMemory) { expect_survival(19, 37, true); }
TEST(NightlyMemoryFaults, ATrainingSurvivesEachOneThatFails) { expect_survival(1, 1, false); }
TEST(NightlyMemoryFaults, ATrainingSurvivesTheEndOfMemoryAnywhere) { expect_survival(1, 1, true); }

int64_t open_files() {
  int64_t count = 0;
  for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

TEST(MemoryFaults, AModelIsSavedAndLoadedWholeOrNotAtAll) {
  if (!allocations_are_counted()) GTEST_SKIP() << "ThreadSanitizer has its own operator new";
  const Toy toy;
  const Model old_model = toy.model({.hidden = {4}});
  Model new_model = toy.model({.hidden = {4}});
  for (float& v : new_model.values.parameter_memory().as<float>()) v = 0.5F;
  const TempFolder folder;
  const Path path = folder / "model.redbud";
  const auto first_weight = [&] { return load_model(path).values.parameter_memory().as<float>()[0]; };
  const int64_t files = open_files();
  bool met = true;
  for (int64_t k = 1; met; ++k) {
    save(old_model, path);
    bool saved = true;
    {
      const FailingAllocation failing(k);
      try {
        save(new_model, path);
        static_cast<void>(load_model(path));
      } catch (const std::bad_alloc&) {
        saved = false;
      } catch (const Error& error) {
        saved = false;
        EXPECT_EQ(error.kind(), ErrorKind::Environment) << k << ": " << error.what();
      }
      met = failing.was_met();
    }
    const float weight = first_weight();
    EXPECT_TRUE(weight == 0.5F || (!saved && weight == old_model.values.parameter_memory().as<float>()[0])) << k;
    EXPECT_EQ(open_files(), files) << k;
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1) << k;
  }
}

}  // namespace
}  // namespace redbud
