// What a careful writer writes, the reader reads: properties over random tables.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "redbud/core/bytes.h"
#include "redbud/core/text.h"
#include "redbud/data/sources/cell_text.h"
#include "redbud/data/sources/csv_table.h"

namespace redbud {
namespace {

std::string quoted(const std::string& text) {
  std::string cell = "\"";
  for (char c : text) cell += c == '"' ? "\"\"" : std::string(1, c);
  return cell + '"';
}

RawTable read(const std::string& text, const std::vector<CellRole>& roles) {
  CsvTableReader reader(text, "t.csv", {.header = HeaderMode::Yes});
  RawTable table = reader.empty_table(roles);
  while (reader.read(table, 1000) > 0) {
  }
  return table;
}

/// Any bytes but NUL, as UTF-8.
rc::Gen<std::string> any_text() {
  return rc::gen::map(rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 0x800)),
                      [](const std::vector<int>& code_points) {
                        std::string text;
                        for (int c : code_points) {
                          if (c < 0x80) {
                            text += static_cast<char>(c);
                          } else {
                            text += static_cast<char>(0xC0 | c >> 6);
                            text += static_cast<char>(0x80 | (c & 63));
                          }
                        }
                        return text;
                      });
}

TEST(CsvRoundTrip, Texts) {
  EXPECT_TRUE(rc::check([] {
    const auto rows = *rc::gen::container<std::vector<std::vector<std::string>>>(
        rc::gen::container<std::vector<std::string>>(3, any_text()));
    const auto ends = *rc::gen::element(std::string("\n"), std::string("\r\n"), std::string("\r"));
    std::string text = "a,b,c" + ends;
    for (const auto& row : rows) text += quoted(row[0]) + "," + quoted(row[1]) + "," + quoted(row[2]) + ends;
    const RawTable table = read(text, {CellRole::Text, CellRole::Text, CellRole::Text});
    RC_ASSERT(table.rows == static_cast<int64_t>(rows.size()));
    for (size_t i = 0; i < rows.size(); ++i) {
      for (size_t j = 0; j < 3; ++j) {
        const RawColumn& column = table.columns[j];
        if (is_missing(rows[i][j])) {
          RC_ASSERT(column.codes[i] == -1);
        } else {
          RC_ASSERT((*column.levels)[column.codes[i]] == rows[i][j]);
        }
      }
    }
  }));
}

/// Any finite double whose magnitude a float holds, by its bits; in the shortest text, and with all 17 digits.
TEST(CsvRoundTrip, Numbers) {
  EXPECT_TRUE(rc::check([] {
    const auto bits = *rc::gen::container<std::vector<uint64_t>>(rc::gen::arbitrary<uint64_t>());
    NumberVector numbers;
    for (uint64_t b : bits) {
      double value = 0;
      std::memcpy(&value, &b, sizeof value);
      if (std::isfinite(value)) numbers.push_back(value);
    }
    std::string text = "a,b\n";
    for (double value : numbers) {
      char exact[64];
      std::snprintf(exact, sizeof exact, "%.17g", value);
      text += format_number(value) + "," + exact + "\n";
    }
    const RawTable table = read(text, {CellRole::Number, CellRole::Number});
    RC_ASSERT(table.columns[0].numbers == numbers);
    RC_ASSERT(table.columns[1].numbers == numbers);
  }));
}

/// Decimal texts of every shape against strtod, which is exact.
TEST(CsvRoundTrip, DecimalTexts) {
  EXPECT_TRUE(rc::check([] {
    const auto digits = [](int least) {
      return *rc::gen::suchThat(rc::gen::container<std::string>(rc::gen::inRange<char>('0', '9' + 1)),
                                [=](const std::string& s) { return static_cast<int>(s.size()) >= least; });
    };
    std::vector<std::string> cells;
    const int count = *rc::gen::inRange(1, 40);
    for (int i = 0; i < count; ++i) {
      std::string cell = *rc::gen::element(std::string(), std::string("-"), std::string("+"));
      cell += digits(1);
      if (*rc::gen::arbitrary<bool>()) cell += "." + digits(1);
      if (*rc::gen::inRange(0, 4) == 0)
        cell += *rc::gen::element(std::string("e"), std::string("E-"), std::string("e+")) +
                std::to_string(*rc::gen::inRange(0, 40));
      cells.push_back(cell);
    }
    std::string text = "a,b\n";
    for (const std::string& cell : cells) text += cell + ", " + cell + " \n";
    const RawTable table = read(text, {CellRole::Number, CellRole::Number});
    for (size_t i = 0; i < cells.size(); ++i) {
      const double expected = std::strtod(cells[i].c_str(), nullptr);
      RC_ASSERT(table.columns[0].numbers[i] == expected);
      RC_ASSERT(table.columns[1].numbers[i] == expected);
    }
  }));
}

}  // namespace
}  // namespace redbud
