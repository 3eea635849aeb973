// Normalisation and regularisation as a run file says them: what they become, and what is nonsense or doubtful.
#include "support/cli_test_support.h"

namespace redbud {
namespace {

Outcome train_with(const TempFolder& folder, const std::string& text, std::vector<std::string> more = {}) {
  folder.write("table.csv", small_table());
  folder.write("run.toml", "[data]\npath = \"table.csv\"\n" + text);
  std::vector<std::string> words = {"train", "--config", "run.toml", "--out", "run", "--epochs", "1"};
  words.insert(words.end(), more.begin(), more.end());
  return run_redbud(words, {.folder = folder.path()});
}

struct Nonsense {
  const char* name;
  const char* text;
  std::vector<std::string> parts;
};

class Refused : public ::testing::TestWithParam<Nonsense> {};

TEST_P(Refused, BeforeTheDataIsReadWithItsPlace) {
  const TempFolder folder;
  folder.write("run.toml", std::string("[data]\npath = \"nothing-there.csv\"\n") + GetParam().text);
  const Outcome outcome = run_redbud({"train", "--config", "run.toml", "--out", "run"}, {.folder = folder.path()});
  EXPECT_TRUE(fails(outcome, 2, GetParam().parts));  // and not 3: the data, which is missing
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));
}

INSTANTIATE_TEST_SUITE_P(
    Regularisation, Refused,
    ::testing::Values(
        Nonsense{"DropoutOfAll",
                 "[model]\ndropout = 1.0\n",
                 {"run.toml:4:1: key model.dropout is out of range (1.0)", "from 0 to below 1"}},
        Nonsense{"DropoutOfAllInATable",
                 "[model]\ndropout = { rate = 1.0 }\n",
                 {"run.toml:4:", "key model.dropout is out of range (1.0)", "from 0 to below 1"}},
        Nonsense{"DropoutKind",
                 "[model]\ndropout = { rate = 0.1, kind = \"alfa\" }\n",
                 {"run.toml:4:", "model.dropout", "(\"alfa\")", "standard, alpha or gaussian"}},
        Nonsense{"DropoutKey", "[model]\ndropout = { rat = 0.1 }\n", {"run.toml:4:", "\"rat\"", "did you mean rate?"}},
        Nonsense{"DropoutOfALayer",
                 "[[layer]]\nkind = \"dense\"\nunits = 2\n[[layer]]\nkind = \"dropout\"\nrate = 1.0\n",
                 {"run.toml:8:1", "rate is out of range (1)", "0 to less than 1"}},
        Nonsense{"AlphaDropoutOnRelu",
                 "[model]\nactivation = \"relu\"\nbatch_norm = \"none\"\ndropout = { rate = 0.1, kind = \"alpha\" }\n",
                 {"run.toml:6:", "alpha dropout does not go with the activation (relu)", "expected selu"}},
        Nonsense{"AlphaDropoutOnReluLongForm",
                 "[[layer]]\nkind = \"dense\"\nunits = 4\nactivation = \"relu\"\n[[layer]]\nkind = "
                 "\"alpha_dropout\"\n[[layer]]\nkind = \"dense\"\nunits = 2\n",
                 {"run.toml:7:", "alpha dropout does not go with the activation (relu)"}},
        Nonsense{"BatchNormOfOneRow",
                 "[train]\nbatch_size = 1\n",
                 {"run.toml:4:1: key train.batch_size does not go with batch normalisation (1)", "at least 2"}},
        Nonsense{"BatchNormOfOneRowLongForm",
                 "[[layer]]\nkind = \"batch_norm\"\n[[layer]]\nkind = \"dense\"\nunits = 2\n[train]\nbatch_size = 1\n",
                 {"run.toml:9:1: key train.batch_size does not go with batch normalisation (1)"}},
        Nonsense{"BothNorms",
                 "[model]\nbatch_norm = \"after\"\nlayer_norm = \"before\"\n",
                 {"run.toml:5:1: key model.layer_norm does not go with model.batch_norm (before and after)"}},
        Nonsense{"LayerNormPlace",
                 "[model]\nlayer_norm = \"befor\"\n",
                 {"run.toml:4:1: key model.layer_norm", "before, after or none"}},
        Nonsense{"LayerNormEpsilon",
                 "[model]\nlayer_norm = { place = \"after\", epsilon = 0 }\n",
                 {"run.toml:4:", "key model.layer_norm.epsilon is out of range (0)", "above 0"}},
        Nonsense{"BatchNormScale", "[model]\nbatch_norm = { scale = 1 }\n", {"run.toml:4:", "batch_norm.scale"}},
        Nonsense{"PatienceWithoutValidation",
                 "validation = 0\n[train]\npatience = 5\n",
                 {"run.toml:3:1: key data.validation is out of range (0)"}},
        Nonsense{"NegativeChange",
                 "[train]\nmin_change = -0.1\n",
                 {"run.toml:4:1: key train.min_change is out of range (-0.1)", "at least 0"}},
        Nonsense{"Monitor",
                 "[train]\nmonitor = \"accurracy\"\n",
                 {"run.toml:4:1: key train.monitor has an unknown value (\"accurracy\")", "accuracy"}},
        Nonsense{"ExactStatistics",
                 "[train]\nexact_statistics = \"maybe\"\n",
                 {"run.toml:4:1: key train.exact_statistics has an unknown value (\"maybe\")"}},
        Nonsense{"Noise",
                 "[model]\ninput_noise = -1\n",
                 {"run.toml:4:1: key model.input_noise is out of range (-1)", "at least 0"}}),
    [](const auto& nonsense) { return std::string(nonsense.param.name); });

/// How many lines of stderr warn and hold the text.
int warnings_with(const Outcome& outcome, const std::string& text) {
  int count = 0;
  for (const std::string& line : outcome.error_lines())
    count += line.starts_with("redbud: warning: ") && line.find(text) != std::string::npos ? 1 : 0;
  return count;
}

TEST(Regularisation, AMetricThatTheTaskLacksIsRefusedBeforeThereIsARun) {
  const TempFolder folder;
  const std::string run = (folder / "run").string();
  EXPECT_TRUE(
      fails(run_redbud({"train", digits().string(), "--monitor", "rmse", "--out", run}), 2,
            {"train.monitor: the task has no such metric (rmse)", "loss, accuracy, balanced_accuracy, f1_macro"}));
  EXPECT_FALSE(std::filesystem::exists(folder / "run/config.toml"));
}

TEST(Regularisation, DoubtfulPairsAreWarnedOfOnce) {
  const TempFolder folder;
  const auto train = [&](const std::string& text) {
    const Outcome outcome = train_with(folder, text, {"--overwrite"});
    EXPECT_TRUE(succeeds(outcome));
    return outcome;
  };
  const std::string dense = "[[layer]]\nkind = \"dense\"\nunits = 8\n";
  const std::string drop_norm = "[[layer]]\nkind = \"dropout\"\nrate = 0.2\n[[layer]]\nkind = \"batch_norm\"\n";
  const std::string output = "[[layer]]\nkind = \"dense\"\nunits = 2\n";
  EXPECT_EQ(warnings_with(train(dense + drop_norm + dense + drop_norm + output), "batch_norm reads what a dropout"), 1);
  const Outcome elu = train("[model]\nbatch_norm = \"none\"\ndropout = { rate = 0.1, kind = \"alpha\" }\n");
  EXPECT_EQ(warnings_with(elu, "run.toml:5:25: alpha dropout keeps the mean and variance of selu, not of elu"), 1)
      << elu.err;
  const Outcome norm = train("[model]\nactivation = \"selu\"\ndropout = { rate = 0.1, kind = \"alpha\" }\n");
  EXPECT_EQ(warnings_with(norm, "alpha dropout with a normalisation"), 1) << norm.err;
  EXPECT_EQ(warnings_with(train("[model]\ndropout = 0.1\n[train]\nexact_statistics = false\n"), "exact_statistics"), 1);
}

TEST(Regularisation, WhatIsSoundIsNotWarnedOf) {
  const TempFolder folder;
  for (const char* text :
       {"[model]\nactivation = \"selu\"\nbatch_norm = \"none\"\ndropout = { rate = 0.1, kind = \"alpha\" }\n",
        "[model]\ndropout = 0.1\n", "[model]\nlayer_norm = \"after\"\ndropout = { rate = 0.2, kind = \"gaussian\" }\n",
        "[model]\nbatch_norm = { scale = false, center = false }\n[train]\nexact_statistics = true\n"}) {
    const Outcome outcome = train_with(folder, text, {"--overwrite", "--hidden", "8"});
    EXPECT_TRUE(succeeds(outcome));
    EXPECT_EQ(warnings_with(outcome, "dropout"), 0) << outcome.err;
    EXPECT_EQ(warnings_with(outcome, "norm"), 0) << outcome.err;
  }
}

/// The kinds of the model's layers, from the first to the last.
std::string layers_of(const TempFolder& folder) {
  const Outcome outcome = run_redbud({"inspect", (folder / "run").string()});
  EXPECT_TRUE(succeeds(outcome));
  return outcome.out;
}

TEST(Regularisation, LayerNormTakesThePlaceOfBatchNorm) {
  const TempFolder folder;
  ASSERT_TRUE(succeeds(train_with(folder, "[model]\nhidden = [8]\nlayer_norm = \"before\"\n")));
  EXPECT_NE(text_of(folder / "run/config.toml").find("batch_norm = \"none\"\n"), std::string::npos);
  const std::string layers = layers_of(folder);
  EXPECT_NE(layers.find("layer_norm"), std::string::npos) << layers;
  EXPECT_EQ(layers.find("running_mean"), std::string::npos) << layers;
  // The run's own file is a run file, in which both keys stand.
  EXPECT_TRUE(
      succeeds(run_redbud({"train", "--config", "run/config.toml", "--out", "again"}, {.folder = folder.path()})));
}

TEST(Regularisation, EveryKindReachesTheModelFileAndPredicts) {
  const TempFolder folder;
  ASSERT_TRUE(succeeds(train_with(folder,
                                  "[model]\nhidden = [8, 8]\nactivation = \"selu\"\nlayer_norm = { place = \"after\", "
                                  "scale = false }\nweight_standardization = true\ninput_noise = 0.1\ninput_dropout = "
                                  "0.1\ndropout = { rate = 0.1, kind = \"gaussian\" }\n")));
  const std::string layers = layers_of(folder);
  for (const char* kind : {"layer_norm", "gaussian_noise", "gaussian_dropout", "dropout"})
    EXPECT_NE(layers.find(kind), std::string::npos) << kind << " is not in\n" << layers;
  EXPECT_TRUE(succeeds(run_redbud({"predict", "run", "table.csv"}, {.folder = folder.path()})));
}

TEST(Regularisation, TheCommandLineReachesTheKindOfADropout) {
  const TempFolder folder;
  ASSERT_TRUE(succeeds(train_with(folder, "[model]\nhidden = [8]\ndropout = 0.2\n",
                                  {"--set", "model.dropout.kind=gaussian", "--layer-norm", "after"})));
  std::string config = text_of(folder / "run/config.toml");
  EXPECT_NE(config.find("dropout = { rate = 0.2, kind = \"gaussian\" }\n"), std::string::npos) << config;
  ASSERT_TRUE(succeeds(
      train_with(folder, "[model]\nhidden = [64]\n", {"--set", "model.dropout.kind=gaussian", "--overwrite"})));
  config = text_of(folder / "run/config.toml");  // the rate was "auto"
  EXPECT_NE(config.find("dropout = { rate = 0."), std::string::npos) << config;
  ASSERT_TRUE(succeeds(train_with(folder, "",
                                  {"--hidden", "8", "--dropout", "{ rate = 0.3, kind = \"standard\" }",
                                   "--exact-statistics", "true", "--overwrite"})));
  config = text_of(folder / "run/config.toml");
  EXPECT_NE(config.find("exact_statistics = true\n"), std::string::npos) << config;
}

}  // namespace
}  // namespace redbud
