#include "redbud/train/data_checksum.h"

#include <gtest/gtest.h>

#include <vector>

namespace redbud {
namespace {

/// Rows of 1,000 floats with a class and a weight: some 260 of them fill a chunk.
class WideRows final : public SampleSource {
 public:
  static constexpr int64_t kRows = 700;
  static constexpr int64_t kWidth = 1000;

  WideRows() {
    type_.inputs = {{"x", DType::F32, {kWidth}}};
    type_.targets = {{"y", DType::I32, {1}}};
    type_.weighted = true;
  }
  const BatchType& type() const override { return type_; }
  int64_t rows() const override { return static_cast<int64_t>(y.size()); }
  void gather(std::span<const int64_t> rows, const BatchView& batch) const override {
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto row = static_cast<size_t>(rows[i]);
      float* out = static_cast<float*>(batch.inputs[0].data) + static_cast<int64_t>(i) * batch.inputs[0].stride;
      for (size_t k = 0; k < kWidth; ++k) out[k] = x[row * kWidth + k];
      static_cast<int32_t*>(batch.targets[0].data)[static_cast<int64_t>(i) * batch.targets[0].stride] = y[row];
      batch.weights[i] = weights[row];
    }
  }

  std::vector<float> x = std::vector<float>(kRows * kWidth, 0.5F);
  std::vector<int32_t> y = std::vector<int32_t>(kRows, 1);
  std::vector<float> weights = std::vector<float>(kRows, 1.0F);

 private:
  BatchType type_;
};

TEST(DataChecksum, SeesEveryCell) {
  ThreadPool pool(1);
  WideRows rows;
  const uint64_t before = data_checksum({&rows}, pool);
  EXPECT_EQ(data_checksum({&rows}, pool), before);
  for (size_t row : std::vector<size_t>{0, 1, 130, 261, 262, 263, 500, 698, 699}) {
    for (size_t k : std::vector<size_t>{0, 1, 999}) {
      float& cell = rows.x[row * WideRows::kWidth + k];
      cell = 0.25F;
      EXPECT_NE(data_checksum({&rows}, pool), before) << row << " " << k;
      cell = 0.5F;
    }
    rows.y[row] = 2;
    EXPECT_NE(data_checksum({&rows}, pool), before) << row;
    rows.y[row] = 1;
    rows.weights[row] = 2.0F;
    EXPECT_NE(data_checksum({&rows}, pool), before) << row;
    rows.weights[row] = 1.0F;
  }
  rows.y.pop_back();
  EXPECT_NE(data_checksum({&rows}, pool), before);
}

TEST(DataChecksum, DependsOnTheOrderOfSourcesAndNotOnThreads) {
  ThreadPool one(1);
  ThreadPool three(3, {.threads = 3, .reason = ""});
  WideRows a;
  WideRows b;
  b.x[5] = 1.0F;
  EXPECT_EQ(data_checksum({&a, &b}, one), data_checksum({&a, &b}, three));
  EXPECT_NE(data_checksum({&a, &b}, one), data_checksum({&b, &a}, one));
}

}  // namespace
}  // namespace redbud
