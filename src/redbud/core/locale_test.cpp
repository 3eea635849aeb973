// Numbers are read and written alike under a locale with decimal commas, in which a host program may have put the
// process.
#include <gtest/gtest.h>

#include <cerrno>

#include "redbud/core/file.h"
#include "redbud/core/text.h"
#include "redbud/testing/core/german_locale.h"

namespace redbud {
namespace {

TEST(UnderGermanLocale, NumbersAreReadAlike) {
  const GermanLocale german;
  EXPECT_EQ(parse_number("1.5"), 1.5);
  EXPECT_EQ(parse_number("1e3"), 1000.0);
  EXPECT_FALSE(parse_number("1,5"));
  EXPECT_FALSE(parse_number("1.000,5"));
  EXPECT_EQ(parse_integer("1000"), 1000);
}

TEST(UnderGermanLocale, NumbersAreWrittenAlike) {
  const GermanLocale german;
  EXPECT_EQ(format_number(1.5), "1.5");
  EXPECT_EQ(format_number(0.1F), "0.1");
  EXPECT_EQ(format_number(1e300), "1e+300");
  EXPECT_EQ(with_thousands(1234567), "1,234,567");
  EXPECT_EQ(format_bytes(1500000), "1.5 MB");
  EXPECT_EQ(to_lower("ABC"), "abc");
}

TEST(UnderGermanLocale, ErrorsStayEnglish) {
  const GermanLocale german;
  EXPECT_EQ(describe({ENOSPC}), "No space left on device");
}

}  // namespace
}  // namespace redbud
