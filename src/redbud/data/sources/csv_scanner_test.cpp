#include "redbud/data/sources/csv_scanner.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "redbud/core/bytes.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

using Record = std::vector<std::string>;
using std::string_literals::operator""s;

struct Scanned {
  std::vector<Record> records;
  std::vector<int64_t> lines;
  std::vector<int64_t> offsets;
  std::vector<std::string> bad;
};

Scanned scan(std::string_view text, char separator = ',') {
  MemorySource source(as_bytes(text));
  CsvScanner scanner(source, "t.csv", separator);
  Scanned result;
  while (true) {
    const CsvScanner::Found found = scanner.next();
    if (found == CsvScanner::Found::End) return result;
    if (found == CsvScanner::Found::BadRecord) {
      result.bad.push_back(to_line(scanner.fault()));
      continue;
    }
    result.records.emplace_back(scanner.cells().begin(), scanner.cells().end());
    result.lines.push_back(scanner.line());
    result.offsets.push_back(scanner.offset());
  }
}

TEST(CsvScanner, CutsRecordsAndCells) {
  const Scanned s = scan("a,b\n1,2\n");
  EXPECT_EQ(s.records, (std::vector<Record>{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(s.lines, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(s.offsets, (std::vector<int64_t>{0, 4}));
}

TEST(CsvScanner, TakesEveryLineEndAndNone) {
  EXPECT_EQ(scan("a,b\r\n1,2\r3,4\n5,6").records,
            (std::vector<Record>{{"a", "b"}, {"1", "2"}, {"3", "4"}, {"5", "6"}}));
  EXPECT_EQ(scan("a,b\r\n\r\n1,2\r\r3,4\n\n5,6\n\n").lines, (std::vector<int64_t>{1, 3, 5, 7}));
  EXPECT_EQ(scan("a,\n,b\n").records, (std::vector<Record>{{"a", ""}, {"", "b"}}));
}

TEST(CsvScanner, PassesOverBlankLinesButNotQuotedEmptyCells) {
  EXPECT_EQ(scan("a\n \t\n\n\"\"\nb\n").records, (std::vector<Record>{{"a"}, {""}, {"b"}}));
  EXPECT_TRUE(scan("\n\n  \n").records.empty());
  EXPECT_TRUE(scan("").records.empty());
}

TEST(CsvScanner, DropsTheByteOrderMark) {
  EXPECT_EQ(scan("\xEF\xBB\xBFname,b\n").records, (std::vector<Record>{{"name", "b"}}));
}

TEST(CsvScanner, ReadsQuotes) {
  EXPECT_EQ(scan("\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\nx,y,z\n").records,
            (std::vector<Record>{{"a,b", "say \"hi\"", "two\nlines"}, {"x", "y", "z"}}));
  EXPECT_EQ(scan("\"a\r\n\nb\",c\nd,e\n").lines, (std::vector<int64_t>{1, 4}));
  EXPECT_EQ(scan("\"\"\"\",b\n").records, (std::vector<Record>{{"\"", "b"}}));
  EXPECT_EQ(scan("5\" disk,b\n").records,
            (std::vector<Record>{{"5\" disk", "b"}}));  // a quote inside a plain cell is text
}

TEST(CsvScanner, TrimsPlainCellsAndKeepsQuotedOnes) {
  EXPECT_EQ(scan(" a ,\tb\t, \" c \" ,d\n").records, (std::vector<Record>{{"a", "b", " c ", "d"}}));
}

TEST(CsvScanner, OtherSeparators) {
  EXPECT_EQ(scan("a;b,c\n", ';').records, (std::vector<Record>{{"a", "b,c"}}));
  EXPECT_EQ(scan("a\t\tb \n", '\t').records, (std::vector<Record>{{"a", "", "b"}}));
  EXPECT_EQ(scan("  a  b \t c \nd e\tf\n", kBlanks).records, (std::vector<Record>{{"a", "b", "c"}, {"d", "e", "f"}}));
  EXPECT_EQ(scan("\"a b\" c\n", kBlanks).records, (std::vector<Record>{{"a b", "c"}}));
}

TEST(CsvScanner, NamesTheOpeningLineOfAQuoteThatIsNeverClosed) {
  const auto read = [] { scan("a,b\n1,2\n3,\"four\n5,6\n7,8\n"); };
  EXPECT_TRUE(throws_error(read, ErrorKind::Data, "t.csv:3 (byte 10): a quote is opened here and never closed"));
}

TEST(CsvScanner, TextAfterAClosingQuoteIsABadRecord) {
  const Scanned s = scan("a,b\n\"1\"x,2\n3,4\n");
  EXPECT_EQ(s.records, (std::vector<Record>{{"a", "b"}, {"3", "4"}}));
  ASSERT_EQ(s.bad.size(), 1U);
  EXPECT_NE(s.bad[0].find("t.csv:2 (byte 7): text follows the closing quote"), std::string::npos) << s.bad[0];
}

TEST(CsvScanner, NamesBytesThatAreNotUtf8) {
  const Scanned s = scan("name,b\nJos\xE9,2\n\xC3\xA9t\xC3\xA9,3\n");  // Latin-1, then UTF-8
  EXPECT_EQ(s.records, (std::vector<Record>{{"name", "b"}, {"\xC3\xA9t\xC3\xA9", "3"}}));
  ASSERT_EQ(s.bad.size(), 1U);
  EXPECT_NE(s.bad[0].find("t.csv:2 (byte 10): bytes that are not UTF-8 (0xE9)"), std::string::npos) << s.bad[0];
}

TEST(CsvScanner, NamesNulBytes) {
  const Scanned s = scan("a,b\n1,2\n3,\0\n4,5\n"s);
  EXPECT_EQ(s.records.size(), 3U);
  ASSERT_EQ(s.bad.size(), 1U);
  EXPECT_NE(s.bad[0].find("t.csv:3 (byte 10): a NUL byte"), std::string::npos) << s.bad[0];
}

TEST(CsvScanner, NamesTheLineInsideAQuotedCell) {
  const Scanned s = scan("a,b\n\"x\ny\xFF\",2\n");
  ASSERT_EQ(s.bad.size(), 1U);
  EXPECT_NE(s.bad[0].find("t.csv:3 (byte 8)"), std::string::npos) << s.bad[0];
}

TEST(CsvScanner, RefusesUtf16) {
  EXPECT_TRUE(throws_error([] { scan("\xFF\xFEn\0"s); }, ErrorKind::Data,
                           "t.csv:1 (byte 0): the text is UTF-16, expected UTF-8"));
  EXPECT_TRUE(throws_error([] { scan("\xFE\xFF\0n"s); }, ErrorKind::Data, "UTF-16"));
}

TEST(CsvScanner, BoundsACell) {
  const std::string large(2 * static_cast<size_t>(CsvScanner::kMaxCellBytes), 'x');
  EXPECT_TRUE(
      throws_error([&] { scan("a,b\n1," + large); }, ErrorKind::Data, "t.csv:2 (byte 6): a cell is longer than 17 MB"));
  EXPECT_TRUE(throws_error([&] { scan("a,b\n\"1\n" + large); }, ErrorKind::Data,
                           "t.csv:2 (byte 4): a quoted cell that begins here"));
  EXPECT_TRUE(throws_error([&] { scan("a,b\n1," + std::string(large.size(), '\0')); }, ErrorKind::Data, "NUL bytes"));
  const std::string fits(static_cast<size_t>(CsvScanner::kMaxCellBytes) - 1000, 'x');
  EXPECT_EQ(scan(fits + ",b\n").records[0][0].size(), fits.size());
}

TEST(CsvScanner, GoesBackOneRecord) {
  MemorySource source(as_bytes("a,b\n\"1\n\",2\n3,4\n"));
  CsvScanner scanner(source, "t.csv");
  scanner.next();
  scanner.next();
  scanner.unread();
  scanner.next();
  EXPECT_EQ(scanner.cells()[0], "1\n");
  scanner.next();
  EXPECT_EQ(scanner.line(), 4);
}

/// Cells of every kind, written with as many quotes as they need, in lines of all lengths: so many that the buffer's
/// border falls everywhere.
TEST(CsvScanner, SeesNoBufferBorders) {
  std::mt19937 random(7);
  const std::vector<std::string> parts = {"a", ",", "\"", "\n", "\r\n", " ", "x1", "\xC3\xA9", "long text", "\t", "\r"};
  std::string text;
  std::vector<Record> expected;
  while (text.size() < 1'500'000) {
    Record record;
    for (int column = 0; column < 3; ++column) {
      std::string cell = "c";
      for (auto n = random() % 6; n > 0; --n) cell += parts[random() % parts.size()];
      if (random() % 300 == 0) cell.append(20'000, 'y');
      cell += 'd';
      const bool plain = cell.find_first_of(",\"\n\r") == std::string::npos;
      if (column > 0) text += ',';
      if (plain && random() % 2 == 0) {
        text += cell;
      } else {
        text += '"';
        for (char c : cell) text += c == '"' ? "\"\"" : std::string(1, c);
        text += '"';
      }
      record.push_back(std::move(cell));
    }
    text += random() % 2 == 0 ? "\n" : "\r\n";
    expected.push_back(std::move(record));
  }
  const Scanned s = scan(text);
  ASSERT_EQ(s.records.size(), expected.size());
  EXPECT_TRUE(s.bad.empty());
  for (size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(s.records[i], expected[i]) << "record " << i;
}

/// Gives its bytes a few at a time, as a slow device would.
class SlowSource final : public ByteSource {
 public:
  explicit SlowSource(std::string_view text) : rest_(text) {}
  int64_t read(std::span<std::byte> bytes) override {
    const size_t count = std::min({bytes.size(), rest_.size(), size_t{3}});
    std::memcpy(bytes.data(), rest_.data(), count);
    rest_.remove_prefix(count);
    return static_cast<int64_t>(count);
  }

 private:
  std::string_view rest_;
};

TEST(CsvScanner, TakesWhatASourceGives) {
  SlowSource source("a,b\r\n\"1\"\"\",2\r\n");
  CsvScanner scanner(source, "t.csv");
  EXPECT_EQ(scanner.peek(4), "a,b\r");
  scanner.next();
  scanner.next();
  EXPECT_EQ(scanner.cells()[0], "1\"");
  EXPECT_EQ(scanner.next(), CsvScanner::Found::End);
}

}  // namespace
}  // namespace redbud
