// The commands as a user types them, on good input.
#include <fmt/format.h>

#include <set>

#include "redbud/core/text.h"
#include "support/cli_test_support.h"

namespace redbud {
namespace {

const std::vector<std::string> kVerbs = {"train", "resume", "evaluate", "predict", "inspect",
                                         "plan",  "check",  "find-lr",  "report",  "advise"};
const std::vector<std::string> kBenches = {"step", "predict", "csv", "peak"};

std::set<std::string> keys_of(const ConfigValue& table) {
  std::set<std::string> keys;
  for (const ConfigEntry& entry : table.as_table("record")) keys.insert(entry.key);
  return keys;
}

/// A trained run in a folder of its own, made once for all tests of a suite.
class TrainedRun : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempFolder;
    outcome_ = new Outcome(run_redbud(small_training(*folder_, {"--test", "0.2", "--json"})));
  }
  static void TearDownTestSuite() {
    delete outcome_;
    delete folder_;
  }
  static std::string run() { return (*folder_ / "run").string(); }
  static std::string table() { return (*folder_ / "table.csv").string(); }

  static TempFolder* folder_;
  static Outcome* outcome_;
};
TempFolder* TrainedRun::folder_ = nullptr;
Outcome* TrainedRun::outcome_ = nullptr;

TEST(Commands, EveryCommandHasHelpWithAnExample) {
  for (const std::string& verb : kVerbs) {
    const Outcome outcome = run_redbud({verb, "--help"});
    ASSERT_TRUE(succeeds(outcome)) << verb;
    EXPECT_NE(outcome.out.find("Usage: redbud " + verb), std::string::npos);
    EXPECT_NE(outcome.out.find("Example\n  redbud " + verb), std::string::npos);
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(run_redbud({"help", verb}).out, outcome.out);
  }
  for (const std::string& bench : kBenches) {
    EXPECT_NE(run_redbud({"bench", bench, "--help"}).out.find("Example\n  redbud bench " + bench), std::string::npos);
  }
  for (const char* word : {"--help", "-h", "help"}) {
    const Outcome outcome = run_redbud({word});
    EXPECT_TRUE(succeeds(outcome));
    for (const std::string& verb : kVerbs) EXPECT_NE(outcome.out.find("\n  " + verb + " "), std::string::npos) << verb;
  }
}

TEST(Commands, TellsItsVersion) {
  const Outcome outcome = run_redbud({"--version"});
  EXPECT_TRUE(succeeds(outcome));
  EXPECT_TRUE(outcome.out.starts_with("redbud ")) << outcome.out;
  EXPECT_EQ(run_redbud({"version"}).out, outcome.out);
}

TEST(Commands, RefusesWhatIsNoCommand) {
  EXPECT_TRUE(fails(run_redbud({}), 2, {"no command is given"}));
  EXPECT_TRUE(fails(run_redbud({"trian", "x.csv"}), 2, {"unknown command \"trian\"", "did you mean train?"}));
  EXPECT_TRUE(fails(run_redbud({"bench"}), 2, {"expected one of step, predict, csv, peak"}));
  EXPECT_TRUE(fails(run_redbud({"bench", "stepp"}), 2, {"did you mean step?"}));
}

TEST(Commands, RefusesWrongOptions) {
  EXPECT_TRUE(fails(run_redbud({"train", "x.csv", "--epoch", "3"}), 2,
                    {"unknown option \"--epoch\"", "did you mean --epochs?"}));
  EXPECT_TRUE(fails(run_redbud({"train", "x.csv", "--epochs"}), 2, {"--epochs: has no value"}));
  EXPECT_TRUE(fails(run_redbud({"train", "x.csv", "--overwrite=yes"}), 2, {"--overwrite: takes no value (\"yes\")"}));
  EXPECT_TRUE(fails(run_redbud({"predict", "model.redbud"}), 2, {"the argument DATA is missing"}));
  EXPECT_TRUE(fails(run_redbud({"inspect", "a", "b"}), 2, {"one argument too many (\"b\")"}));
  EXPECT_TRUE(fails(run_redbud({"resume", "run", "--threads", "two"}), 2,
                    {"--threads", "\"two\"", "a whole number from 0 to 4096"}));
}

TEST(Commands, ErrorsAreObjectsWithJson) {
  const Outcome outcome = run_redbud({"train", "/no/such.csv", "--json"});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(outcome.out, "");
  ASSERT_EQ(outcome.error_lines().size(), 1U);
  const ConfigValue record = last_record({.out = outcome.err});
  const ConfigValue* error = record.find("error");
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->find("where")->as_text("where"), "/no/such.csv");
  EXPECT_EQ(error->find("exit_code")->as_integer("exit_code"), 3);
  EXPECT_NE(error->find("fact"), nullptr);
}

TEST_F(TrainedRun, EndsWithTheDoneRecord) {
  ASSERT_TRUE(succeeds(*outcome_));
  EXPECT_EQ(outcome_->err, "");
  const ConfigValue done = last_record(*outcome_);
  EXPECT_EQ(keys_of(done), (std::set<std::string>{"event", "stop_reason", "best_epoch", "epochs", "wall_s", "train",
                                                  "validation", "test"}));
  EXPECT_EQ(done.find("event")->as_text("event"), "done");
  EXPECT_EQ(done.find("stop_reason")->as_text("stop_reason"), "epochs");
  EXPECT_EQ(done.find("epochs")->as_integer("epochs"), 5);
  int64_t rows = 0;
  for (const char* part : {"train", "validation", "test"}) {
    const ConfigValue* metrics = done.find(part);
    ASSERT_TRUE(metrics->is_table()) << part;
    rows += metrics->find("rows")->as_integer("rows");
    for (const char* key : {"loss", "accuracy", "balanced_accuracy", "f1_macro", "auc"})
      EXPECT_NE(metrics->find(key), nullptr) << key;
  }
  EXPECT_EQ(rows, 200);
  EXPECT_EQ(done.find("test")->find("rows")->as_integer("rows"), 40);
  EXPECT_EQ(done.find("validation")->find("rows")->as_integer("rows"), 32);
}

TEST_F(TrainedRun, WritesTheRunsFiles) {
  for (const char* name : {"model.redbud", "log.jsonl", "config.toml", "report.html", "checkpoints"}) {
    EXPECT_TRUE(std::filesystem::exists(*folder_ / "run" / name)) << name;
  }
  const std::string log = text_of(*folder_ / "run/log.jsonl");
  const std::vector<std::string> lines = split(log, '\n');
  ASSERT_EQ(lines.size(), 1U + 5U + 2U + 1U + 1U);  // start, epochs, outcomes, done, the end of the last line
  EXPECT_TRUE(lines[6].starts_with("{\"event\":\"outcome\",\"part\":\"test\"")) << lines[6];
  EXPECT_TRUE(lines[7].starts_with("{\"event\":\"outcome\",\"part\":\"validation\"")) << lines[7];
  std::string rest;
  for (size_t i = 0; i + 1 < lines.size(); ++i) {
    if (i != 6 && i != 7) rest += lines[i] + "\n";
  }
  EXPECT_EQ(rest, outcome_->out);  // --json says the same, without the rows
}

TEST_F(TrainedRun, ConfigIsResolvedAndTrainsTheSameAgain) {
  const std::string config = text_of(*folder_ / "run/config.toml");
  for (const char* line : {"batch_size = 32  # auto: 128 training rows",
                           "learning_rate = 0.001  # auto: the default of adam", "hidden = [16, 16]", "epochs = 5"}) {
    EXPECT_NE(config.find(line), std::string::npos) << line << " is not in\n" << config;
  }
  const Outcome again =
      run_redbud({"train", "--config", run() + "/config.toml", "--out", (*folder_ / "again").string()});
  ASSERT_TRUE(succeeds(again));
  EXPECT_EQ(weights_of(*folder_ / "again/model.redbud"), weights_of(*folder_ / "run/model.redbud"));
}

TEST_F(TrainedRun, EvaluatePrintsMetrics) {
  const Outcome json = run_redbud({"evaluate", run(), table(), "--json"});
  ASSERT_TRUE(succeeds(json));
  const ConfigValue record = last_record(json);
  EXPECT_EQ(record.find("rows")->as_integer("rows"), 200);
  EXPECT_GT(record.find("accuracy")->as_number("accuracy"), 0.5);
  const Outcome text = run_redbud({"evaluate", run() + "/model.redbud", table()});
  ASSERT_TRUE(succeeds(text));
  EXPECT_NE(text.out.find("accuracy"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("yes"), std::string::npos) << text.out;
}

TEST_F(TrainedRun, PredictWritesALineARow) {
  const Outcome outcome = run_redbud({"predict", run(), table()});
  ASSERT_TRUE(succeeds(outcome));
  const std::vector<std::string> lines = split(outcome.out, '\n');
  ASSERT_EQ(lines.size(), 202U);  // header, 200 rows, the end
  EXPECT_EQ(lines[0], "prediction,p_no,p_yes");
  int right = 0;
  const std::vector<std::string> rows = split(text_of(table()), '\n');
  for (size_t i = 1; i <= 200; ++i) {
    const std::vector<std::string> fields = split(lines[i], ',');
    ASSERT_EQ(fields.size(), 3U) << lines[i];
    const double no = *parse_number(fields[1]);
    const double yes = *parse_number(fields[2]);
    EXPECT_NEAR(no + yes, 1.0, 1e-5);
    EXPECT_EQ(fields[0], yes > no ? "yes" : "no");
    right += split(rows[i], ',').back() == fields[0];
  }
  const double accuracy =
      last_record(run_redbud({"evaluate", run(), table(), "--json"})).find("accuracy")->as_number("accuracy");
  EXPECT_EQ(right, std::lround(accuracy * 200));
}

TEST_F(TrainedRun, PredictWithJsonSaysTheSame) {
  const Outcome csv = run_redbud({"predict", run(), table()});
  const Outcome json = run_redbud({"predict", run(), table(), "--json", "--threads", "1"});
  ASSERT_TRUE(succeeds(json));
  const std::vector<std::string> lines = split(csv.out, '\n');
  const std::vector<std::string> records = split(json.out, '\n');
  ASSERT_EQ(records.size(), 201U);
  EXPECT_EQ(
      lines[1],
      fmt::format(
          "{},{},{}", last_record({.out = records[0]}).find("prediction")->as_text("prediction"),
          format_number(static_cast<float>(last_record({.out = records[0]}).find("p")->find("no")->as_number("no"))),
          format_number(
              static_cast<float>(last_record({.out = records[0]}).find("p")->find("yes")->as_number("yes")))));
}

TEST_F(TrainedRun, InspectShowsLayersTensorsAndRecipe) {
  const Outcome text = run_redbud({"inspect", run()});
  ASSERT_TRUE(succeeds(text));
  for (const char* part :
       {"hidden1", "dense", "batch_norm", "c: category, blue, green, red", "2 classes: no, yes", "epochs = 5"}) {
    EXPECT_NE(text.out.find(part), std::string::npos) << part << " is not in\n" << text.out;
  }
  const ConfigValue record = last_record(run_redbud({"inspect", run(), "--json"}));
  EXPECT_GT(record.find("parameters")->as_integer("parameters"), 16 * 16);
  for (const ConfigValue& tensor : record.find("tensors")->as_list("tensors")) {
    EXPECT_EQ(tensor.find("not_finite")->as_integer("not_finite"), 0);
  }
}

TEST_F(TrainedRun, PlanShowsStepsAndKernels) {
  const Outcome text = run_redbud({"plan", run(), "--explain", "--batch-size", "64"});
  ASSERT_TRUE(succeeds(text));
  EXPECT_NE(text.out.find("training step of 64 rows"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("arena"), std::string::npos) << text.out;
  const ConfigValue record = last_record(run_redbud({"plan", run() + "/config.toml", "--json"}));
  EXPECT_EQ(record.find("rows")->as_integer("rows"), 32);
  EXPECT_GT(record.find("steps")->as_list("steps").size(), 5U);
  EXPECT_GT(record.find("peak_bytes")->as_integer("peak_bytes"), record.find("arena_bytes")->as_integer("arena_bytes"));
  EXPECT_TRUE(fails(run_redbud({"plan", run(), "--disable-pass", "no_such_pass"}), 2, {"no_such_pass"}));
  EXPECT_TRUE(fails(run_redbud({"plan", run(), "--epochs", "3"}), 2, {"--epochs"}));
}

TEST_F(TrainedRun, CheckFindsNothingWrong) {
  for (const std::string& path : {run(), run() + "/model.redbud", table()}) {
    const Outcome outcome = run_redbud({"check", path});
    EXPECT_TRUE(succeeds(outcome)) << path;
    EXPECT_NE(outcome.out.find(": good"), std::string::npos) << outcome.out;
  }
  EXPECT_TRUE(last_record(run_redbud({"check", run(), "--json"})).find("ok")->as_bool("ok"));
}

TEST(Commands, RegressionIsInTheTargetsUnits) {
  const TempFolder folder;
  std::string text = "x,\"price, EUR\"\n";
  for (int i = 0; i < 300; ++i) text += fmt::format("{}.5,{}\n", i * 7919 % 997, 1000 * (i * 7919 % 997) + 50000);
  const Path data = folder.write("prices.csv", text);
  const Outcome train = run_redbud(
      {"train", data.string(), "--out", (folder / "run").string(), "--hidden", "16", "--epochs", "30", "--json"});
  ASSERT_TRUE(succeeds(train));
  const ConfigValue done = last_record(train);
  EXPECT_GT(done.find("validation")->find("r2")->as_number("r2"), 0.9);
  EXPECT_GT(done.find("validation")->find("rmse")->as_number("rmse"), 10.0);
  EXPECT_TRUE(done.find("test")->is_null());
  const Outcome predict = run_redbud({"predict", (folder / "run").string(), data.string()});
  const std::vector<std::string> lines = split(predict.out, '\n');
  ASSERT_EQ(lines.size(), 302U);
  EXPECT_EQ(lines[0], "prediction");
  EXPECT_GT(*parse_number(lines[1]), 10000.0);
}

TEST(Commands, SeveralTargetsGiveAColumnEach) {
  const TempFolder folder;
  std::string text = "x,\"a,1\",b\n";
  for (int i = 0; i < 120; ++i)
    text += fmt::format("{}.5,{}.5,{}.5\n", i * 7919 % 997, i * 7919 % 997 * 2, i * 7919 % 997 * 3);
  const Path data = folder.write("two.csv", text);
  const std::string run = (folder / "run").string();
  ASSERT_TRUE(succeeds(
      run_redbud({"train", data.string(), "--target", "[1, 2]", "--out", run, "--hidden", "8", "--epochs", "2"})));
  const Outcome predict = run_redbud({"predict", run, data.string()});
  ASSERT_TRUE(succeeds(predict));
  EXPECT_TRUE(predict.out.starts_with("\"a,1\",b\n")) << predict.out;
}

TEST(Commands, WithoutOutTheRunsAreNumbered) {
  const TempFolder folder;
  folder.write("my.table.csv", small_table(60));
  for (const char* name : {"runs/my-1", "runs/my-2"}) {
    ASSERT_TRUE(
        succeeds(run_redbud({"train", "my.table.csv", "--hidden", "8", "--epochs", "1"}, {.folder = folder.path()})));
    EXPECT_TRUE(std::filesystem::exists(folder / name / "model.redbud")) << name;
  }
}

TEST(Commands, TextOutputShowsChoicesProgressAndNextStep) {
  const TempFolder folder;
  const Outcome outcome = run_redbud({"train", folder.write("table.csv", small_table()).string(), "--out",
                                      (folder / "run").string(), "--epochs", "2", "--test", "0.1"});
  ASSERT_TRUE(succeeds(outcome));
  for (const char* part : {"model.hidden = [64, 64, 64]  (auto: ", "train.batch_size = 32  (auto: ", "epoch 2/2: loss ",
                           "next: redbud predict "}) {
    EXPECT_NE(outcome.err.find(part), std::string::npos) << part << " is not in\n" << outcome.err;
  }
  for (const char* part : {"train ", "validation ", "test ", "accuracy", "model: "}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << " is not in\n" << outcome.out;
  }
  EXPECT_EQ(outcome.err.find('\r'), std::string::npos);  // no bar where nobody watches
  EXPECT_EQ(outcome.err.find('\033'), std::string::npos);
}

}  // namespace
}  // namespace redbud
