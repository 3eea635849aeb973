#include "redbud/core/tensor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

bool is_aligned(const void* p, uintptr_t to) { return reinterpret_cast<uintptr_t>(p) % to == 0; }

TEST(AlignedBuffer, IsAlignedAndZeroed) {
  for (const int64_t bytes : {1, 63, 64, 65, 4095, 1 << 20, (4 << 20) - 1, 4 << 20, (4 << 20) + 1, 9'000'001}) {
    // Dirty memory first, so that zeros are not an accident of fresh pages.
    {
      AlignedBuffer dirty(bytes), more(bytes);
      std::fill_n(dirty.data(), bytes, std::byte{0xAB});
    }
    AlignedBuffer buffer(bytes);
    EXPECT_EQ(buffer.bytes(), bytes);
    EXPECT_TRUE(is_aligned(buffer.data(), 64));
    if (bytes >= 4 << 20) {
      EXPECT_TRUE(is_aligned(buffer.data(), 2 << 20)) << bytes;
    }
    EXPECT_TRUE(std::all_of(buffer.data(), buffer.data() + bytes, [](std::byte b) { return b == std::byte{0}; }));
  }
}

TEST(AlignedBuffer, LastVectorMayBeLoadedWhole) {
  AlignedBuffer buffer(65);
  for (int64_t i = 65; i < 128; ++i) EXPECT_EQ(buffer.data()[i], std::byte{0});  // AddressSanitizer watches
}

TEST(AlignedBuffer, EmptyAndMoved) {
  AlignedBuffer empty(0);
  EXPECT_EQ(empty.bytes(), 0);
  EXPECT_EQ(empty.as<float>().size(), 0u);
  AlignedBuffer from(16);
  from.as<float>()[3] = 5;
  AlignedBuffer to = std::move(from);
  EXPECT_EQ(to.as<float>()[3], 5);
  EXPECT_EQ(to.as<float>().size(), 4u);
  EXPECT_EQ(from.bytes(), 0) << "a moved-from buffer must not claim memory";
  EXPECT_EQ(from.as<float>().size(), 0u);
}

TEST(AlignedBuffer, RefusesWhatTheSystemHasNot) {
  EXPECT_TRUE(
      throws_error([] { AlignedBuffer(int64_t{1} << 60); }, ErrorKind::Environment, "not enough memory: needs 1.2 EB"));
  EXPECT_TRUE(throws_error([] { AlignedBuffer(INT64_MAX); }, ErrorKind::Environment, "needs 9.2 EB"));
  EXPECT_TRUE(throws_error([] { AlignedBuffer(-1); }, ErrorKind::Internal, "bytes >= 0"));
}

TEST(Tensor, HoldsTypedValues) {
  Tensor tensor(DType::F32, {2, 3});
  EXPECT_EQ(tensor.type(), DType::F32);
  EXPECT_EQ(tensor.elements(), 6);
  EXPECT_EQ(tensor.bytes().size(), 24u);
  tensor.values<float>()[5] = 1.5F;
  const Tensor& same = tensor;
  EXPECT_EQ(same.values<float>()[5], 1.5F);
  EXPECT_TRUE(throws_error([&] { tensor.values<double>(); }, ErrorKind::Internal, "core/tensor.h"));
}

TEST(Tensor, RefusesImpossibleSizes) {
  EXPECT_TRUE(throws_error([] { Tensor(DType::F64, {int64_t{1} << 61}); }, ErrorKind::Environment,
                           "not enough memory: needs a tensor of the shape (2305843009213693952)"));
  EXPECT_TRUE(throws_error(
      [] {
        Tensor(DType::F64, {int64_t{1} << 40, int64_t{1} << 40});
      },
      ErrorKind::Model, "a tensor's shape is impossible"));
}

TEST(MatrixView, StepsByItsStride) {
  std::vector<float> memory(12);
  for (size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<float>(i);
  const MatrixView<float> view{memory.data() + 1, 3, 2, 4};
  EXPECT_EQ(view(0, 0), 1);
  EXPECT_EQ(view(2, 1), 10);
  EXPECT_EQ(view.row(1), memory.data() + 5);
}

TEST(AlignedBuffer, CopiesAnotherOfItsSize) {
  for (const int64_t bytes : {int64_t{0}, int64_t{100}, int64_t{5} << 20}) {
    AlignedBuffer from(bytes);
    for (size_t i = 0; i < static_cast<size_t>(bytes); ++i) from.data()[i] = static_cast<std::byte>(i % 251);
    AlignedBuffer to(bytes);
    to.copy_from(from);
    EXPECT_TRUE(std::equal(from.data(), from.data() + bytes, to.data()));
  }
}

}  // namespace
}  // namespace redbud
