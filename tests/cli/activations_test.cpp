// Every activation from the run file to predictions, and what is said of its initializer.
#include "support/cli_test_support.h"

namespace redbud {
namespace {

constexpr const char* kActivations[] = {"elu",          "relu",  "leaky_relu", "selu",      "logistic", "tanh",
                                        "softplus",     "gelu",  "softsign",   "gelu_tanh", "silu",     "mish",
                                        "hard_sigmoid", "relu6", "hard_swish", "prelu",     "rrelu"};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(Activations, TrainInspectAndPredict) {
  for (const std::string name : kActivations) {
    SCOPED_TRACE(name);
    const TempFolder folder;
    ASSERT_TRUE(succeeds(run_redbud(small_training(folder, {"--activation", name, "--dropout", "0.2"}))));
    const std::string run = (folder / "run").string();
    const Outcome inspected = run_redbud({"inspect", run});
    EXPECT_TRUE(has(inspected.out, "hidden1_" + name)) << inspected.out;
    EXPECT_EQ(has(inspected.out, "slope"), name == "prelu");
    const Outcome predicted = run_redbud({"predict", run, (folder / "table.csv").string()});
    ASSERT_TRUE(succeeds(predicted));
    EXPECT_FALSE(has(predicted.out, "nan"));
    EXPECT_EQ(run_redbud({"predict", run, (folder / "table.csv").string()}).out, predicted.out);
  }
}

TEST(Activations, TakeConstantsInTheLongForm) {
  const TempFolder folder;
  ASSERT_TRUE(succeeds(run_redbud(small_training(folder))));
  const Path file = folder.write("long.toml", R"([[layer]]
kind = "dense"
units = 8
initializer = { name = "he_truncated_normal", fan = "out" }
[[layer]]
name = "bend"
kind = "activation"
function = { name = "rrelu", lower = 0.2, upper = 0.4 }
[[layer]]
kind = "dense"
units = 8
activation = { name = "prelu", alpha = 0.1 }
initializer = { name = "orthogonal", gain = 1.4 }
[[layer]]
kind = "dense"
units = 2
)");
  const std::string out = (folder / "long").string();
  ASSERT_TRUE(succeeds(run_redbud(
      {"train", (folder / "table.csv").string(), "--config", file.string(), "--epochs", "2", "--out", out})));
  EXPECT_TRUE(has(run_redbud({"inspect", out, "--json"}).out, "slope"));
  EXPECT_TRUE(succeeds(run_redbud({"predict", out, (folder / "table.csv").string()})));
}

TEST(Activations, SayWhichInitializerWasChosen) {
  const TempFolder folder;
  const Outcome trained =
      run_redbud(small_training(folder, {"--activation", "{ name = \"leaky_relu\", alpha = 0.75 }"}));
  ASSERT_TRUE(succeeds(trained));
  // 1 / sqrt(1 + 0.75^2) is 0.8.
  EXPECT_TRUE(has(trained.err, "{ name = \"he_normal\", gain = 0.8 }  (auto: the pair of leaky_relu)")) << trained.err;
}

TEST(Activations, InTheLongFormThePairIsThatOfTheActivationBehind) {
  const TempFolder folder;
  folder.write("table.csv", small_table());
  const Path file = folder.write("long.toml", R"([[layer]]
name = "a"
kind = "dense"
units = 8
[[layer]]
kind = "batch_norm"
[[layer]]
kind = "activation"
function = { name = "leaky_relu", alpha = 0.75 }
[[layer]]
name = "b"
kind = "dense"
units = 2
)");
  const Outcome trained =
      run_redbud({"train", (folder / "table.csv").string(), "--config", file.string(), "--epochs", "1"},
                 {.folder = folder.path()});
  ASSERT_TRUE(succeeds(trained));
  EXPECT_TRUE(has(trained.err, "layer.a.initializer = { name = \"he_normal\", gain = 0.8 }  (auto: the pair of leaky"))
      << trained.err;
  EXPECT_TRUE(has(trained.err, "layer.b.initializer = \"glorot_normal\"  (auto: the pair of identity)"));
}

TEST(Activations, WarnOfADoubtfulPairOnce) {
  const TempFolder folder;
  const Outcome trained =
      run_redbud(small_training(folder, {"--activation", "elu", "--initializer", "lecun_normal", "--hidden", "8,8,8"}));
  ASSERT_TRUE(succeeds(trained));
  EXPECT_EQ(count(trained.err, "redbud: warning: activation elu with initializer lecun_normal"), 1U) << trained.err;
}

}  // namespace
}  // namespace redbud
