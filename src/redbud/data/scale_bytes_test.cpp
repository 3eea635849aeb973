#include "redbud/data/scale_bytes.h"

#include <gtest/gtest.h>

#include <vector>

namespace redbud {
namespace {

TEST(ScaleBytes, AtEveryLengthAndPlace) {
  std::vector<uint8_t> bytes(600);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 37);
  for (int64_t count = 0; count < 300; ++count) {
    const int64_t begin = count % 17;
    std::vector<float> x(static_cast<size_t>(count) + 1, -7.0F);
    scale_bytes(bytes.data() + begin, count, 3.5F, 0.1F, x.data());
    for (int64_t i = 0; i < count; ++i) {
      ASSERT_EQ(x[static_cast<size_t>(i)], (static_cast<float>(bytes[static_cast<size_t>(begin + i)]) - 3.5F) * 0.1F);
    }
    ASSERT_EQ(x.back(), -7.0F) << "nothing is written beyond";
  }
}

}  // namespace
}  // namespace redbud
