// The run file: what it may hold, how it meets the command line, and what is said where it is wrong.
#include <fmt/format.h>

#include "support/cli_test_support.h"

namespace redbud {
namespace {

/// `redbud train --config` on a run file of this text, beside a table.
Outcome train_with(const TempFolder& folder, const std::string& text, std::vector<std::string> more = {}) {
  folder.write("table.csv", small_table());
  folder.write("run.toml", text);
  std::vector<std::string> words = {"train", "--config", "run.toml", "--out", "run", "--epochs", "1"};
  words.insert(words.end(), more.begin(), more.end());
  return run_redbud(words, {.folder = folder.path()});
}

struct BadFile {
  const char* name;
  const char* text;
  std::vector<std::string> parts;
};

class BadRunFile : public ::testing::TestWithParam<BadFile> {};

TEST_P(BadRunFile, IsRefusedWithItsPlace) {
  const TempFolder folder;
  EXPECT_TRUE(fails(train_with(folder, GetParam().text), 2, GetParam().parts));
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));
}

INSTANTIATE_TEST_SUITE_P(
    RunFile, BadRunFile,
    ::testing::Values(
        BadFile{"Syntax", "[data]\npath = table.csv\n", {"run.toml:2:", "is not TOML"}},
        BadFile{"UnknownKey",
                "[data]\npath = \"table.csv\"\n[train]\nbatchsize = 3\n",
                {"run.toml:4:1: unknown key \"batchsize\" in [train]", "did you mean batch_size?"}},
        BadFile{"KeyOfAnotherSection",
                "[data]\npath = \"table.csv\"\nepochs = 3\n",
                {"run.toml:3:1", "it belongs into [train]"}},
        BadFile{"KeyOutside", "epochs = 3\n", {"run.toml:1:1", "stands outside its section", "[train]"}},
        BadFile{"UnknownSection", "[trian]\nepochs = 3\n", {"run.toml:1:2", "\"trian\"", "did you mean train?"}},
        BadFile{"OutOfRange",
                "[train]\n  patience = -1\n",
                {"run.toml:2:3: key train.patience is out of range (-1)", "at least 0"}},
        BadFile{
            "Dropout", "[model]\ndropout = 1.0\n", {"key model.dropout is out of range (1.0)", "from 0 to below 1"}},
        BadFile{
            "WrongType", "[train]\nseed = \"one\"\n", {"run.toml:2:1", "train.seed", "(\"one\")", "a whole number"}},
        BadFile{"NotWhole", "[train]\nbatch_size = 32.5\n", {"train.batch_size", "(32.5)"}},
        BadFile{"NotANumber", "[train]\nlearning_rate = nan\n", {"train.learning_rate", "(nan)"}},
        BadFile{"UnknownWord",
                "[train]\nrecipe = \"chapte\"\n",
                {"train.recipe", "auto or chapter", "did you mean chapter?"}},
        BadFile{"UnknownOptimizer", "[train]\noptimizer = \"adm\"\n", {"run.toml:2:1", "adm", "did you mean adam?"}},
        BadFile{"OptimizerKey", "[train]\noptimizer = { name = \"adam\", beta3 = 0.9 }\n", {"run.toml:2:", "beta3"}},
        BadFile{"OptimizerRange",
                "[train]\noptimizer = { name = \"adam\", beta1 = 1.5 }\n",
                {"run.toml:2:", "beta1", "1.5"}},
        BadFile{
            "UnknownActivation", "[model]\nactivation = \"rleu\"\n", {"run.toml:2:1", "rleu", "did you mean relu?"}},
        BadFile{
            "UnknownInitializer", "[model]\ninitializer = \"he_norml\"\n", {"run.toml:2:1", "did you mean he_normal?"}},
        BadFile{"BatchNormPlace", "[model]\nbatch_norm = \"befor\"\n", {"run.toml:2:1", "before, after or none"}},
        BadFile{"BatchNormKey",
                "[model]\nbatch_norm = { place = \"after\", momntum = 0.9 }\n",
                {"momntum", "did you mean momentum?"}},
        BadFile{"Schedule", "[train]\nschedule = \"cosin\"\n", {"unknown schedule", "did you mean cosine?"}},
        BadFile{"ScheduleKey",
                "[train]\nschedule = { name = \"cosine\", powr = 2 }\n",
                {"the schedule cosine has no key powr"}},
        BadFile{"NotYet", "[train]\nprecision = \"bf16\"\n", {"train.precision", "not supported yet (\"bf16\")"}},
        BadFile{"Duplicate", "[train]\nepochs = 1\nepochs = 2\n", {"run.toml:3:", "is not TOML"}},
        BadFile{"Date", "[train]\nepochs = 1979-05-27\n", {"run.toml:2:1", "a date"}},
        BadFile{"BothForms",
                "[data]\npath = \"table.csv\"\n[model]\nhidden = [3]\n[[layer]]\nkind = \"dense\"\nunits = 2\n",
                {"both [model] and [[layer]]"}},
        BadFile{"LayerKind",
                "[data]\npath = \"table.csv\"\n[[layer]]\nkind = \"dens\"\nunits = 2\n",
                {"run.toml", "did you mean dense?"}},
        BadFile{"LayerKey",
                "[data]\npath = \"table.csv\"\n[[layer]]\nkind = \"dense\"\nunts = 2\n",
                {"run.toml:5:1", "did you mean units?"}},
        BadFile{"NoKind", "[data]\npath = \"table.csv\"\n[[layer]]\nunits = 2\n", {"a [[layer]] has no kind"}},
        BadFile{"LastLayer",
                "[data]\npath = \"table.csv\"\n[[layer]]\nname = \"out\"\nkind = \"dense\"\nunits = 3\n",
                {"the last layer \"out\" gives 3 outputs", "2 outputs, one a class"}},
        BadFile{"LayerInput",
                "[data]\npath = \"table.csv\"\n[[layer]]\nkind = \"dense\"\nunits = 2\ninputs = [\"y\"]\n",
                {"run.toml", "y"}},
        BadFile{"NoData", "[train]\nepochs = 1\n", {"no data is given"}}),
    [](const auto& file) { return std::string(file.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Learning, BadRunFile,
    ::testing::Values(
        BadFile{"LayerKey",
                "[[train.layer]]\nname = \"hidden1\"\nlearning_rate = 0.1\n",
                {"run.toml:3:", "unknown key \"learning_rate\" in [[train.layer]]", "learning_rate_factor"}},
        BadFile{"LayerRange",
                "[[train.layer]]\nname = \"hidden1\"\nl2 = -1\n",
                {"run.toml:3:", "train.layer.l2 is out of range (-1)", "at least 0"}},
        BadFile{"LayerName",
                "[data]\npath = \"table.csv\"\n[[train.layer]]\nname = \"hiden1\"\nl2 = 1\n",
                {"run.toml:3:", "train.layer names no parameter (\"hiden1\")", "did you mean hidden1?"}},
        BadFile{"LayerIsATable", "[train.layer]\nname = \"a\"\n", {"run.toml:1:", "train.layer", "[[train.layer]]"}},
        BadFile{"AverageKind", "[train]\nweight_average = \"sma\"\n", {"run.toml:2:1", "(\"sma\")", "ema or swa"}},
        BadFile{"AverageStart",
                "[train]\nweight_average = { kind = \"swa\", start = 2 }\n",
                {"run.toml:2:", "start is out of range (2)"}},
        BadFile{"Lookahead",
                "[train]\noptimizer = { name = \"adam\", lookahead = -5 }\n",
                {"run.toml:2:", "lookahead is out of range (-5)"}},
        BadFile{"AverageWithL1",
                "[data]\npath = \"nothing.csv\"\n[train]\noptimizer = \"schedule_free_adamw\"\nl1 = 0.1\n",
                {"run.toml:4:1", "schedule_free_adamw has no l1"}},
        BadFile{"MomentumWithoutOne",
                "[data]\npath = \"nothing.csv\"\n[train]\noptimizer = \"sgd\"\n"
                "schedule = { name = \"one_cycle\", momentum = [0.95, 0.85] }\n",
                {"run.toml:5:1", "schedule changes a momentum", "(sgd)"}},
        BadFile{"MomentumScheduleWithoutOne",
                "[data]\npath = \"nothing.csv\"\n[train]\noptimizer = \"rmsprop\"\n"
                "momentum_schedule = { name = \"polynomial\", end = 0.99 }\n",
                {"run.toml:5:1", "momentum_schedule changes a momentum", "(rmsprop)", "momentum or beta1"}},
        BadFile{"MomentumScheduleOfAnAverage",
                "[data]\npath = \"nothing.csv\"\n[train]\noptimizer = \"schedule_free_adamw\"\n"
                "momentum_schedule = \"sutskever\"\n",
                {"run.toml:5:1", "momentum_schedule changes a momentum", "(schedule_free_adamw)"}},
        BadFile{"TwoMomentumSchedules",
                "[data]\npath = \"nothing.csv\"\n[train]\nmomentum_schedule = \"sutskever\"\n"
                "schedule = { name = \"one_cycle\", momentum = [0.95, 0.85] }\n",
                {"run.toml:4:1", "momentum_schedule does not go with the momentum of schedule", "one of them"}},
        BadFile{"MomentumOfOne",
                "[train]\nmomentum_schedule = { name = \"cosine\", end = 1.0 }\n",
                {"run.toml:2:", "momentum_schedule.end is out of range (1)", "0 to less than 1"}},
        BadFile{"MomentumScheduleName",
                "[train]\nmomentum_schedule = \"sutskefer\"\n",
                {"run.toml:2:1", "unknown momentum_schedule (\"sutskefer\")", "did you mean sutskever?"}},
        BadFile{"MomentumScheduleKey",
                "[train]\nmomentum_schedule = { name = \"cosine\", end = 0.9, warmup = 2 }\n",
                {"run.toml:2:", "the momentum_schedule cosine has no key warmup"}}),
    [](const auto& file) { return std::string(file.param.name); });

TEST(RunFile, IsMissingOrIsNoFile) {
  EXPECT_TRUE(fails(run_redbud({"train", "x.csv", "--config", "/no/such.toml"}), 2, {"/no/such.toml"}));
  EXPECT_TRUE(fails(run_redbud({"train", "x.csv", "--config", "/tmp"}), 2, {"/tmp"}));
  EXPECT_TRUE(fails(run_redbud({"train", "x.csv", "--config", "/dev/zero"}), 2, {"/dev/zero"}));
}

TEST(RunFile, TheCommandLineWins) {
  const TempFolder folder;
  const Outcome outcome =
      train_with(folder, "[data]\npath = \"table.csv\"\n[model]\nhidden = [4]\n[train]\nepochs = 7\nseed = 5\n",
                 {"--hidden", "8,6", "--set", "train.optimizer.beta1=0.8", "--set", "model.activation=relu", "--json"});
  ASSERT_TRUE(succeeds(outcome));
  EXPECT_EQ(last_record(outcome).find("epochs")->as_integer("epochs"), 1);
  const std::string config = text_of(folder / "run/config.toml");
  for (const char* line : {"hidden = [8, 6]\n", "epochs = 1\n", "seed = 5\n",
                           "optimizer = { name = \"adam\", beta1 = 0.8 }\n", "activation = \"relu\"\n"}) {
    EXPECT_NE(config.find(line), std::string::npos) << line << " is not in\n" << config;
  }
}

TEST(RunFile, BadValuesOfTheCommandLineNameTheOption) {
  const auto train = [](std::vector<std::string> words) {
    words.insert(words.begin(), {"train", "x.csv"});
    return run_redbud(words);
  };
  EXPECT_TRUE(fails(train({"--epochs", "0"}), 2, {"--epochs: key train.epochs is out of range (0)"}));
  EXPECT_TRUE(fails(train({"--dropout", "1.5"}), 2, {"--dropout", "(1.5)"}));
  EXPECT_TRUE(fails(train({"--hidden", "64,x"}), 2, {"--hidden", "(\"x\")"}));
  EXPECT_TRUE(fails(train({"--hidden", "64,0"}), 2, {"--hidden", "(0)"}));
  EXPECT_TRUE(fails(train({"--validation", "0"}), 2, {"--validation", "(0)"}));
  EXPECT_TRUE(fails(train({"--validation", "1.5"}), 2, {"--validation", "(1.5)"}));
  EXPECT_TRUE(fails(train({"--set", "train.epoch=3"}), 2, {"--set train.epoch", "did you mean epochs?"}));
  EXPECT_TRUE(fails(train({"--set", "epochs=3"}), 2, {"unknown key \"epochs\""}));
  EXPECT_TRUE(fails(train({"--set", "train.epochs"}), 2, {"--set", "KEY=VALUE"}));
  EXPECT_TRUE(fails(train({"--set", "train.epochs.x=3"}), 2, {"train.epochs has no keys below it"}));
  EXPECT_TRUE(fails(train({"--set", "train.optimizer.beta1=2"}), 2, {"beta1", "2"}));
  EXPECT_TRUE(fails(train({"--set", "layer.a.units=2"}), 2, {"no [[layer]] has the name \"a\""}));
}

TEST(RunFile, TheLongFormTrains) {
  const TempFolder folder;
  const std::string layers =
      "[data]\npath = \"table.csv\"\n"
      "[[layer]]\nname = \"h\"\nkind = \"dense\"\nunits = 8\nactivation = \"relu\"\n"
      "[[layer]]\nname = \"n\"\nkind = \"batch_norm\"\n"
      "[[layer]]\nname = \"skip\"\nkind = \"dense\"\nunits = 8\ninputs = [\"x\"]\n"
      "[[layer]]\nname = \"sum\"\nkind = \"add\"\ninputs = [\"n\", \"skip\"]\n"
      "[[layer]]\nname = \"out\"\nkind = \"dense\"\nunits = 2\n";
  ASSERT_TRUE(succeeds(train_with(folder, layers, {"--set", "layer.h.units=8"})));
  const std::string config = text_of(folder / "run/config.toml");
  EXPECT_NE(config.find("inputs = [\"n\", \"skip\"]"), std::string::npos) << config;
  const Outcome predict = run_redbud({"predict", "run", "table.csv"}, {.folder = folder.path()});
  EXPECT_TRUE(succeeds(predict));
}

TEST(RunFile, PathsMayBeMeantFromTheFilesFolder) {
  const TempFolder folder;
  std::filesystem::create_directories(folder / "sub");
  folder.write("sub/table.csv", small_table());
  folder.write("sub/run.toml", "[data]\npath = \"table.csv\"\n");
  EXPECT_TRUE(succeeds(
      run_redbud({"train", "--config", "sub/run.toml", "--out", "run", "--epochs", "1"}, {.folder = folder.path()})));
}

TEST(RunFile, ChapterIsTheGuidelinesAndWhatIsGivenBesideItWins) {
  const TempFolder folder;
  ASSERT_TRUE(succeeds(train_with(folder, "[data]\npath = \"table.csv\"\n[train]\nrecipe = \"chapter\"\n")));
  std::string config = text_of(folder / "run/config.toml");
  for (const char* line : {"dropout = 0.5\n", "initializer = \"he_normal\"\n", "activation = \"elu\"\n",
                           "batch_norm = \"before\"\n", "optimizer = \"adam\"\n"}) {
    EXPECT_NE(config.find(line), std::string::npos) << line;
  }
  ASSERT_TRUE(succeeds(train_with(folder, "[data]\npath = \"table.csv\"\n[train]\nrecipe = \"chapter\"\n",
                                  {"--dropout", "0.1", "--overwrite"})));
  config = text_of(folder / "run/config.toml");
  EXPECT_NE(config.find("dropout = 0.1\n"), std::string::npos) << config;
}

TEST(RunFile, ReferenceIsUpToDate) {
  const Outcome outcome = run_redbud({"help", "--run-file"});
  ASSERT_TRUE(succeeds(outcome));
  EXPECT_EQ(outcome.out, text_of(Path(REDBUD_SOURCE_DIR) / "docs/run_file.md"))
      << "make it anew: build/redbud help --run-file > docs/run_file.md";
}

TEST(RunFile, AsDataIsRefusedWithTheWayToGiveIt) {
  const TempFolder folder;
  write_text_file(folder / "run.toml", "[train]\nepochs = 1\n");
  const Outcome outcome = run_redbud({"train", (folder / "run.toml").string(), "--out", (folder / "run").string()});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.error_lines().back().find("run.toml: is a run file, expected data; give it to --config"),
            std::string::npos)
      << outcome.err;
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));
}

TEST(RunFile, APlanDrawsTheScheduleOfTheRate) {
  const TempFolder folder;
  write_text_file(folder / "run.toml", "[data]\npath = \"" + digits().string() +
                                           "\"\n[train]\nschedule = { name = \"polynomial\", power = 2 }\n");
  const Outcome drawn = run_redbud({"plan", (folder / "run.toml").string()});
  ASSERT_TRUE(succeeds(drawn));
  EXPECT_NE(drawn.out.find("learning rate\n       0.001 |***"), std::string::npos) << drawn.out;
  EXPECT_NE(drawn.out.find("50 epochs"), std::string::npos) << drawn.out;
  const Outcome constant = run_redbud({"plan", (folder / "run.toml").string(), "--schedule", "none"});
  ASSERT_TRUE(succeeds(constant));
  EXPECT_EQ(constant.out.find("learning rate"), std::string::npos);
}

TEST(RunFile, APlanDrawsTheMomentum) {
  const TempFolder folder;
  const auto plan = [&](const std::string& train) {
    write_text_file(folder / "run.toml", "[data]\npath = \"" + digits().string() + "\"\n[train]\nepochs = 4\n" + train);
    return run_redbud({"plan", (folder / "run.toml").string()});
  };
  const Outcome line = plan("momentum_schedule = { name = \"polynomial\", start = 0.5, end = 0.98, over = 2 }\n");
  ASSERT_TRUE(succeeds(line));
  const std::string top = "        0.98 |" + std::string(28, ' ') + std::string(32, '*');
  EXPECT_NE(line.out.find("momentum\n" + top + "\n"), std::string::npos) << line.out;
  EXPECT_EQ(line.out.find("learning rate\n"), std::string::npos);
  const Outcome cycle = plan("schedule = { name = \"one_cycle\", momentum = [0.95, 0.85] }\n");
  EXPECT_NE(cycle.out.find("momentum\n        0.95 |***"), std::string::npos) << cycle.out;
  EXPECT_NE(cycle.out.find("learning rate\n"), std::string::npos) << cycle.out;
  EXPECT_EQ(plan("").out.find("momentum\n"), std::string::npos);
}

}  // namespace
}  // namespace redbud
