#include "redbud/kernels/peak.h"

#include <gtest/gtest.h>

namespace redbud::kernels {
namespace {

TEST(Peak, OneThreadMakesNoRoundTrip) {
  ThreadPool pool(1);
  EXPECT_FALSE(probe_round_trip_ns(pool).has_value());
}

TEST(Peak, ARoundTripEndsWhereverThePiecesRun) {
  ThreadPool pool(2, {.threads = 2, .reason = "test"});
  const auto ns = probe_round_trip_ns(pool);  // none where the machine has one core, or others keep it busy
  if (ns) {
    EXPECT_GT(*ns, 1.0);
    EXPECT_LT(*ns, 1e8);
  }
}

}  // namespace
}  // namespace redbud::kernels
