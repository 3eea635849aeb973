#include "redbud/core/bytes.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <random>

namespace redbud {
namespace {

TEST(CheckedArithmetic, AgreesWith128Bits) {
  std::mt19937_64 random(1);
  const auto fits = [](__int128 v) { return v >= INT64_MIN && v <= INT64_MAX; };
  int64_t overflows = 0;
  for (int i = 0; i < 20000; ++i) {
    // All magnitudes alike, so that about half of the products overflow.
    const auto a = static_cast<int64_t>(random()) >> (random() % 64);
    const auto b = static_cast<int64_t>(random()) >> (random() % 64);
    const __int128 product = static_cast<__int128>(a) * b;
    const __int128 sum = static_cast<__int128>(a) + b;
    ASSERT_EQ(checked_mul(a, b).has_value(), fits(product)) << a << " * " << b;
    ASSERT_EQ(checked_add(a, b).has_value(), fits(sum)) << a << " + " << b;
    if (fits(product)) {
      ASSERT_TRUE(checked_mul(a, b) == static_cast<int64_t>(product));
    }
    if (fits(sum)) {
      ASSERT_TRUE(checked_add(a, b) == static_cast<int64_t>(sum));
    }
    if (!fits(product)) ++overflows;
  }
  EXPECT_GT(overflows, 5000);
  EXPECT_LT(overflows, 15000);
}

TEST(ByteReader, ReadsInOrder) {
  const std::array<uint8_t, 9> bytes = {1, 2, 0x12, 0x34, 0x56, 0x78, 0xAA, 0xBB, 0xCC};
  ByteReader reader(std::as_bytes(std::span(bytes)));
  EXPECT_EQ(reader.little_endian<uint16_t>(), 0x0201);
  EXPECT_EQ(reader.big_endian_u32(), 0x12345678u);
  EXPECT_EQ(reader.offset(), 6);
  EXPECT_EQ(reader.remaining(), 3);
  const auto rest = reader.take(3);
  ASSERT_TRUE(rest);
  EXPECT_EQ((*rest)[0], std::byte{0xAA});
  EXPECT_EQ(reader.remaining(), 0);
}

TEST(ByteReader, NeverReadsPastTheEnd) {
  const std::array<uint8_t, 3> bytes = {1, 2, 3};
  ByteReader reader(std::as_bytes(std::span(bytes)));
  EXPECT_FALSE(reader.little_endian<uint32_t>());
  EXPECT_FALSE(reader.big_endian_u32());
  EXPECT_FALSE(reader.take(4));
  EXPECT_FALSE(reader.take(-1));
  EXPECT_FALSE(reader.take(std::numeric_limits<int64_t>::max()));
  EXPECT_EQ(reader.offset(), 0) << "a refused read moved the cursor";
  EXPECT_TRUE(reader.take(3));
  EXPECT_TRUE(reader.take(0));
  EXPECT_FALSE(reader.take(1));
}

TEST(Bytes, TextAndBack) { EXPECT_EQ(as_text(as_bytes(std::string_view("a\0b", 3))), std::string_view("a\0b", 3)); }

}  // namespace
}  // namespace redbud
