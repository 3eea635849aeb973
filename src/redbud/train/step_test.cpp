#include "redbud/train/step.h"

#include <gtest/gtest.h>

#include <limits>

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
  Rig()
      : model(toy_.model()),
        optimizer(adam(), model.graph.parameter_layout()),
        cut_(toy_.train->rows(), 20),
        stepper_({.graph = model.graph,
                  .loss = find_loss(model.loss),
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

}  // namespace
}  // namespace redbud
