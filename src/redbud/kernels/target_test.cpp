#include "redbud/kernels/target.h"

#include <gtest/gtest.h>

#include "redbud/testing/core/throws_error.h"

namespace redbud::kernels {
namespace {

TEST(Target, StartsWithTheBestOfTheSupported) {
  const std::vector<std::string> targets = supported_targets();
  ASSERT_FALSE(targets.empty());
  EXPECT_EQ(current_target(), targets.front());
}

TEST(Target, CanBeForcedToEachAndBack) {
  const std::vector<std::string> targets = supported_targets();
  for (const std::string& target : targets) {
    force_target(target);
    EXPECT_EQ(current_target(), target);
    EXPECT_EQ(supported_targets(), targets);
  }
  force_target("");
  EXPECT_EQ(current_target(), targets.front());
}

TEST(Target, RefusesWhatIsNotThere) {
  EXPECT_TRUE(throws_error([] { force_target("AVX9"); }, ErrorKind::Usage,
                           "(AVX9), expected one of " + supported_targets().front()));
  EXPECT_EQ(current_target(), supported_targets().front());
}

}  // namespace
}  // namespace redbud::kernels
