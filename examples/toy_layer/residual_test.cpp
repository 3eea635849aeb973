#include "residual.h"

#include <gtest/gtest.h>

#include "redbud/layers/registry.h"
#include "redbud/testing/check_layer.h"
#include "redbud/testing/core/throws_error.h"

namespace toy {
namespace {

TEST(Residual, GradientsMatchCentralDifferences) {
  EXPECT_TRUE(redbud::check_layer(std::make_shared<Residual>(1.0), {.inputs = {7}}));
  EXPECT_TRUE(redbud::check_layer(std::make_shared<Residual>(0.3), {.inputs = {17}, .rows = 5}));
}

TEST(Residual, IsMadeFromItsConfigurationOnceItIsRegistered) {
  redbud::register_layer(residual_entry());
  redbud::ConfigValue config;
  config.set("alpha", 0.5);
  EXPECT_EQ(redbud::make_layer("residual", config)->config(), config);
  config.set("alhpa", 0.5);
  EXPECT_TRUE(redbud::throws_error([&] { redbud::make_layer("residual", config); }, redbud::ErrorKind::Usage,
                                   "did you mean alpha?"));
}

}  // namespace
}  // namespace toy
