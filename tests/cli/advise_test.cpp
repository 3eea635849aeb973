// redbud advise as a user types it.
#include <filesystem>

#include "redbud/core/text.h"
#include "support/cli_test_support.h"

namespace redbud {
namespace {

/// Ten hidden layers of which the lower ones don't learn.
std::vector<std::string> vanishing(const Path& run) {
  return {"train",         digits().string(), "--out",        run.string(), "--hidden",  "50,50,50,50,50,50,50,50",
          "--activation",  "logistic",        "--batch-norm", "none",       "--dropout", "0",
          "--initializer", "glorot_normal",   "--optimizer",  "sgd",        "--epochs",  "3"};
}

TEST(Advise, TellsIllnessEvidenceConfidenceAndCommand) {
  const TempFolder folder;
  const std::string run = (folder / "run").string();
  ASSERT_TRUE(succeeds(run_redbud(vanishing(run))));
  const Outcome outcome = run_redbud({"advise", run});
  ASSERT_TRUE(succeeds(outcome));
  EXPECT_EQ(outcome.err, "");
  for (const std::string& part :
       {run + ": 3 epochs, best validation loss ",
        std::string("\n1. gradients vanish: use ELU, with its own initializer (He)\n   evidence    hidden1..hidden"),
        std::string("of the top layer's (logistic, glorot_normal) (from epoch 1 on, in 3 of 3 epochs)\n"),
        std::string("   confidence  high (Clevert et al. 2016 (ELU); He et al. 2015)\n"),
        "   command     redbud train " + digits().string() + " --config " + run +
            "/config.toml --set model.activation=elu --set model.initializer=auto --out " + run + "-vanishing-elu\n"}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << "\n" << outcome.out;
  }
}

TEST(Advise, StandsOnThePageOfARunThatIsIll) {
  const TempFolder folder;
  const std::string run = (folder / "run").string();
  ASSERT_TRUE(succeeds(run_redbud(vanishing(run))));
  const std::string page = text_of(folder / "run/report.html");
  EXPECT_NE(page.find("gradients vanish</strong>: use ELU, with its own initializer (He)"), std::string::npos);
  EXPECT_NE(page.find("--set model.activation=elu"), std::string::npos);
}

TEST(Advise, IsNamedAsTheNextStepOfARunThatIsIll) {
  const TempFolder folder;
  const std::string run = (folder / "run").string();
  EXPECT_NE(run_redbud(vanishing(run)).err.find("next: redbud advise " + run + "  (gradients vanish: use ELU"),
            std::string::npos);
}

TEST(Advise, TheCommandThatIsPrintedRuns) {
  const TempFolder folder;
  const std::string run = (folder / "run").string();
  ASSERT_TRUE(succeeds(run_redbud(vanishing(run))));
  const std::string command = last_record(run_redbud({"advise", run, "--json"})).find("command")->as_text("");
  std::vector<std::string> words = split(command, ' ');
  ASSERT_EQ(words[0], "redbud");
  words.erase(words.begin());
  EXPECT_TRUE(succeeds(run_redbud(words))) << command;
}

TEST(Advise, TriesItAndSaysWhetherItHelped) {
  const TempFolder folder;
  const std::string run = (folder / "run").string();
  ASSERT_TRUE(succeeds(run_redbud(vanishing(run))));
  for (int again = 0; again < 2; ++again) {
    const Outcome outcome = run_redbud({"advise", run, "--try"});
    ASSERT_TRUE(succeeds(outcome));
    EXPECT_NE(outcome.out.find("tried in " + run + "-vanishing-elu: best validation loss 2.3"), std::string::npos)
        << outcome.out;
    EXPECT_TRUE(outcome.out.ends_with(": it helped\n")) << outcome.out;
  }
  const ConfigValue tried = last_record(run_redbud({"advise", run, "--try", "--json"}));
  EXPECT_EQ(tried.find("event")->as_text(""), "tried");
  EXPECT_TRUE(tried.find("helped")->as_bool(""));
  EXPECT_LT(tried.find("after")->find("loss")->as_number(""), tried.find("before")->find("loss")->as_number(""));
}

TEST(Advise, WorksOnARunThatDivergedInItsFirstEpoch) {
  const TempFolder folder;
  const std::string run = (folder / "run").string();
  const Outcome train = run_redbud({"train", digits().string(), "--out", run, "--hidden", "20", "--batch-norm", "none",
                                    "--optimizer", "sgd", "--learning-rate", "1e20", "--epochs", "5"});
  ASSERT_EQ(train.exit_code, 5);
  const Outcome outcome = run_redbud({"advise", run, "--try"});
  ASSERT_TRUE(succeeds(outcome));
  EXPECT_NE(outcome.out.find("1. explodes: lower the rate to the optimizer's own\n   evidence    diverged: step 2, "),
            std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find("best validation none before, loss "), std::string::npos) << outcome.out;
  EXPECT_TRUE(outcome.out.ends_with(": it helped\n")) << outcome.out;
}

TEST(Advise, MeasuresWhatMakesAModelFast) {
  const TempFolder folder;
  const std::string run = (folder / "run").string();
  ASSERT_TRUE(succeeds(run_redbud({"train", digits().string(), "--out", run, "--hidden", "256,256", "--epochs", "1"})));
  const Outcome outcome = run_redbud({"advise", run, "--want", "fast"});
  ASSERT_TRUE(succeeds(outcome));
  const size_t fold = outcome.out.find("shall be fast: call it by `redbud predict`");
  const size_t narrower = outcome.out.find("shall be fast: halve the hidden layers");
  ASSERT_NE(fold, std::string::npos) << outcome.out;
  ASSERT_NE(narrower, std::string::npos) << outcome.out;
  EXPECT_LT(fold, narrower);
  EXPECT_NE(outcome.out.find(" us a call of one row, ", fold), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("--set model.hidden=128,128", narrower), std::string::npos) << outcome.out;
}

TEST(Advise, RefusesFoldersThatAreForeignOrDamaged) {
  const TempFolder folder;
  EXPECT_TRUE(fails(run_redbud({"advise", (folder / "none").string()}), 3, {"none", "is not the folder of a run"}));
  folder.write("file.csv", "a,b\n");
  EXPECT_TRUE(fails(run_redbud({"advise", folder.path().string()}), 3, {"is not the folder of a run"}));
  EXPECT_TRUE(fails(run_redbud({"advise", (folder / "file.csv").string()}), 3, {"is not the folder of a run"}));
  const std::string run = (folder / "run").string();
  ASSERT_TRUE(succeeds(run_redbud({"train", digits().string(), "--out", run, "--epochs", "1", "--hidden", "8"})));
  std::filesystem::remove(folder / "run/log.jsonl");
  EXPECT_TRUE(fails(run_redbud({"advise", run}), 3, {"log.jsonl"}));
  folder.write("run/log.jsonl", "{\"event\":\"start\"}\nnonsense\n");
  EXPECT_TRUE(fails(run_redbud({"advise", run}), 3, {"log.jsonl:2"}));
  folder.write("run/config.toml", "[train\n");
  EXPECT_TRUE(fails(run_redbud({"advise", run}), 3, {"config.toml:1"}));
}

TEST(Advise, RefusesWishesThatItDoesNotKnow) {
  EXPECT_TRUE(fails(run_redbud({"advise", "x", "--want", "sparce"}), 2,
                    {"--want", "\"sparce\"", "expected sparse, fast or accurate", "did you mean sparse?"}));
  EXPECT_TRUE(fails(run_redbud({"advise"}), 2, {"the argument RUN_DIR is missing"}));
}

}  // namespace
}  // namespace redbud
