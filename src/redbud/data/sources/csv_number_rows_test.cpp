#include "redbud/data/sources/csv_number_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "redbud/data/sources/csv_table.h"
#include "redbud/data/sources/decimal.h"
#include "redbud/data/sources/vector_targets.h"
//
#include <hwy/highway.h>

namespace redbud {
namespace {

/// While it lives the vector code of one instruction set runs.
class ForcedTarget {
 public:
  explicit ForcedTarget(int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
  }
  ~ForcedTarget() {
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
  ForcedTarget(const ForcedTarget&) = delete;
  ForcedTarget& operator=(const ForcedTarget&) = delete;
};

template <class F>
void on_every_target(F&& f) {
  for (int64_t rest = hwy::SupportedTargets() & HWY_TARGETS; rest != 0; rest &= rest - 1) {
    const int64_t target = rest & -rest;
    SCOPED_TRACE(hwy::TargetName(target));
    const ForcedTarget forced(target);
    f();
  }
}

struct Rows {
  std::vector<double> values;
  int64_t rows = 0;
  size_t bytes = 0;
};

/// What is read until it stops, with noise around the text that must not matter.
Rows read(const std::string& text, int64_t columns, char separator = ',', int64_t max_rows = 1'000'000'000) {
  const std::string noise(CsvNumberRows::kSlack, '7');
  const std::string around = noise + text + noise;
  std::string_view rest(around.data() + noise.size(), text.size());
  CsvNumberRows reader(columns, separator);
  Rows all;
  do {
    reader.read(rest, max_rows - all.rows);
    all.values.insert(all.values.end(), reader.values(), reader.values() + reader.rows() * columns);
    all.rows += reader.rows();
    all.bytes += reader.bytes();
    rest.remove_prefix(reader.bytes());
  } while (reader.rows() == reader.capacity());
  return all;
}

std::string digits(std::mt19937& random, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += static_cast<char>('0' + random() % 10);
  return text;
}

/// All forms that it reads, the common ones often; at most 19 digits.
std::string any_number(std::mt19937& random) {
  std::string text = random() % 2 == 0 ? "-" : "";
  const size_t whole = random() % 8 == 0 ? 1 + random() % 6 : 1;
  text += digits(random, whole);
  const auto kind = random() % 16;
  if (kind == 0) return text;
  text += "." + digits(random, 1 + random() % (kind < 6 ? 6 : 12) + (whole == 1 && kind > 8 ? 6 : 0));
  if (kind == 1) text += "e" + std::to_string(static_cast<int>(random() % 40) - 20);
  return text;
}

TEST(CsvNumberRows, ReadsEveryNumberExactly) {
  on_every_target([] {
    std::mt19937 random(3);
    for (const int64_t columns : {1, 2, 3, 7, 20}) {
      std::string text;
      std::vector<double> expected;
      for (int row = 0; row < 3000; ++row) {
        for (int64_t column = 0; column < columns; ++column) {
          const std::string number = any_number(random);
          text += number + (column + 1 < columns ? "," : "\n");
          expected.push_back(std::strtod(number.c_str(), nullptr));
        }
      }
      const Rows read_rows = read(text, columns);
      ASSERT_EQ(read_rows.rows, 3000) << columns << " columns: stopped at "
                                      << text.substr(read_rows.bytes,
                                                     text.find('\n', read_rows.bytes) - read_rows.bytes);
      ASSERT_EQ(read_rows.bytes, text.size());
      for (size_t i = 0; i < expected.size(); ++i) {
        ASSERT_EQ(read_rows.values[i], expected[i]) << i;
        ASSERT_EQ(std::signbit(read_rows.values[i]), std::signbit(expected[i])) << i;
      }
    }
  });
}

/// Numbers whose exact value lies nearly, or exactly, between two doubles.
TEST(CsvNumberRows, RoundsCorrectlyNextToTheMiddle) {
  std::mt19937_64 random(5);
  std::string text;
  std::vector<double> expected;
  for (int i = 0; i < 20'000; ++i) {
    const double value =
        std::ldexp(1.0 + std::ldexp(static_cast<double>(random() >> 12), -52), static_cast<int>(random() % 8) - 5);
    const long double middle =
        (static_cast<long double>(value) + static_cast<long double>(std::nextafter(value, 99))) / 2;
    char number[64];
    std::snprintf(number, sizeof number, "%.*Lf", 15 + static_cast<int>(random() % 4), middle);
    text += std::string(number) + "\n";
    expected.push_back(std::strtod(number, nullptr));
  }
  for (const char* exact : {"0.5",
                            "1.0",
                            "2.50",
                            "0.125",
                            "9.0",
                            "0.0",
                            "-0.0",
                            "4.503599627370496",
                            "9.007199254740993",
                            "0.9007199254740993",
                            "9007199254740993",
                            "9007199254740991",
                            "123456789012345",
                            "1234567890123456789",
                            "12.5",
                            "1234567.12345678901",
                            "12345678.5",
                            "-99.99",
                            "0",
                            "-0",
                            "100000000"}) {
    text += std::string(exact) + "\n";
    expected.push_back(std::strtod(exact, nullptr));
  }
  on_every_target([&] {
    const Rows rows = read(text, 1);
    ASSERT_EQ(rows.rows, static_cast<int64_t>(expected.size()));
    for (size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(rows.values[i], expected[i]) << i;
  });
}

TEST(CsvNumberRows, StopsBeforeARowThatIsNotForIt) {
  const std::string good = "1.5,-2.25,3\n4.125,5,-6.0\n";
  const std::vector<double> values = {1.5, -2.25, 3, 4.125, 5, -6};
  on_every_target([&] {
    for (const char* bad : {"7.5,8.5\n1.0,2.0,3.0,4.0\n",
                            "7.5,8.5,9.5,1.5\n",
                            "7.5,x,9.5\n",
                            "7.5,8.5,9.5x\n",
                            "7.5,8.5,NA\n",
                            "\"7.5\",8.5,9.5\n",
                            " 7.5,8.5,9.5\n",
                            "7.5,8.5,9.5 \n",
                            "\n7.5,8.5,9.5\n",
                            "7.5,8.5,\n",
                            "7.5,8.5,9.5",
                            "7.5,8..5,9.5\n",
                            "7.5,8.5.5,9.5\n",
                            "7.5,+8.5,9.5\n",
                            "7.5,8.,9.5\n",
                            "7.5,.5,9.5\n",
                            "7.5,1e39,9.5\n",
                            "7.5,inf,9.5\n",
                            "7.5,-,9.5\n",
                            "7.5,1.0e,9.5\n",
                            "7.5,8.5\r9.5,1.5\n",
                            "7.5,8:5,9.5\n",
                            "7.5,1.00000000000000000000,9.5\n",
                            "7.5;8.5;9.5\n",
                            ""}) {
      const Rows rows = read(good + bad, 3);
      EXPECT_EQ(rows.rows, 2) << bad;
      EXPECT_EQ(rows.bytes, good.size()) << bad;
      EXPECT_EQ(rows.values, values) << bad;
    }
  });
}

TEST(CsvNumberRows, TakesOtherSeparatorsLineEndsAndGaps) {
  on_every_target([] {
    EXPECT_EQ(read("1.5;2.5\n3.5;4.5\n", 2, ';').values, (std::vector<double>{1.5, 2.5, 3.5, 4.5}));
    EXPECT_EQ(read("1.5\t2.5\r\n3.5\t4.5\r\n", 2, '\t').values, (std::vector<double>{1.5, 2.5, 3.5, 4.5}));
    const Rows gaps = read(",2.5\n3.5,4.5\n", 2);
    ASSERT_EQ(gaps.rows, 2);
    EXPECT_TRUE(std::isnan(gaps.values[0]));
    EXPECT_EQ(gaps.values[3], 4.5);
    EXPECT_EQ(read("\r\n1.5\r\n", 1).rows, 0) << "a blank line is none";
    EXPECT_EQ(read("1.5,2.5\n3.5,4.5\n5.5,6.5\n", 2, ',', 2).rows, 2) << "no more than are wanted";
  });
}

/// Numbers in three columns and a fourth, and here and there what is none, or not for the fast reader.
std::string text_with_oddities() {
  std::mt19937 random(11);
  const std::vector<std::string> odd = {"", "NA", "odd", "1e39", "\"2.5\"", " 3.5"};
  std::string text = "a,b,c,skip\n";
  for (int row = 0; row < 40'000; ++row) {
    for (int column = 0; column < 4; ++column) {
      const auto kind = random() % 400;
      text += kind < odd.size() ? odd[kind] : any_number(random);
      text += column < 3 ? "," : random() % 50 == 0 ? "\r\n" : random() % 500 == 0 ? "\n\n" : "\n";
    }
  }
  return text;
}

void expect_same(const RawColumn& a, const RawColumn& b) {
  ASSERT_EQ(a.numbers.size(), b.numbers.size());
  for (size_t row = 0; row < b.numbers.size(); ++row) {
    ASSERT_TRUE(a.numbers[row] == b.numbers[row] || (std::isnan(a.numbers[row]) && std::isnan(b.numbers[row]))) << row;
  }
  EXPECT_EQ(a.missing, b.missing);
  EXPECT_EQ(a.first_missing->row, b.first_missing->row);
  EXPECT_EQ(a.first_missing->line, b.first_missing->line);
  EXPECT_EQ(a.odd, b.odd);
  EXPECT_EQ(a.first_odd->line, b.first_odd->line);
  EXPECT_EQ(a.first_too_large->line, b.first_too_large->line);
}

/// Reads the same text with and without the fast reader, which a column that is skipped turns off.
TEST(CsvNumberRows, AgreesWithTheGeneralReader) {
  const std::string text = text_with_oddities();
  const auto read_as = [&](CellRole last) {
    CsvTableReader reader(text, "t.csv", {.header = HeaderMode::Yes});
    RawTable table = reader.empty_table({CellRole::Number, CellRole::Number, CellRole::Number, last});
    while (reader.read(table, 10'000) > 0) {
    }
    return table;
  };
  const RawTable slow = read_as(CellRole::Skip);
  on_every_target([&] {
    const RawTable fast = read_as(CellRole::Number);
    ASSERT_EQ(fast.rows, 40'000);
    EXPECT_EQ(fast.lines, slow.lines);
    for (size_t column = 0; column < 3; ++column) expect_same(fast.columns[column], slow.columns[column]);
  });
}

TEST(Decimal, PowersOfTenAndTheirExponents) {
  for (int k = 1; k <= 22; ++k) {
    EXPECT_EQ(kExactPowers[static_cast<size_t>(k)], std::pow(10.0, k));
    EXPECT_EQ(exponent_of(std::pow(10.0, k)), k);
    EXPECT_EQ(exponent_of(-std::pow(10.0, k)), k);
  }
}

}  // namespace
}  // namespace redbud
