#include "redbud/kernels/linear.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "redbud/core/rng.h"
#include "redbud/core/tensor.h"
#include "redbud/kernels/target.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

constexpr float kGuard = 12345.0f;

struct Shape3 {
  int64_t rows, inputs, outputs;
};

std::string describe(const Shape3& s) { return fmt::format("{} x {} x {}", s.rows, s.inputs, s.outputs); }

// A matrix of random numbers among guard values: rows wider than needed, and a first row that is not aligned.
class GuardedMatrix {
 public:
  GuardedMatrix(int64_t rows, int64_t cols, int64_t extra, uint64_t seed, double sigma = 1.0)
      : rows_(rows),
        cols_(cols),
        stride_(cols + extra),
        values_(static_cast<size_t>(rows * stride_ + kBefore), kGuard) {
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < cols; ++j) {
        at(i, j) = static_cast<float>(sigma * random_normal({.seed = seed, .stream = Stream::Data}, i * cols + j));
      }
    }
  }

  Matrix view() { return {values_.data() + kBefore, stride_}; }
  float& at(int64_t i, int64_t j) { return values_[static_cast<size_t>(kBefore + i * stride_ + j)]; }

  std::vector<float> contents() {
    std::vector<float> all;
    for (int64_t i = 0; i < rows_; ++i) all.insert(all.end(), &at(i, 0), &at(i, 0) + cols_);
    return all;
  }
  bool guards_hold() {
    for (int64_t i = 0; i < kBefore; ++i) {
      if (values_[static_cast<size_t>(i)] != kGuard) return false;
    }
    for (int64_t i = 0; i < rows_; ++i) {
      for (int64_t j = cols_; j < stride_; ++j) {
        if (at(i, j) != kGuard) return false;
      }
    }
    return true;
  }

 private:
  static constexpr int64_t kBefore = 3;
  int64_t rows_, cols_, stride_;
  std::vector<float> values_;
};

// All targets that this processor has, one after the other; the best again at the end.
template <class F>
void for_each_target(F&& f) {
  for (const std::string& target : supported_targets()) {
    SCOPED_TRACE("target " + target);
    force_target(target);
    f();
  }
  force_target("");
}

template <class Problem, class Args>
void run_named(std::span<const Kernel<Problem, Args>> list, std::string_view name, const Problem& problem,
               const Args& args, ThreadPool& pool) {
  for (const auto& kernel : list) {
    if (kernel.name == name) return kernel.run(problem, args, pool);
  }
  FAIL() << "no kernel " << name;
}

struct Outcome {
  std::vector<float> values;
  std::vector<float> sums;
  bool guards_hold = true;
};

Outcome run_forward(std::string_view kernel, const Shape3& s, const Activation& activation, bool bias,
                    ThreadPool& pool) {
  GuardedMatrix x(s.rows, s.inputs, 5, 1);
  // Sums of about 1, where the activations bend.
  GuardedMatrix w(s.inputs, s.outputs, 0, 2, 1.0 / std::sqrt(static_cast<double>(std::max<int64_t>(1, s.inputs))));
  GuardedMatrix b(1, s.outputs, 1, 3);
  GuardedMatrix y(s.rows, s.outputs, 2, 4);
  const LinearForwardProblem problem{
      .rows = s.rows, .inputs = s.inputs, .outputs = s.outputs, .bias = bias, .activation = activation};
  run_named(linear_forward_kernels(), kernel, problem, {x.view(), w.view(), y.view(), bias ? &b.at(0, 0) : nullptr},
            pool);
  return {y.contents(), {}, y.guards_hold()};
}

Outcome run_input_gradient(std::string_view kernel, const Shape3& s, const Activation& activation, ThreadPool& pool) {
  GuardedMatrix dy(s.rows, s.outputs, 3, 1);
  GuardedMatrix w(s.inputs, s.outputs, 0, 2);
  GuardedMatrix x(s.rows, s.inputs, 6, 3);
  GuardedMatrix dx(s.rows, s.inputs, 1, 4);
  const LinearInputGradientProblem problem{
      .rows = s.rows, .inputs = s.inputs, .outputs = s.outputs, .activation = activation};
  AlignedBuffer scratch(linear_input_gradient_scratch_bytes(problem));
  run_named(linear_input_gradient_kernels(), kernel, problem,
            {dy.view(), w.view(), activation.is_identity() ? Matrix{} : x.view(), dx.view(), scratch.data()}, pool);
  return {dx.contents(), {}, dx.guards_hold()};
}

Outcome run_weight_gradient(std::string_view kernel, const Shape3& s, bool bias, bool accumulate, ThreadPool& pool) {
  GuardedMatrix x(s.rows, s.inputs, 4, 1);
  GuardedMatrix dy(s.rows, s.outputs, 1, 2);
  GuardedMatrix dw(s.inputs, s.outputs, 0, 3);
  GuardedMatrix db(1, s.outputs, 2, 4);
  const LinearWeightGradientProblem problem{
      .rows = s.rows, .inputs = s.inputs, .outputs = s.outputs, .bias = bias, .accumulate = accumulate};
  AlignedBuffer scratch(linear_weight_gradient_scratch_bytes(problem));
  run_named(linear_weight_gradient_kernels(), kernel, problem,
            {x.view(), dy.view(), dw.view(), bias ? &db.at(0, 0) : nullptr, scratch.data()}, pool);
  return {dw.contents(), db.contents(), dw.guards_hold() && db.guards_hold()};
}

void expect_close(const Outcome& actual, const Outcome& expected, int64_t terms) {
  const double tol = tolerance(DType::F32, {.terms_per_sum = terms});
  EXPECT_TRUE(all_close(actual.values, expected.values, tol));
  EXPECT_TRUE(all_close(actual.sums, expected.sums, tol));
  EXPECT_TRUE(actual.guards_hold);
}

// Every number of rows up to 40 with widths around the multiples of every vector's length, and some that are cut into
// blocks and pieces.
std::vector<Shape3> ragged_shapes() {
  const std::vector<int64_t> widths = {1,  2,  3,  4,  5,  7,  8,  9,  10, 15, 16,  17, 23,
                                       31, 33, 47, 48, 49, 63, 64, 65, 68, 79, 100, 113};
  std::vector<Shape3> shapes;
  size_t next = 0;
  for (int64_t rows = 1; rows <= 40; ++rows) {
    for (int repeat = 0; repeat < 3; ++repeat) {
      shapes.push_back({rows, widths[next % widths.size()], widths[next * 7 % widths.size()]});
      ++next;
    }
  }
  for (const Shape3& s : {Shape3{50, 784, 300},
                          {50, 300, 100},
                          {50, 100, 10},
                          {20, 784, 100},
                          {70, 130, 530},
                          {300, 61, 90},
                          {1, 300, 700},
                          {2, 700, 300},
                          {3, 257, 130},
                          {4, 260, 129},
                          {260, 3, 2},
                          {5, 1100, 20},
                          {160, 1020, 140},  // columns of A 1024 floats apart: copied
                          {301, 117, 100},   // weight gradients of two halves of the rows
                          {128, 100, 10},
                          {4200, 1, 1050}}) {  // fewer rows of weights than pieces of a half
    shapes.push_back(s);
  }
  return shapes;
}

/// All but those whose slopes are learned or drawn.
std::vector<Activation> fixed_activations() {
  std::vector<Activation> activations;
  for (const ActivationInfo& info : activation_table()) {
    const ActivationKind kind = info.defaults.kind;
    if (kind != ActivationKind::Prelu && kind != ActivationKind::Rrelu) activations.push_back(info.defaults);
  }
  return activations;
}
const std::vector<Activation> kActivations = fixed_activations();

TEST(LinearReference, MatchesAProductDoneByHand) {
  ThreadPool pool(1);
  std::vector<double> x = {1, 2, 3, -1, 0, 2};  // 2 x 3
  std::vector<double> w = {1, 2, 0, -1, 3, 1};  // 3 x 2
  std::vector<double> b = {0.5, -0.5};
  std::vector<double> y(4), dx(6), dw(6), db(2);
  std::vector<double> dy = {1, 2, -1, 3};  // 2 x 2
  const Matrix wm{w.data(), 2};
  run_named(linear_forward_kernels(), "ref", {DType::F64, 2, 3, 2, true, {ActivationKind::LeakyRelu, 0.1}},
            {{x.data(), 3}, wm, {y.data(), 2}, b.data()}, pool);
  EXPECT_EQ(y, (std::vector<double>{10.5, 2.5, 5.5, -0.05}));
  run_named(linear_input_gradient_kernels(), "ref", {DType::F64, 2, 3, 2, {ActivationKind::Relu}},
            {{dy.data(), 2}, wm, {x.data(), 3}, {dx.data(), 3}, nullptr}, pool);
  EXPECT_EQ(dx, (std::vector<double>{5, -2, 5, 0, 0, 0}));
  run_named(linear_weight_gradient_kernels(), "ref", {DType::F64, 2, 3, 2, true, false},
            {{x.data(), 3}, {dy.data(), 2}, {dw.data(), 2}, db.data()}, pool);
  EXPECT_EQ(dw, (std::vector<double>{2, -1, 2, 4, 1, 12}));
  EXPECT_EQ(db, (std::vector<double>{0, 5}));
  run_named(linear_weight_gradient_kernels(), "ref", {DType::F64, 2, 3, 2, true, true},
            {{x.data(), 3}, {dy.data(), 2}, {dw.data(), 2}, db.data()}, pool);
  EXPECT_EQ(dw, (std::vector<double>{4, -2, 4, 8, 2, 24}));
  EXPECT_EQ(db, (std::vector<double>{0, 10}));
}

TEST(LinearKernels, ChooseTheReferenceForDoubles) {
  const auto forward = choose(linear_forward_kernels(), LinearForwardProblem{.type = DType::F64});
  EXPECT_EQ(forward.kernel->name, "ref");
  ASSERT_EQ(forward.refused.size(), 1u);
  EXPECT_EQ(forward.refused[0].reason, "type is not f32");
  EXPECT_EQ(choose(linear_input_gradient_kernels(), LinearInputGradientProblem{}).kernel->name, "cpu:simd");
  EXPECT_EQ(choose(linear_weight_gradient_kernels(), LinearWeightGradientProblem{.type = DType::F64}).kernel->name,
            "ref");
}

TEST(LinearForward, MatchesTheReferenceAtRaggedShapes) {
  ThreadPool pool;
  for (const Shape3& s : ragged_shapes()) {
    SCOPED_TRACE(describe(s));
    const Outcome expected = run_forward("ref", s, {}, true, pool);
    for_each_target([&] { expect_close(run_forward("cpu:simd", s, {}, true, pool), expected, s.inputs); });
  }
}

TEST(LinearInputGradient, MatchesTheReferenceAtRaggedShapes) {
  ThreadPool pool;
  for (const Shape3& s : ragged_shapes()) {
    SCOPED_TRACE(describe(s));
    const Outcome expected = run_input_gradient("ref", s, {}, pool);
    for_each_target([&] { expect_close(run_input_gradient("cpu:simd", s, {}, pool), expected, s.outputs); });
  }
}

TEST(LinearWeightGradient, MatchesTheReferenceAtRaggedShapes) {
  ThreadPool pool;
  for (const Shape3& s : ragged_shapes()) {
    SCOPED_TRACE(describe(s));
    const Outcome expected = run_weight_gradient("ref", s, true, false, pool);
    for_each_target([&] { expect_close(run_weight_gradient("cpu:simd", s, true, false, pool), expected, s.rows); });
  }
}

TEST(LinearForward, AppliesEveryActivationAndLeavesOutTheBias) {
  ThreadPool pool;
  for (const Shape3& s : {Shape3{1, 19, 37}, Shape3{9, 530, 77}, Shape3{23, 70, 100}}) {
    for (const Activation& activation : kActivations) {
      SCOPED_TRACE(fmt::format("{} activation {}", describe(s), static_cast<int>(activation.kind)));
      const Outcome expected = run_forward("ref", s, activation, false, pool);
      for_each_target([&] { expect_close(run_forward("cpu:simd", s, activation, false, pool), expected, s.inputs); });
    }
  }
}

TEST(LinearInputGradient, AppliesTheDerivativeOfEveryActivation) {
  ThreadPool pool;
  for (const Shape3& s : {Shape3{1, 37, 19}, Shape3{9, 77, 530}, Shape3{23, 100, 70}}) {
    for (const Activation& activation : kActivations) {
      SCOPED_TRACE(fmt::format("{} activation {}", describe(s), static_cast<int>(activation.kind)));
      const Outcome expected = run_input_gradient("ref", s, activation, pool);
      for_each_target([&] { expect_close(run_input_gradient("cpu:simd", s, activation, pool), expected, s.outputs); });
    }
  }
}

TEST(LinearWeightGradient, AddsToWhatIsThereOnRequest) {
  ThreadPool pool;
  for (const Shape3& s : {Shape3{1, 9, 21}, Shape3{30, 21, 100}, Shape3{530, 33, 77}}) {
    SCOPED_TRACE(describe(s));
    const Outcome expected = run_weight_gradient("ref", s, true, true, pool);
    const Outcome without_bias = run_weight_gradient("ref", s, false, true, pool);
    for_each_target([&] {
      expect_close(run_weight_gradient("cpu:simd", s, true, true, pool), expected, s.rows);
      expect_close(run_weight_gradient("cpu:simd", s, false, true, pool), without_bias, s.rows);
    });
  }
}

TEST(LinearWeightGradient, NeedsScratchOnlyWhereHalvesOfTheRowsPay) {
  const auto bytes = [](int64_t rows, int64_t inputs, int64_t outputs) {
    return linear_weight_gradient_scratch_bytes({.rows = rows, .inputs = inputs, .outputs = outputs});
  };
  EXPECT_EQ(bytes(128, 100, 100), (100 * 100 + 100) * 4);
  EXPECT_EQ(bytes(127, 100, 100), 0);  // too few rows
  EXPECT_EQ(bytes(128, 784, 100), 0);  // the weights are more than the rows
  EXPECT_EQ(bytes(512, 512, 512), 0);  // the products alone take long enough
}

TEST(Linear, GivesTheSameBitsOnAnyNumberOfThreads) {
  ThreadPool one(1);
  for (const Shape3& s :
       {Shape3{100, 300, 201}, Shape3{50, 784, 300}, Shape3{1, 700, 900}, Shape3{128, 100, 90}, Shape3{515, 201, 64}}) {
    SCOPED_TRACE(describe(s));
    const Activation elu{ActivationKind::Elu, 1.0};
    const Outcome y = run_forward("cpu:simd", s, elu, true, one);
    const Outcome dx = run_input_gradient("cpu:simd", s, elu, one);
    const Outcome dw = run_weight_gradient("cpu:simd", s, true, true, one);
    for (const int threads : {2, 3, 7}) {
      ThreadPool pool(threads);
      EXPECT_EQ(run_forward("cpu:simd", s, elu, true, pool).values, y.values);
      EXPECT_EQ(run_input_gradient("cpu:simd", s, elu, pool).values, dx.values);
      const Outcome again = run_weight_gradient("cpu:simd", s, true, true, pool);
      EXPECT_EQ(again.values, dw.values);
      EXPECT_EQ(again.sums, dw.sums);
    }
  }
}

TEST(Linear, HandlesEmptySums) {
  ThreadPool pool(1);
  for_each_target([&] {
    const Outcome y = run_forward("cpu:simd", {3, 0, 5}, {}, true, pool);
    expect_close(y, run_forward("ref", {3, 0, 5}, {}, true, pool), 1);
    expect_close(run_weight_gradient("cpu:simd", {0, 3, 5}, true, false, pool),
                 run_weight_gradient("ref", {0, 3, 5}, true, false, pool), 1);
    expect_close(run_input_gradient("cpu:simd", {3, 5, 0}, {}, pool), run_input_gradient("ref", {3, 5, 0}, {}, pool),
                 1);
  });
}

}  // namespace
}  // namespace redbud::kernels
