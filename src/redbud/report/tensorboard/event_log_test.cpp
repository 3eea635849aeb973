#include "redbud/report/tensorboard/event_log.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "redbud/core/bytes.h"
#include "redbud/report/tensorboard/event_file.h"
#include "redbud/report/tensorboard/protobuf.h"
#include "redbud/testing/core/fault_file_system.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/train/toy_run_test.h"

namespace redbud {
namespace {

/// The tags of each record, in their order.
std::vector<std::vector<std::string>> tags_of(const Path& file) {
  std::vector<std::vector<std::string>> records;
  const std::string text = text_of(file);
  for (size_t at = 0; at < text.size();) {
    const auto size =
        static_cast<size_t>(*ByteReader(as_bytes(std::string_view(text).substr(at, 8))).little_endian<uint64_t>());
    records.emplace_back();
    if (const auto summary = find_field(std::string_view(text).substr(at + 12, size), 5)) {
      ProtoReader values(summary->bytes);
      while (const auto value = values.next()) records.back().emplace_back(find_field(value->bytes, 1)->bytes);
    }
    at += 12 + size + 4;
  }
  return records;
}

class EventLogTest : public ::testing::Test {
 protected:
  EventLog log() {
    return EventLog(folder_ / "board", {{"train.optimizer", "\"adam\""}, {"train.seed", "1"}},
                    [this](const std::string& line) { warnings_.push_back(line); });
  }
  Path file() const { return folder_ / "board/events.out.tfevents.1.redbud"; }

  static EpochReport epoch(int64_t number) {
    EpochReport report;
    report.epoch = number;
    report.step = 10 * number;
    report.validation.rows = 5;
    return report;
  }

  Toy toy_;
  Model model_ = [this] {
    Model model = toy_.model();
    model.values = model.graph.make_store();
    model.values.initialize(1);
    return model;
  }();
  TempFolder folder_;
  std::vector<std::string> warnings_;
};

TEST_F(EventLogTest, HasSettingsEpochsAndTheEnd) {
  EventLog log = this->log();
  RunOptions options;
  options.observers = {&log};
  const TrainResult result = run_training(toy_.model(), *toy_.train, *toy_.validation, config_for(3), options);
  Metrics test;
  test.rows = 7;
  log.finish(result, test);
  const auto records = tags_of(file());
  ASSERT_EQ(records.size(), 2U + 3U + 1U);
  EXPECT_EQ(records[0], std::vector<std::string>{}) << "the version";
  EXPECT_EQ(records[1], std::vector<std::string>{"_hparams_/session_start_info"});
  const std::vector<std::string> of_epoch = {"train/loss",
                                             "validation/loss",
                                             "validation/accuracy",
                                             "validation/balanced_accuracy",
                                             "validation/f1_macro",
                                             "learning_rate",
                                             "rows_per_s",
                                             "weights/hidden1.weight",
                                             "weights/hidden2.weight",
                                             "weights/output.weight"};
  for (size_t i = 2; i < 5; ++i) EXPECT_EQ(records[i], of_epoch);
  EXPECT_EQ(records[5], (std::vector<std::string>{"test/loss", "_hparams_/session_end_info"}));
}

TEST_F(EventLogTest, IsCutBackOnResume) {
  {
    EventLog log = this->log();
    log.on_start(model_, {}, 10);
    for (int64_t i = 1; i <= 3; ++i) log.on_epoch(epoch(i));
    TrainResult result;
    result.steps = 30;
    log.finish(result, std::nullopt);
  }
  EXPECT_EQ(tags_of(file()).size(), 6U);
  EventLog again = log();
  again.on_resume({.epoch = 2, .step = 30, .log_bytes = -1, .checkpoint = "of the last step of epoch 3"});
  again.on_start(model_, {}, 10);
  EXPECT_EQ(tags_of(file()).size(), 4U);
  again.on_epoch(epoch(3));
  EXPECT_EQ(tags_of(file()).size(), 5U);
  EventLog anew = log();
  anew.on_start(model_, {}, 10);
  anew.on_epoch(epoch(1));
  EXPECT_EQ(tags_of(file()).size(), 3U) << "a new run begins a new file";
}

TEST_F(EventLogTest, AnyOperationThatFailsIsSaidOnceAndMadeUpFor) {
  int survived = 0;
  make_folders(folder_ / "board");
  for_each_operation(FaultMode::Once, ENOSPC, [&](const Fault& fault) {
    warnings_.clear();
    FaultFileSystem faults(real_file_system(), fault);
    const ScopedFileSystem scoped(faults);
    try {
      EventLog log = this->log();
      log.on_start(model_, {}, 10);
      for (int64_t i = 1; i <= 3; ++i) log.on_epoch(epoch(i));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Environment);
      return faults.was_met();
    }
    if (!faults.was_met()) return false;
    ++survived;
    EXPECT_LE(warnings_.size(), 1U);
    EXPECT_GE(tags_of(file()).size(), 4U) << faults.log().back();
    return true;
  });
  EXPECT_GE(survived, 3);
}

}  // namespace
}  // namespace redbud
