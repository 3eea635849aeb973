// Networks that normalise, against PyTorch's autograd: tests/golden/normalisation.py.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "redbud/layers/activation.h"
#include "redbud/layers/activation_config.h"
#include "redbud/layers/batch_norm.h"
#include "redbud/layers/dense.h"
#include "redbud/layers/layer_norm.h"
#include "redbud/losses/registry.h"
#include "redbud/plan/plan.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud {
namespace {

constexpr int64_t kRows = 5;
constexpr int64_t kInputs = 6;
constexpr int64_t kUnits = 7;
constexpr int64_t kOutputs = 3;

using Numbers = std::map<std::string, std::vector<double>>;

std::map<std::string, Numbers> golden_networks() {
  std::ifstream file(std::string(REDBUD_SOURCE_DIR) + "/tests/golden/normalisation.txt");
  std::map<std::string, Numbers> networks;
  Numbers* network = nullptr;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name, number;
    words >> name;
    if (name == "#") continue;
    while (words >> number) {
      if (name == "network") {
        network = &networks[number];
      } else {
        (*network)[name].push_back(std::stod(number));
      }
    }
  }
  return networks;
}

Graph network_around(std::shared_ptr<const Layer> norm, bool standardize) {
  Graph graph;
  graph.add_input("x", {kInputs});
  graph.add("hidden", std::make_shared<Dense>(DenseConfig{.units = kUnits, .weight_standardization = standardize}));
  graph.add("norm", std::move(norm));
  graph.add("tanh", std::make_shared<ActivationLayer>(tanh()));
  graph.add("output", std::make_shared<Dense>(DenseConfig{.units = kOutputs}));
  return graph;
}

Graph network(const std::string& name) {
  const bool bare = name.ends_with("_bare");
  std::shared_ptr<const Layer> norm;
  if (name.starts_with("batch_norm")) {
    norm = std::make_shared<BatchNorm>(BatchNormConfig{.scale = !bare, .center = !bare});
  } else {
    norm = std::make_shared<LayerNorm>(LayerNormConfig{.scale = !bare, .center = !bare});
  }
  return network_around(std::move(norm), name == "weight_standardization");
}

template <class T>
void fill(const BlockView& view, int64_t width, const std::vector<double>& from) {
  for (int64_t n = 0; n < kRows; ++n) {
    for (int64_t k = 0; k < width; ++k)
      static_cast<T*>(view.data)[n * view.stride + k] = static_cast<T>(from[static_cast<size_t>(n * width + k)]);
  }
}

template <class T>
void expect_golden(const std::string& name, Numbers& golden, DType type, kernels::KernelPolicy policy) {
  SCOPED_TRACE(name);
  const Graph graph = network(name);
  ParameterStore values = graph.make_store(type);
  AlignedBuffer gradients(values.parameter_memory().bytes());
  Plan plan(graph, loss_from_config("mean_squared_error").get(), values, &gradients,
            {.rows = kRows, .type = type, .kernels = policy, .disabled_passes = {}});
  fill<T>(plan.batch().inputs[0], kInputs, golden["x"]);
  fill<T>(plan.batch().targets[0], kOutputs, golden["target"]);
  const auto memory = values.parameter_memory().as<T>();
  for (const Segment& s : values.parameters().segments()) {
    ASSERT_EQ(golden[s.name].size(), static_cast<size_t>(s.size)) << s.name;
    for (int64_t i = 0; i < s.size; ++i)
      memory[static_cast<size_t>(s.offset + i)] = static_cast<T>(golden[s.name][static_cast<size_t>(i)]);
  }
  ThreadPool pool(1);
  plan.run({pool, 1, 1});
  // Four sums follow one another: two products and two of the normalisation.
  const double tol = tolerance(type, {.terms_per_sum = 4 * kRows * kUnits});
  EXPECT_NEAR(plan.loss(), golden["loss"][0], tol);
  for (const Segment& s : values.parameters().segments()) {
    const auto found = gradients.as<T>().subspan(static_cast<size_t>(s.offset), static_cast<size_t>(s.size));
    if (s.name == "hidden.bias" && name.starts_with("batch_norm")) {
      for (T g : found) EXPECT_NEAR(static_cast<double>(g), 0.0, tol);  // the norm takes it off again
      continue;
    }
    EXPECT_TRUE(all_close(found, golden["d." + s.name], tol)) << s.name;
  }
}

TEST(NormalisationGolden, LossAndGradientsMatchPyTorch) {
  auto networks = golden_networks();
  ASSERT_EQ(networks.size(), 5U) << "tests/golden/normalisation.txt";
  for (auto& [name, golden] : networks) {
    expect_golden<double>(name, golden, DType::F64, kernels::KernelPolicy::ReferenceOnly);
    expect_golden<float>(name, golden, DType::F32, kernels::KernelPolicy::Fastest);
  }
}

}  // namespace
}  // namespace redbud
