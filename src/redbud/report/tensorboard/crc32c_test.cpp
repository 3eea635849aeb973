#include "redbud/report/tensorboard/crc32c.h"

#include <gtest/gtest.h>

#include <vector>

#include "redbud/core/bytes.h"

namespace redbud {
namespace {

std::vector<std::byte> bytes_of(const std::vector<int>& values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

TEST(Crc32c, IsThatOfRfc3720) {
  // Appendix B.4, whose tables show the least significant byte first.
  EXPECT_EQ(crc32c(std::vector<std::byte>(32)), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0xFF})), 0x62A8AB43U);
  std::vector<int> rising;
  for (int i = 0; i < 32; ++i) rising.push_back(i);
  EXPECT_EQ(crc32c(bytes_of(rising)), 0x46DD794EU);
  EXPECT_EQ(crc32c(bytes_of({rising.rbegin(), rising.rend()})), 0x113FDB5CU);
  // An iSCSI read command of 10 bytes.
  EXPECT_EQ(
      crc32c(bytes_of({0x01, 0xC0, 0, 0,    0, 0, 0, 0,    0,    0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0,
                       0,    0,    0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0,    0})),
      0xD9963A56U);
}

TEST(Crc32c, OfTheUsualCheckWords) {
  EXPECT_EQ(crc32c(as_bytes(std::string_view("123456789"))), 0xE3069283U);
  EXPECT_EQ(crc32c({}), 0U);
}

TEST(Crc32c, IsMaskedByTheFormula) {
  EXPECT_EQ(masked_crc32c({}), 0xA282EAD8U) << "of a checksum of 0";
  // 0xE3069283 turned right by 15 is 0x2507C60D; the sum drops its carry.
  EXPECT_EQ(masked_crc32c(as_bytes(std::string_view("123456789"))), 0x2507C60DU + 0xA282EAD8U);
}

}  // namespace
}  // namespace redbud
