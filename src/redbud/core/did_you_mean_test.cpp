#include "redbud/core/did_you_mean.h"

#include <gtest/gtest.h>

namespace redbud {
namespace {

TEST(DidYouMean, NamesTheNearestOrNothing) {
  EXPECT_EQ(did_you_mean("hubre", {"mae", "huber"}), "did you mean huber?");
  EXPECT_EQ(did_you_mean("entropy", {"mae", "huber"}), "");
}

}  // namespace
}  // namespace redbud
