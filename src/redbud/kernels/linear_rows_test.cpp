// Whether B is copied depends on the number of rows and on the processor. What comes out may not.
#include <gtest/gtest.h>

#include <vector>

#include "redbud/core/rng.h"
#include "redbud/kernels/kernel_test.h"
#include "redbud/kernels/linear.h"

namespace redbud::kernels {
namespace {

std::vector<float> normals(int64_t count, uint64_t seed) {
  std::vector<float> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(random_normal({.seed = seed}, static_cast<int64_t>(i)));
  return values;
}

TEST(LinearForward, ARowHasTheSameBitsAmongAnyNumberOfRows) {
  constexpr int64_t kInputs = 784, kOutputs = 300, kFew = 20;
  auto x = normals(200 * kInputs, 1), w = normals(kInputs * kOutputs, 2), b = normals(kOutputs, 3);
  ThreadPool pool;
  for_each_target([&] {
    const auto first_rows = [&](int64_t rows) {
      std::vector<float> y(static_cast<size_t>(rows * kOutputs));
      const LinearForwardProblem problem{.rows = rows, .inputs = kInputs, .outputs = kOutputs};
      choose(linear_forward_kernels(), problem)
          .kernel->run(problem, {{x.data(), kInputs}, {w.data(), kOutputs}, {y.data(), kOutputs}, b.data()}, pool);
      y.resize(static_cast<size_t>(kFew * kOutputs));
      return y;
    };
    const auto few = first_rows(kFew);
    for (int64_t rows : {24, 50, 200}) EXPECT_EQ(first_rows(rows), few) << rows;
  });
}

}  // namespace
}  // namespace redbud::kernels
