#include <gtest/gtest.h>

#include "redbud/kernels/batch_norm_test.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

TEST(BatchNormInference, CorrectionUndoesTheStartAtZero) {
  double average = 0.0;
  for (int step = 0; step < 30; ++step) average = 0.99 * average + 0.01 * 4.2;
  EXPECT_NEAR(average * batch_norm_correction(30.0, 0.99), 4.2, 1e-12);
  EXPECT_EQ(batch_norm_correction(-1.0, 0.99), 1.0);
  const auto [slope, shift] = batch_norm_affine(0.0, 0.0, batch_norm_correction(0.0, 0.99), 0.0, 2.0, 3.0);
  EXPECT_EQ(slope, 2.0);  // no batch seen: mean 0, variance 1
  EXPECT_EQ(shift, 3.0);
}

TEST(BatchNormInference, GivesWhatTrainingGaveForTheSameStatistics) {
  const BatchNormCase s{.rows = 12, .features = 9, .activation = kElu, .dropout = false};
  BatchNormBuffers<double> b(s.rows, s.features);
  b.running_mean.fill(0.0);
  b.running_var.fill(0.0);
  run_both("ref", s, b);  // one step: the averages, corrected, are this batch's statistics
  GuardedMatrix<double> y(s.rows, s.features);
  const double steps = 1.0;
  TestPool pool(1);
  kernel_named(batch_norm_inference_kernels(), "ref")
      .run({.type = DType::F64, .rows = s.rows, .features = s.features, .activation = kElu},
           {.z = b.z.matrix(),
            .y = y.matrix(),
            .gamma = b.gamma.matrix().data,
            .beta = b.beta.matrix().data,
            .running_mean = b.running_mean.matrix().data,
            .running_var = b.running_var.matrix().data,
            .steps = &steps,
            .momentum = 0.99},
           pool);
  EXPECT_TRUE(all_close(y.values(), b.y.values(), tolerance(DType::F64, {.terms_per_sum = s.rows})));
}

TEST(BatchNormInference, VectorKernelMatchesTheReference) {
  TestPool pool(1);
  for_each_target([&] {
    for (int64_t features = 1; features <= 70; ++features) {
      SCOPED_TRACE(features);
      const int64_t rows = 1 + features % 9;
      BatchNormBuffers<float> b(rows, features, features % 3);
      GuardedMatrix<float> y_ref(rows, features);
      const float steps = static_cast<float>(features % 3) * 10.0F;
      const bool bare = features % 5 == 0;
      BatchNormInferenceArgs args{.z = b.z.matrix(),
                                  .y = b.y.matrix(),
                                  .gamma = bare ? nullptr : b.gamma.matrix().data,
                                  .beta = bare ? nullptr : b.beta.matrix().data,
                                  .running_mean = b.running_mean.matrix().data,
                                  .running_var = b.running_var.matrix().data,
                                  .steps = bare ? nullptr : &steps};
      const BatchNormInferenceProblem p{.rows = rows, .features = features, .activation = kElu};
      kernel_named(batch_norm_inference_kernels(), "cpu:simd").run(p, args, pool);
      args.y = y_ref.matrix();
      kernel_named(batch_norm_inference_kernels(), "ref").run(p, args, pool);
      EXPECT_TRUE(all_close(b.y.values(), y_ref.values(), tolerance(DType::F32)));
      EXPECT_TRUE(b.y.guards_are_intact());
    }
  });
}

}  // namespace
}  // namespace redbud::kernels
