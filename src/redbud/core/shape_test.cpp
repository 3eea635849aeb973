#include "redbud/core/shape.h"

#include <gtest/gtest.h>

#include <vector>

#include "redbud/core/dtype.h"
#include "redbud/core/error.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

TEST(DType, SizesAndNames) {
  const std::vector<std::tuple<DType, int64_t, std::string_view>> known = {
      {DType::F32, 4, "F32"}, {DType::F64, 8, "F64"},  {DType::BF16, 2, "BF16"}, {DType::F16, 2, "F16"},
      {DType::I8, 1, "I8"},   {DType::U8, 1, "U8"},    {DType::I16, 2, "I16"},   {DType::I32, 4, "I32"},
      {DType::I64, 8, "I64"}, {DType::Bool, 1, "BOOL"}};
  for (const auto& [type, size, name] : known) {
    EXPECT_EQ(size_of(type), size) << name;
    EXPECT_EQ(to_string(type), name);
  }
  EXPECT_EQ(dtype_of<float>, DType::F32);
  EXPECT_EQ(dtype_of<int64_t>, DType::I64);
}

TEST(Shape, Basics) {
  const Shape shape{50, 28, 28};
  EXPECT_EQ(shape.rank(), 3);
  EXPECT_EQ(shape[0], 50);
  EXPECT_EQ(shape.back(), 28);
  EXPECT_EQ(shape.elements(), 39200);
  EXPECT_EQ(to_string(shape), "(50, 28, 28)");
  EXPECT_EQ(Shape().elements(), 1);
  EXPECT_EQ(to_string(Shape()), "()");
  EXPECT_EQ((Shape{3, 0, 7}).elements(), 0);
}

TEST(Shape, Equality) {
  EXPECT_TRUE((Shape{2, 3}) == (Shape{2, 3}));
  EXPECT_FALSE((Shape{2, 3}) == (Shape{3, 2}));
  EXPECT_FALSE((Shape{2, 3}) == (Shape{2, 3, 1}));
  Shape cut{2, 3};
  cut[1] = 4;
  EXPECT_TRUE(cut == (Shape{2, 4}));
}

TEST(Shape, RefusesTooManyAxes) {
  EXPECT_EQ(Shape(std::vector<int64_t>(8, 1)).rank(), 8);
  EXPECT_TRUE(throws_error([] { Shape(std::vector<int64_t>(9, 1)); }, ErrorKind::Model,
                           "a tensor has too many axes (9), expected at most 8"));
}

TEST(Shape, RefusesImpossibleExtents) {
  EXPECT_TRUE(throws_error(
      [] {
        (void)Shape({2, -1}).elements();
      },
      ErrorKind::Model, "a tensor's shape is impossible ((2, -1))"));
  const int64_t huge = int64_t{1} << 40;
  EXPECT_TRUE(throws_error([&] { (void)Shape({huge, huge}).elements(); }, ErrorKind::Model, "1099511627776"));
}

}  // namespace
}  // namespace redbud
