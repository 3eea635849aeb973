// The same bits whatever the number of threads and the locale. Rows 30 and 52 of what must be survived.
#include <fmt/format.h>

#include <cstdlib>

#include "support/cli_test_support.h"

namespace redbud {
namespace {

TEST(Determinism, TheBitsDoNotDependOnThreads) {
  std::string first;
  for (const char* threads : {"1", "2", "3", "7"}) {
    const TempFolder folder;
    ASSERT_TRUE(succeeds(run_redbud({"train", digits().string(), "--out", (folder / "run").string(), "--hidden",
                                     "64,48", "--epochs", "3", "--threads", threads})));
    const std::string model = text_of(folder / "run/model.redbud");
    if (first.empty()) first = model;
    EXPECT_TRUE(model == first) << threads << " threads";
  }
}

TEST(Determinism, TheLocaleChangesNothing) {
  if (!has_program("localedef")) GTEST_SKIP();
  const TempFolder folder;
  const std::string make =
      fmt::format("localedef -i de_DE -f UTF-8 '{}' >/dev/null 2>&1", (folder / "de_DE.UTF-8").string());
  ASSERT_EQ(std::system(make.c_str()), 0) << "install the package `locales`";
  const auto strip_times = [](const std::string& text) { return text.substr(0, text.find("best epoch")); };
  std::vector<std::string> outputs;
  std::vector<std::string> models;
  for (const char* locale : {"C", "de_DE.UTF-8"}) {
    const ProcessSetup setup = {.environment = {{"LC_ALL", locale}, {"LOCPATH", folder.path().string()}}};
    const Outcome train = run_redbud(small_training(folder, {"--overwrite"}), setup);
    ASSERT_TRUE(succeeds(train));
    models.push_back(text_of(folder / "run/model.redbud"));
    outputs.push_back(strip_times(train.out) +
                      run_redbud({"predict", (folder / "run").string(), (folder / "table.csv").string()}, setup).out);
  }
  EXPECT_TRUE(models[0] == models[1]);
  EXPECT_EQ(outputs[0], outputs[1]);
}

}  // namespace
}  // namespace redbud
