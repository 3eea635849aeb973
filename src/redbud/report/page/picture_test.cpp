#include "redbud/report/page/picture.h"

#include <gtest/gtest.h>

namespace redbud::page {
namespace {

TEST(Picture, Base64IsThatOfRfc4648) {
  // Section 10.
  const std::pair<const char*, const char*> known[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : known) EXPECT_EQ(base64(bytes), text);
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(Picture, IsABitmap) {
  // Read by Pillow as a picture of 3 x 2 with the greys 0, 17, 255 above 238, 34, 0.
  EXPECT_EQ(picture_uri(2, 3, "01fe20"),
            "data:image/bmp;base64,Qk1+AAAAAAAAAHYAAAAoAAAAAwAAAAIAAAABAAQAAAAAAAgAAAAAAAAAAAAAABAAAAAAAAAAAAAAAB"
            "EREQAiIiIAMzMzAERERABVVVUAZmZmAHd3dwCIiIgAmZmZAKqqqgC7u7sAzMzMAN3d3QDu7u4A////AOIAAAAB8AAA");
}

TEST(Picture, OfLevelsThatDontFitIsNone) {
  EXPECT_EQ(picture_uri(2, 3, "01fe2"), "");
  EXPECT_EQ(picture_uri(2, 3, "01fe2g"), "");
  EXPECT_EQ(picture_uri(0, 0, ""), "");
  EXPECT_EQ(picture_uri(int64_t{1} << 32, int64_t{1} << 32, ""), "");
}

}  // namespace
}  // namespace redbud::page
