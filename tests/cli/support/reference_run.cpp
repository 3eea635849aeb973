#include "reference_run.h"

#include <filesystem>

#include "cli_test_support.h"

namespace redbud {

std::vector<std::string> reference_training(const TempFolder& folder) {
  return small_training(folder, {"--checkpoint-every-s", "0"});
}

std::string reference_weights() {
  static const std::string weights = [] {
    const TempFolder folder;
    EXPECT_TRUE(succeeds(run_redbud(reference_training(folder))));
    return weights_of(folder / "run/model.redbud");
  }();
  return weights;
}

void expect_can_end(const TempFolder& folder, const std::string& what) {
  const bool begun = std::filesystem::exists(folder / "run/config.toml");
  const Outcome rest =
      run_redbud(begun ? std::vector<std::string>{"resume", (folder / "run").string()} : reference_training(folder));
  EXPECT_TRUE(succeeds(rest)) << what;
  EXPECT_TRUE(weights_of(folder / "run/model.redbud") == reference_weights()) << what;
  EXPECT_TRUE(succeeds(run_redbud({"check", (folder / "run").string()}))) << what;
}

}  // namespace redbud
