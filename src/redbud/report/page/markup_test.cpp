#include "redbud/report/page/markup.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace redbud::page {
namespace {

TEST(Markup, TextFromDataIsNoMarkup) {
  EXPECT_EQ(escaped("<script>alert(\"1\")</script>"), "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
  EXPECT_EQ(escaped("a & b's"), "a &amp; b&#39;s");
  EXPECT_EQ(escaped(std::string_view("a\0b\x1b", 4)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
  EXPECT_EQ(escaped("Z\xC3\xBCrich\n"), "Z\xC3\xBCrich\n");
}

TEST(Markup, IsCutByCharactersNotBytes) {
  EXPECT_EQ(cut("hidden1", 7), "hidden1");
  EXPECT_EQ(cut("hidden12", 7), "hidden\xE2\x80\xA6");
  EXPECT_EQ(cut("\xC3\xBC\xC3\xBC\xC3\xBC", 2), "\xC3\xBC\xE2\x80\xA6");
  EXPECT_EQ(cut("", 3), "");
}

TEST(Markup, NumbersHaveFourDigitsThatCount) {
  const std::vector<std::pair<double, std::string>> known = {{0.0, "0"},
                                                             {1.0, "1"},
                                                             {-3.0,
                                                              "\xE2\x88\x92"
                                                              "3"},
                                                             {123456.0, "123,456"},
                                                             {1500000.0, "1.5\xC2\xA0M"},
                                                             {0.031234, "0.03123"},
                                                             {12.3456, "12.35"},
                                                             {1234.6, "1,235"},
                                                             {0.00042, "0.00042"},
                                                             {4.2e-9, "4.2e-09"},
                                                             {3e12, "3e+12"}};
  for (const auto& [value, text] : known) EXPECT_EQ(number_text(value), text) << value;
  EXPECT_EQ(number_text(std::nan("")), "\xE2\x80\x93");
  EXPECT_EQ(number_text(-std::numeric_limits<double>::infinity()), "\xE2\x88\x92\xE2\x88\x9E");
  EXPECT_EQ(percent_text(0.98125), "98.12\xC2\xA0%");
  EXPECT_EQ(px(-0.01), "0");
  EXPECT_EQ(px(-0.26), "-0.3");
  EXPECT_EQ(px(-120.0), "-120");
  EXPECT_EQ(px(0.96), "1");
  EXPECT_EQ(px(12.34), "12.3");
}

}  // namespace
}  // namespace redbud::page
