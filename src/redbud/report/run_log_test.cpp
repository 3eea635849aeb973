#include "redbud/report/run_log.h"

#include <gtest/gtest.h>

#include <cmath>

#include "redbud/checkpoint/json.h"
#include "redbud/core/text.h"
#include "redbud/report/records.h"
#include "redbud/testing/core/fault_file_system.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

EpochReport epoch(int64_t number) {
  EpochReport report;
  report.epoch = number;
  report.step = 10 * number;
  report.train_loss = 1.0 / static_cast<double>(number);
  report.validation.rows = 5;
  return report;
}

ConfigValue start() {
  ConfigValue record;
  record.set("event", "start");
  return record;
}

class RunLogTest : public ::testing::Test {
 protected:
  /// One that is on the disk after each epoch.
  RunLog log(double flush_every_s = 0.0) {
    return RunLog(
        folder_ / "log.jsonl", start(), [this](const std::string& line) { warnings_.push_back(line); }, flush_every_s);
  }
  std::string text() const { return text_of(folder_ / "log.jsonl"); }

  TempFolder folder_;
  std::vector<std::string> warnings_;
};

TEST_F(RunLogTest, HasAStartAnEpochALineAndAnEnd) {
  RunLog run = log();
  run.on_start({}, {}, 10);
  run.on_epoch(epoch(1));
  run.on_epoch(epoch(2));
  EXPECT_TRUE(read_done_record(folder_ / "log.jsonl").is_null());
  run.finish(done_record({}, std::nullopt));
  const std::vector<std::string> lines = split(text(), '\n');
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0], "{\"event\":\"start\"}");
  EXPECT_TRUE(lines[2].starts_with("{\"event\":\"epoch\",\"epoch\":2,\"step\":20,\"train_loss\":0.5,")) << lines[2];
  EXPECT_EQ(read_done_record(folder_ / "log.jsonl").find("stop_reason")->as_text(""), "epochs");
}

TEST_F(RunLogTest, ShortEpochsWaitForTheNextCheckpoint) {
  RunLog run = log(3600.0);
  run.on_start({}, {}, 10);
  run.on_epoch(epoch(1));
  run.on_epoch(epoch(2));
  EXPECT_EQ(text(), "");
  const int64_t bytes = run.flush();
  EXPECT_EQ(bytes, static_cast<int64_t>(text().size()));
  EXPECT_EQ(split(text(), '\n').size(), 4U) << text();
}

TEST_F(RunLogTest, IsCutBackToItsCheckpointOnResume) {
  int64_t bytes = 0;
  std::string kept;
  {
    RunLog run = log();
    run.on_start({}, {}, 10);
    run.on_epoch(epoch(1));
    bytes = run.flush();
    kept = text();
    run.on_epoch(epoch(2));
  }
  RunLog again = log();
  again.on_resume({.epoch = 1, .step = 10, .log_bytes = bytes, .checkpoint = "step-10"});
  again.on_start({}, {}, 10);
  again.on_epoch(epoch(2));
  EXPECT_EQ(bytes, static_cast<int64_t>(kept.size()));
  const std::vector<std::string> lines = split(text(), '\n');
  ASSERT_EQ(lines.size(), 4U) << text();
  EXPECT_TRUE(lines[2].starts_with("{\"event\":\"epoch\",\"epoch\":2,"));
}

TEST_F(RunLogTest, AWarningBeforeTheLogIsOpenCutsNothingOff) {
  {
    RunLog run = log();
    run.on_start({}, {}, 10);
    run.on_epoch(epoch(1));
  }
  RunLog again = log();
  again.on_warning("the newest checkpoint is damaged");
  again.on_resume({.epoch = 1, .step = 10, .log_bytes = static_cast<int64_t>(text().size()), .checkpoint = "step-10"});
  again.on_start({}, {}, 10);
  again.on_warning("later");
  again.note({});
  again.flush();
  const std::vector<std::string> lines = split(text(), '\n');
  ASSERT_EQ(lines.size(), 5U) << text();
  EXPECT_EQ(lines[2], "{\"event\":\"warning\",\"text\":\"the newest checkpoint is damaged\"}");
  EXPECT_EQ(lines[3], "{\"event\":\"warning\",\"text\":\"later\"}");
}

TEST_F(RunLogTest, AnyOperationThatFailsIsSaidOnceAndMadeUpFor) {
  int survived = 0;
  for_each_operation(FaultMode::Once, ENOSPC, [&](const Fault& fault) {
    const Path path = folder_ / std::to_string(fault.at);
    warnings_.clear();
    FaultFileSystem faults(real_file_system(), fault);
    const ScopedFileSystem scoped(faults);
    try {
      RunLog run(
          path, start(), [this](const std::string& line) { warnings_.push_back(line); }, 0.0);
      run.on_start({}, {}, 10);
      for (int64_t i = 1; i <= 3; ++i) run.on_epoch(epoch(i));
      run.finish(done_record({}, std::nullopt));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Environment);
      return faults.was_met();
    }
    if (!faults.was_met()) return false;
    ++survived;
    EXPECT_EQ(warnings_.size(), 1U) << faults.log().back();
    EXPECT_EQ(split(text_of(path), '\n').size(), 6U) << text_of(path);
    return true;
  });
  EXPECT_GE(survived, 3);
}

TEST_F(RunLogTest, ALogThatIsNoneHasNoDoneRecord) {
  EXPECT_TRUE(read_done_record(folder_ / "missing").is_null());
  EXPECT_TRUE(read_done_record(folder_.write("empty", "")).is_null());
  EXPECT_TRUE(read_done_record(folder_.write("torn", "{\"event\":\"done\"}")).is_null());
  EXPECT_TRUE(read_done_record(folder_.write("other", "{\"event\":\"epoch\"}\n")).is_null());
  EXPECT_TRUE(
      throws_error([&] { read_done_record(folder_.write("bad", "{\"event\":\"done\",\n")); }, ErrorKind::Data, "bad"));
}

TEST(Records, AnEpochHasItsHealthWhereItWasLookedAt) {
  EpochReport report;
  EXPECT_EQ(epoch_record(report).find("health"), nullptr);
  report.health = {{.layer = "hidden1", .gradient_norm = 0.25, .dead = std::nan("")}};
  EXPECT_EQ(to_json(*epoch_record(report).find("health")),
            "[{\"layer\":\"hidden1\",\"activation_norm\":null,\"gradient_norm\":0.25,\"weight_norm\":null,"
            "\"update_ratio\":null,\"dead\":null,\"saturated\":null,\"norm_out_of_range\":null}]");
  const LayerHealth read = layer_health_from_config(epoch_record(report).find("health")->as_list("health")[0]);
  EXPECT_EQ(read.layer, "hidden1");
  EXPECT_EQ(read.gradient_norm, 0.25);
  EXPECT_FALSE(read.dead.has_value());
}

TEST(Records, PartsThatWereNotMeasuredAreNull) {
  TrainResult result;
  result.stop_reason = StopReason::Interrupted;
  const ConfigValue record = done_record(result, std::nullopt);
  for (const char* part : {"train", "validation", "test"}) EXPECT_TRUE(record.find(part)->is_null()) << part;
}

}  // namespace
}  // namespace redbud
