#include "redbud/core/checksum.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "redbud/core/bytes.h"

namespace redbud {
namespace {

std::vector<std::byte> pattern(size_t size) {
  std::vector<std::byte> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 131 + (i >> 8));
  return bytes;
}

// XXH3_64bits with seed 0, of the reference implementation's own documentation and `xxhsum -H3`.
TEST(Checksum, MatchesPublishedValues) {
  EXPECT_EQ(checksum({}), 0x2D06800538D394C2u);
  EXPECT_EQ(checksum(as_bytes(std::string_view("a"))), 0xE6C632B61E964E1Fu);
  EXPECT_EQ(checksum(as_bytes(std::string_view("abc"))), 0x78AF5F94892F3950u);
}

TEST(Checksum, PartsGiveTheSameAsTheWhole) {
  const auto bytes = pattern(5000);
  for (const size_t part : {size_t{1}, size_t{7}, size_t{64}, size_t{1024}, size_t{4999}, size_t{5000}}) {
    Checksum sum;
    for (size_t at = 0; at < bytes.size(); at += part) {
      sum.update(std::span(bytes).subspan(at, std::min(part, bytes.size() - at)));
      sum.update({});
    }
    EXPECT_EQ(sum.value(), checksum(bytes)) << part;
  }
  EXPECT_EQ(Checksum().value(), checksum({}));
}

TEST(Checksum, GoesOnAfterItsValueWasAskedAndAfterAMove) {
  const auto bytes = pattern(3000);
  Checksum sum;
  sum.update(std::span(bytes).first(1000));
  EXPECT_EQ(sum.value(), checksum(std::span(bytes).first(1000)));
  Checksum moved = std::move(sum);
  moved.update(std::span(bytes).subspan(1000));
  EXPECT_EQ(moved.value(), checksum(bytes));
}

TEST(Checksum, EveryFlippedBitChangesIt) {
  auto bytes = pattern(300);
  std::set<uint64_t> seen = {checksum(bytes)};
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_TRUE(seen.insert(checksum(bytes)).second) << bit;
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
  }
}

TEST(Checksum, HexadecimalAndBack) {
  EXPECT_EQ(to_hex(0), "0000000000000000");
  EXPECT_EQ(to_hex(0x0123456789ABCDEF), "0123456789abcdef");
  for (const uint64_t value : {uint64_t{0}, uint64_t{1}, ~uint64_t{0}, uint64_t{0x0123456789ABCDEF}}) {
    uint64_t back = 42;
    EXPECT_TRUE(parse_hex(to_hex(value), back));
    EXPECT_EQ(back, value);
  }
}

TEST(Checksum, RefusesOtherText) {
  for (const std::string text : {"", "0", "012345678 abcdef", "0123456789abcdeg", "0123456789abcdef0",
                                 "0x23456789abcdef", "-123456789abcdef", "+123456789abcdef", " 123456789abcdef"}) {
    uint64_t value = 42;
    EXPECT_FALSE(parse_hex(text, value)) << text;
    EXPECT_EQ(value, 42u);
  }
}

}  // namespace
}  // namespace redbud
