// The page of a run: at its end, made again, side by side; damaged and foreign folders; disks without room for it.
#include <fmt/format.h>

#include <csignal>
#include <filesystem>

#include "redbud/core/text.h"
#include "support/cli_test_support.h"

namespace redbud {
namespace {

bool has(const std::string& page, const std::string& part) { return page.find(part) != std::string::npos; }

std::string page_of(const Path& run) { return text_of(run / "report.html"); }

/// Two runs in a folder of their own, made once for all tests of the suite.
class Pages : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempFolder;
    ASSERT_TRUE(succeeds(run_redbud(small_training(*folder_, {"--test", "0.2"}))));
    std::filesystem::rename(*folder_ / "run", *folder_ / "first");
    ASSERT_TRUE(succeeds(run_redbud(small_training(*folder_, {"--learning-rate", "0.01"}))));
  }
  static void TearDownTestSuite() { delete folder_; }
  static std::string path(const std::string& name) { return (*folder_ / name).string(); }

  static TempFolder* folder_;
};
TempFolder* Pages::folder_ = nullptr;

TEST_F(Pages, ARunEndsWithOne) {
  const std::string page = page_of(*folder_ / "first");
  for (const char* id : {"losses", "metric-accuracy", "metric-auc", "learning-rate", "speed", "confusion-test",
                         "confusion-validation", "worst-test", "weights-1", "configuration"}) {
    EXPECT_TRUE(has(page, fmt::format("id=\"{}\"", id))) << id;
  }
  EXPECT_TRUE(has(page, "hidden = [16, 16]"));
}

TEST_F(Pages, IsMadeAgainFromTheFolderAlone) {
  const std::string before = page_of(*folder_ / "first");
  std::filesystem::remove(*folder_ / "first/report.html");
  const Outcome outcome = run_redbud({"report", path("first")});
  ASSERT_TRUE(succeeds(outcome));
  EXPECT_EQ(outcome.out, "page: " + path("first/report.html") + "\n");
  // The run was in another folder when its page was made first.
  std::string again = page_of(*folder_ / "first");
  for (size_t at = again.find(path("first")); at != std::string::npos; at = again.find(path("first"))) {
    again.replace(at, path("first").size(), path("run"));
  }
  EXPECT_EQ(again, before);
}

TEST_F(Pages, LaysRunsSideBySide) {
  const Outcome outcome = run_redbud({"report", path("first"), path("run"), "--out", path("both.html"), "--json"});
  ASSERT_TRUE(succeeds(outcome));
  EXPECT_EQ(last_record(outcome).find("runs")->as_integer(""), 2);
  const std::string page = text_of(*folder_ / "both.html");
  EXPECT_TRUE(has(page, "<h1>2 runs side by side</h1>"));
  EXPECT_TRUE(has(page, "<code>train.learning_rate</code></th><td><code>0.001</code></td><td><code>0.01</code>"));
  EXPECT_FALSE(has(page, "train.epochs"));
}

TEST_F(Pages, RefusesWhatIsNoRun) {
  EXPECT_TRUE(fails(run_redbud({"report"}), 2, {"the argument RUN is missing"}));
  EXPECT_TRUE(fails(run_redbud({"report", path("none")}), 3, {path("none"), "is not the folder of a run"}));
  EXPECT_TRUE(
      fails(run_redbud({"report", path("first"), path("table.csv")}), 3, {"table.csv", "is not the folder of a run"}));
}

TEST_F(Pages, NamesWhatIsDamaged) {
  const auto damaged = [&](const std::string& file, const std::string& text) {
    const Path copy = *folder_ / "damaged";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(*folder_ / "first", copy, std::filesystem::copy_options::recursive);
    folder_->write(Path("damaged") / file, text);
    return run_redbud({"report", copy.string()});
  };
  EXPECT_TRUE(fails(damaged("log.jsonl", "{\"event\":\"start\"}\nepoch 2\n"), 3, {"log.jsonl:2"}));
  EXPECT_TRUE(fails(damaged("log.jsonl", ""), 3, {"log.jsonl", "is not the log of a run"}));
  EXPECT_TRUE(fails(damaged("config.toml", "[train\n"), 3, {"config.toml:1"}));
  EXPECT_TRUE(
      fails(damaged("model.redbud", text_of(*folder_ / "first/model.redbud").substr(0, 900)), 3, {"model.redbud"}));
}

TEST(Report, TheWorstMistakeIsTheLineThatIsWrong) {
  // x decides the label, in all lines but one of the file that is only looked at.
  const TempFolder folder;
  std::string train = "x,label\n";
  for (int i = 0; i < 300; ++i)
    train += fmt::format("{}.5,{}\n", i * 7919 % 997, i * 7919 % 997 > 498 ? "high" : "low");
  std::string test = "x,label\n";
  for (int line = 2; line <= 60; ++line)
    test += fmt::format("{}.25,{}\n", line % 2 == 0 ? 40 + line : 940 - line,
                        (line % 2 == 0) != (line == 37) ? "low" : "high");
  const Outcome outcome =
      run_redbud({"train", folder.write("train.csv", train).string(), "--test", folder.write("test.csv", test).string(),
                  "--out", (folder / "run").string(), "--epochs", "30", "--seed", "1"});
  ASSERT_TRUE(succeeds(outcome));
  const std::string page = page_of(folder / "run");
  const size_t worst = page.find("id=\"worst-test\"");
  ASSERT_NE(worst, std::string::npos);
  const size_t first = page.find("<th scope=\"row\">", worst);
  EXPECT_TRUE(page.substr(first).starts_with("<th scope=\"row\">37</th><td>low</td><td>high</td>"))
      << page.substr(first, 200);
}

TEST(Report, NamesFromDataAreNoMarkup) {
  const TempFolder folder;
  std::string table = "a,b,<b>label\n";
  for (int i = 0; i < 120; ++i)
    table += fmt::format("{}.5,{}.5,{}\n", i * 7919 % 997, i * 104729 % 1009,
                         i % 3 == 0 ? "<script>alert(1)</script>" : "&amp;");
  ASSERT_TRUE(succeeds(run_redbud({"train", folder.write("<i>table.csv", table).string(), "--out",
                                   (folder / "run<u>").string(), "--epochs", "2", "--hidden", "4"})));
  const std::string page = page_of(folder / "run<u>");
  for (const char* tag : {"<script", "<b>", "<i>", "<u>"}) EXPECT_FALSE(has(page, tag)) << tag;
  EXPECT_TRUE(has(page, "&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_TRUE(has(page, "&amp;amp;"));
}

TEST(Report, ARunWithoutRoomForItsPageCounts) {
  const TempFolder folder;
  std::filesystem::create_directories(folder / "run/report.html");  // a folder can't be replaced by a file
  const Outcome outcome = run_redbud(small_training(folder));
  ASSERT_TRUE(succeeds(outcome));
  EXPECT_TRUE(has(outcome.err, "redbud: warning: ")) << outcome.err;
  EXPECT_TRUE(has(outcome.err, "the run counts without its page; `redbud report ")) << outcome.err;
  EXPECT_TRUE(fails(run_redbud({"report", (folder / "run").string()}), 6, {"report.html"}));
}

TEST(Report, AnInterruptedRunHasOneAndResumeMakesItAnew) {
  const TempFolder folder;
  Process process(small_training(folder, {"--epochs", "100000", "--patience", "0"}));
  ASSERT_TRUE(process.wait_for_error_text("epoch 3/"));
  process.send(SIGTERM);
  EXPECT_EQ(process.finish().exit_code, 143);
  EXPECT_TRUE(has(page_of(folder / "run"), "Stopped by a signal after "));
  ASSERT_TRUE(succeeds(run_redbud({"resume", (folder / "run").string(), "--time-limit-s", "0.001"})));
  EXPECT_TRUE(has(page_of(folder / "run"), "the time limit was reached"));
}

TEST(Report, ADivergedRunHasOne) {
  for (const char* rate : {"1e30", "1e4"}) {
    const TempFolder folder;
    const Outcome outcome =
        run_redbud(small_training(folder, {"--optimizer", "sgd", "--batch-norm", "none", "--activation", "identity",
                                           "--learning-rate", rate, "--weight-average", "0"}));
    ASSERT_EQ(outcome.exit_code, 5) << outcome.err;
    EXPECT_TRUE(has(page_of(folder / "run"), "<section id=\"configuration\">"));
    EXPECT_TRUE(has(page_of(folder / "run"), "<p class=\"sum\">Diverged ")) << rate;
    EXPECT_TRUE(has(page_of(folder / "run"), "<section id=\"advice\">")) << rate;
  }
}

TEST(Report, EventsForTensorBoardAreWrittenWhereAskedFor) {
  const TempFolder folder;
  const Path events = folder / "run/tensorboard/events.out.tfevents.1.redbud";
  ASSERT_TRUE(succeeds(run_redbud(small_training(folder, {"--tensorboard"}))));
  EXPECT_TRUE(has(text_of(events), "brain.Event:2"));
  EXPECT_TRUE(has(text_of(events), "validation/accuracy"));
  const std::string model = text_of(folder / "run/model.redbud");
  ASSERT_TRUE(succeeds(run_redbud(small_training(folder, {"--overwrite"}))));
  EXPECT_FALSE(std::filesystem::exists(events)) << "the events of the run that was replaced";
  EXPECT_TRUE(text_of(folder / "run/model.redbud") == model) << "the model doesn't depend on what is noted of it";
}

TEST(Report, AnOverwrittenRunLosesItsPage) {
  const TempFolder folder;
  ASSERT_TRUE(succeeds(run_redbud(small_training(folder))));
  folder.write("run/report.html", "old");
  ASSERT_TRUE(succeeds(run_redbud(small_training(folder, {"--overwrite"}))));
  EXPECT_TRUE(page_of(folder / "run").starts_with("<!doctype html>"));
}

}  // namespace
}  // namespace redbud
