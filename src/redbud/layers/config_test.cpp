// Activations and initializers as run files and model files have them.
#include <gtest/gtest.h>

#include "redbud/layers/activation_config.h"
#include "redbud/layers/initializer_config.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

ConfigValue table(std::string_view name, std::vector<std::pair<std::string_view, ConfigValue>> keys) {
  ConfigValue config;
  config.set("name", name);
  for (auto& [key, value] : keys) config.set(key, std::move(value));
  return config;
}

TEST(ActivationConfig, ComesBackAsItWas) {
  for (const kernels::ActivationInfo& info : kernels::activation_table()) {
    EXPECT_EQ(to_config(info.defaults), ConfigValue(info.name));
    EXPECT_EQ(activation_from_config(ConfigValue(info.name)), info.defaults);
    kernels::Activation other = info.defaults;
    for (const kernels::ActivationConstant& constant : info.constants) other.*constant.member += 0.5;
    EXPECT_EQ(activation_from_config(to_config(other)), other) << info.name;
  }
  const ConfigValue rrelu_table = table("rrelu", {{"lower", 0.2}, {"upper", 0.6}});
  EXPECT_EQ(activation_from_config(rrelu_table), rrelu(0.2, 0.6));
}

TEST(ActivationConfig, RefusesNonsense) {
  const auto refused = [](const ConfigValue& config, const char* text) {
    return throws_error([&] { activation_from_config(config); }, ErrorKind::Usage, text);
  };
  EXPECT_TRUE(refused("gelu_tan", "did you mean gelu_tanh?"));
  EXPECT_TRUE(refused(table("gelu", {{"alpha", 1.0}}), "unknown key of activation gelu (\"alpha\"), expected no key"));
  EXPECT_TRUE(refused(table("leaky_relu", {{"alpha", -0.1}}), "activation.alpha is out of range"));
  EXPECT_TRUE(refused(table("rrelu", {{"lower", 0.5}}), "activation.upper is below activation.lower"));
  EXPECT_TRUE(refused(table("hard_sigmoid", {{"alpha", 0.0}}), "activation.alpha is out of range"));
}

TEST(InitializerConfig, ComesBackAsItWas) {
  for (const Initializer& initializer :
       {Initializer{"he_normal"}, Initializer{"auto"}, Initializer{.name = "glorot_uniform", .gain = 4.0},
        Initializer{.name = "he_truncated_normal", .gain = 0.7, .fan = Fan::Out},
        Initializer{.name = "lecun_normal", .fan = Fan::Average}, Initializer{.name = "normal", .sigma = 0.02},
        Initializer{.name = "uniform", .limit = 0.05}, Initializer{.name = "constant", .value = -2.0},
        Initializer{.name = "orthogonal", .gain = 1.5}}) {
    EXPECT_EQ(initializer_from_config(to_config(initializer)), initializer) << initializer.name;
  }
}

TEST(InitializerConfig, RefusesNonsense) {
  const auto refused = [](const ConfigValue& config, const char* text) {
    return throws_error([&] { initializer_from_config(config); }, ErrorKind::Usage, text);
  };
  EXPECT_TRUE(refused("he_norml", "did you mean he_normal?"));
  EXPECT_TRUE(refused(table("he_normal", {{"sigma", 1.0}}), "unknown key of initializer he_normal"));
  EXPECT_TRUE(refused(table("he_normal", {{"fan", "both"}}), "expected in, out or average"));
  EXPECT_TRUE(refused(table("he_normal", {{"gain", -1.0}}), "initializer.gain is out of range"));
  EXPECT_TRUE(refused(table("normal", {{"sigma", 0.0}}), "expected a number above 0"));
  EXPECT_TRUE(refused(ConfigValue(ConfigValue::Table{}), "an initializer has no name"));
}

}  // namespace
}  // namespace redbud
