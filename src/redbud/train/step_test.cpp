#include "redbud/train/step.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>

#include "redbud/losses/registry.h"
#include "redbud/testing/core/throws_error.h"
#include "redbud/train/toy_data_test.h"

namespace redbud {
namespace {

std::vector<float> copy_of(const AlignedBuffer& memory) {
  const auto values = memory.as<float>();
  return {values.begin(), values.end()};
}

class Rig {
 public:
  explicit Rig(const OptimizerConfig& rule = adam(), const std::vector<std::string>& frozen = {})
      : model(with_frozen(toy_.model(), frozen)),
        optimizer(rule, model.graph.parameter_layout()),
        cut_(toy_.train->rows(), 20),
        stepper_({.graph = model.graph,
                  .loss = loss_from_config(model.loss),
                  .values = model.values,
                  .optimizer = optimizer,
                  .source = *toy_.train},
                 cut_, {}) {
    model.values.initialize(1);
  }
  StepReport step(int64_t number) {
    return stepper_.run({cut_, toy_.train->rows(), 1, 0}, number,
                        {.pool = pool_, .seed = 1, .step = static_cast<uint64_t>(number)});
  }

 private:
  static Model with_frozen(Model model, const std::vector<std::string>& names) {
    for (const std::string& name : names) model.graph.freeze(name);
    model.values = model.graph.make_store();
    return model;
  }

  Toy toy_;

 public:
  Model model;
  Optimizer optimizer;

 private:
  BatchCut cut_;
  Stepper stepper_;
  ThreadPool pool_{1};
};

TEST(Stepper, LeavesNothingOfAStepThatWentWrong) {
  for (const char* where : {"hidden2.weight", "output.bias"}) {
    Rig rig;
    for (int64_t i = 0; i < 3; ++i) rig.step(i);
    const int at = *rig.model.values.parameters().find(where);
    const auto buffers = copy_of(rig.model.values.buffer_memory());
    rig.model.values.parameter(at)[0] = std::numeric_limits<float>::infinity();
    const auto parameters = copy_of(rig.model.values.parameter_memory());
    const auto first_moment = copy_of(*rig.optimizer.state()[0].values);
    const std::string layer = std::string(where).substr(0, std::string(where).find('.'));
    EXPECT_TRUE(throws_error([&] { rig.step(3); }, ErrorKind::Diverged, "step 4, layer " + layer));
    EXPECT_EQ(copy_of(rig.model.values.buffer_memory()), buffers);
    EXPECT_EQ(copy_of(rig.model.values.parameter_memory()), parameters);
    EXPECT_EQ(copy_of(*rig.optimizer.state()[0].values), first_moment);
    EXPECT_EQ(rig.optimizer.steps(), 3);
  }
}

std::string bytes_of(std::span<const float> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

/// Bytes of every parameter and buffer by name.
std::map<std::string, std::string> bytes_by_name(ParameterStore& values) {
  std::map<std::string, std::string> bytes;
  for (size_t i = 0; i < values.parameters().segments().size(); ++i)
    bytes[values.parameters().segments()[i].name] = bytes_of(values.parameter(static_cast<int>(i)));
  for (size_t i = 0; i < values.buffers().segments().size(); ++i)
    bytes[values.buffers().segments()[i].name] = bytes_of(values.buffer(static_cast<int>(i)));
  return bytes;
}

bool is_one_of(const std::string& segment, const std::vector<std::string>& layers) {
  return std::find(layers.begin(), layers.end(), segment.substr(0, segment.find('.'))) != layers.end();
}

TEST(Stepper, FrozenLayersKeepTheirBytesAndTheOthersDoNot) {
  const std::vector<std::vector<std::string>> stretches = {
      {"hidden1", "hidden1_norm", "hidden1_elu", "hidden1_dropout"},
      {"hidden2", "hidden2_norm", "hidden2_elu", "hidden2_dropout"},  // trainable layers below and above
      {"hidden1_norm", "hidden2_norm"}};
  OptimizerConfig decaying = momentum({.learning_rate = 0.05});
  decaying.l1 = 0.01;
  decaying.l2 = 0.01;
  decaying.weight_decay = 0.1;
  decaying.max_norm = 0.5;
  decaying.clip_norm = 1.0;
  for (const OptimizerConfig& rule : {adam(), decaying}) {
    for (const auto& frozen : stretches) {
      Rig rig(rule, frozen);
      for (int64_t i = 0; i < 3; ++i) {
        for (float& v : rig.model.values.buffer(static_cast<int>(i))) v = 0.5F + 0.25F * static_cast<float>(i);
      }
      const auto before = bytes_by_name(rig.model.values);
      for (int64_t i = 0; i < 30; ++i) rig.step(i % 10);
      const auto after = bytes_by_name(rig.model.values);
      for (const auto& [name, bytes] : before) EXPECT_EQ(after.at(name) == bytes, is_one_of(name, frozen)) << name;
    }
  }
}

}  // namespace
}  // namespace redbud
