// Data that can't be learned from as they are: each is refused with its place before training, or used in a way that is
// said. Rows 21, 23 to 29, 33, 35, 38 and 42 of what must be survived.
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/cli_test_support.h"

namespace redbud {
namespace {

Outcome train_on(const TempFolder& folder, const std::string& text, std::vector<std::string> more = {}) {
  const Path data = folder.write("data.csv", text);
  std::vector<std::string> words = {"train",    data.string(), "--out",    (folder / "run").string(),
                                    "--epochs", "1",           "--hidden", "8"};
  words.insert(words.end(), more.begin(), more.end());
  return run_redbud(words);
}

/// `good` rows of a table with columns a, b, label; then `more`.
std::string table_with(const std::string& more, int good = 60) {
  std::string text = "a,b,label\n";
  for (int i = 0; i < good; ++i)
    text += fmt::format("{}.5,{}.25,{}\n", i * 7919 % 997, i * 104729 % 1009, i % 2 == 0 ? "yes" : "no");
  return text + more;
}

struct Bad {
  const char* name;
  std::string text;
  std::vector<std::string> parts;
  std::vector<std::string> options = {};
  friend std::ostream& operator<<(std::ostream& out, const Bad& bad) { return out << bad.name; }
};

class BadTable : public ::testing::TestWithParam<Bad> {};

TEST_P(BadTable, IsRefusedWithItsPlaceAndLeavesNothing) {
  const TempFolder folder;
  EXPECT_TRUE(fails(train_on(folder, GetParam().text, GetParam().options), 3, GetParam().parts));
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));
  const Outcome json = train_on(folder, GetParam().text, [&] {
    std::vector<std::string> options = GetParam().options;
    options.emplace_back("--json");
    return options;
  }());
  EXPECT_EQ(json.exit_code, 3);
  EXPECT_EQ(json.error_lines().size(), 1U) << json.err;
  EXPECT_NE(last_record({.out = json.err}).find("error"), nullptr);
}

INSTANTIATE_TEST_SUITE_P(
    Data, BadTable,
    ::testing::Values(
        Bad{"Inf", table_with("inf,1.5,yes\n"), {"data.csv:62", "\"a\"", "inf"}},
        Bad{"MinusInfinity", table_with("1.5,-Infinity,yes\n"), {"data.csv:62", "\"b\"", "-Infinity"}},
        Bad{"TooLargeForFloat", table_with("1e39,1.5,yes\n"), {"data.csv:62", "\"a\"", "1e39"}},
        Bad{"MissingIsAnError", table_with(",1.5,yes\n"), {"data.csv:62", "\"a\""}, {"--missing", "error"}},
        Bad{"MissingTarget", table_with("1.5,2.5,\n"), {"data.csv:62", "\"label\""}},
        Bad{"TooFewFields", table_with("1.5,2.5\n"), {"data.csv:62", "2", "3"}},
        Bad{"TooManyFields", table_with("1.5,2.5,yes,9\n"), {"data.csv:62", "4", "3"}},
        Bad{"UnclosedQuote", table_with("1.5,2.5,\"yes\n") + table_with(""), {"data.csv:62"}},
        Bad{"NulByte", table_with(std::string("1.5,2.5,y\0s\n", 12)), {"data.csv:62"}},
        Bad{"InvalidUtf8", table_with("1.5,2.5,y\xff\n"), {"data.csv:62"}},
        Bad{"Latin1Header",
            "a,b,stra\xdf"
            "e\n1,2,x\n2,3,y\n",
            {"data.csv:1"}},
        Bad{"Utf16",
            std::string("\xff\xfe"
                        "a\0,\0b\0\n\0",
                        10),
            {"data.csv", "UTF-16"}},
        Bad{"Empty", "", {"data.csv", "no rows"}}, Bad{"HeaderOnly", "a,b,label\n", {"data.csv"}},
        Bad{"OneRow", "a,b,label\n1.5,2.5,yes\n", {"data.csv"}},
        Bad{"OneClass",
            "a,b,label\n" +
                [] {
                  std::string rows;
                  for (int i = 0; i < 40; ++i) rows += fmt::format("{}.5,{},yes\n", i * 7919 % 997, i % 7);
                  return rows;
                }(),
            {"class"}},
        Bad{"DuplicateColumn", "a,a,label\n1.5,2,yes\n2.5,3,no\n", {"data.csv", "\"a\""}},
        Bad{"NoSuchTarget", table_with(""), {"labl", "did you mean", "label"}, {"--target", "labl"}},
        Bad{"TargetNumberTooLarge", table_with(""), {"7"}, {"--target", "7"}},
        Bad{"EmptyValidation", table_with("", 3), {"validation"}, {"--validation", "0.01"}},
        Bad{"ValidationTakesAll", table_with(""), {"60"}, {"--validation", "60"}}),
    [](const auto& bad) { return std::string(bad.param.name); });

TEST(Data, ByteOrderMarkLineEndsAndBlankLinesAreRead) {
  for (const auto& [name, from, to] : {std::tuple{"CRLF", "\n", "\r\n"}, std::tuple{"LF", "\n", "\n"}}) {
    std::string text = "\xef\xbb\xbf" + table_with("\n\n");
    if (std::string(to) != from) {
      for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += 2) text.replace(at, 1, to);
    }
    const TempFolder folder;
    const Outcome outcome = train_on(folder, text);
    EXPECT_TRUE(succeeds(outcome)) << name;
    EXPECT_NE(outcome.err.find("rows: 48 to train, 12 to validate"), std::string::npos) << outcome.err;
  }
}

TEST(Data, MissingCellsAreFilledOrDropped) {
  const TempFolder folder;
  const std::string text = table_with(",1.5,yes\nNA,2.5,no\n?,,yes\n");
  EXPECT_TRUE(succeeds(train_on(folder, text)));
  const Outcome drop = train_on(folder, text, {"--missing", "drop", "--overwrite", "--json"});
  ASSERT_TRUE(succeeds(drop));
  const ConfigValue done = last_record(drop);
  EXPECT_EQ(
      done.find("train")->find("rows")->as_integer("rows") + done.find("validation")->find("rows")->as_integer("rows"),
      60);
}

TEST(Data, BadRowsCanBeSkippedAndAreKept) {
  const TempFolder folder;
  const Outcome outcome = train_on(folder, table_with("1.5,2.5\n3.5,4.5,yes,7\n"), {"--skip-bad-rows"});
  ASSERT_TRUE(succeeds(outcome));
  EXPECT_NE(outcome.err.find("2 rows left out because they can't be read"), std::string::npos) << outcome.err;
  const std::string rejects = text_of(folder / "run/rejects.csv");
  EXPECT_NE(rejects.find("62"), std::string::npos) << rejects;
  EXPECT_NE(rejects.find("3.5,4.5,yes,7"), std::string::npos) << rejects;
}

TEST(Data, AClassThatTrainingDoesNotHaveIsRefusedInValidationAndTest) {
  for (const char* option : {"--validation", "--test"}) {
    for (const char* threads : {"1", "2"}) {
      const TempFolder folder;
      const Path other = folder.write("other.csv", "a,b,label\n1.5,2.5,yes\n2.5,3.5,maybe\n");
      EXPECT_TRUE(fails(train_on(folder, table_with(""), {option, other.string(), "--threads", threads}), 3,
                        {"other.csv:3", "maybe", "no", "yes"}));
    }
  }
}

TEST(Data, FullStopsAfterTheLabelsOfATestFileAreMatchedAndThatIsSaid) {
  const TempFolder folder;
  const Path other = folder.write("other.csv", "a,b,label\n1.5,2.5, yes.\n2.5,3.5,no.\n");
  const Outcome outcome = train_on(folder, table_with(""), {"--test", other.string()});
  ASSERT_TRUE(succeeds(outcome));
  EXPECT_NE(outcome.err.find("full stop"), std::string::npos) << outcome.err;
}

TEST(Data, ConstantColumnAndLeakAreWarnings) {
  const TempFolder folder;
  std::string text = "a,same,copy,label\n";
  for (int i = 0; i < 60; ++i)
    text += fmt::format("{}.5,7,{},{}\n", i * 7919 % 997, i % 2 == 0 ? "ja" : "nein", i % 2 == 0 ? "yes" : "no");
  const Outcome outcome = train_on(folder, text);
  ASSERT_TRUE(succeeds(outcome));
  EXPECT_NE(outcome.err.find("redbud: warning: column \"same\""), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("redbud: warning: column \"copy\""), std::string::npos) << outcome.err;
}

TEST(Data, BatchOfOneRowWithBatchNormIsSaidAtTheStart) {
  const TempFolder folder;
  EXPECT_TRUE(fails(train_on(folder, table_with(""), {"--batch-size", "1"}), 2,
                    {"batch_size", "(1)", "at least 2", "--batch-norm none"}));
  EXPECT_TRUE(succeeds(train_on(folder, table_with(""), {"--batch-size", "1", "--batch-norm", "none"})));
  // 48 training rows: a last batch of one row goes to the batch before it.
  EXPECT_TRUE(succeeds(train_on(folder, table_with(""), {"--batch-size", "47", "--overwrite"})));
}

TEST(Data, WhatIsNoDataFileIsRefusedAtOnce) {
  const TempFolder folder;
  const Path fifo = folder / "fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const Path socket_path = folder / "socket";
  const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path.c_str());
  ASSERT_EQ(bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  std::filesystem::create_directory(folder / "folder");
  for (const Path& path :
       {Path("/dev/zero"), Path("/no/such.csv"), fifo, socket_path, folder / "folder", folder.write("zero.csv", "")}) {
    for (const char* verb : {"train", "check"}) {
      const Outcome outcome = run_redbud({verb, path.string()}, {.folder = folder.path(), .timeout_s = 20});
      EXPECT_EQ(outcome.exit_code, 3) << path << outcome.err;
      EXPECT_NE((outcome.out + outcome.err).find(path.string()), std::string::npos) << outcome.err;
    }
  }
  close(descriptor);
}

TEST(Data, AFileWithoutReadPermissionIsRefused) {
  ASSERT_TRUE(has_program("setpriv"));
  const TempFolder folder;
  const Path data = folder.write("secret.csv", table_with(""));
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(data, std::filesystem::perms::owner_read);
  std::vector<std::string> before;
  if (geteuid() == 0) {
    before = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
  } else {
    std::filesystem::permissions(data, std::filesystem::perms::none);
  }
  EXPECT_TRUE(fails(run_redbud({"train", data.string(), "--out", "/tmp/never"}, {.before = before}), 3,
                    {data.string(), "ermission"}));
}

struct Array {
  const char* name;
  const char* file;
  std::string bytes;
  friend std::ostream& operator<<(std::ostream& out, const Array& array) { return out << array.name; }
};

std::string npy(const std::string& header, const std::string& data) {
  std::string text = std::string("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(header.size() & 255);
  text += static_cast<char>(header.size() >> 8);
  return text + header + data;
}

class BadArray : public ::testing::TestWithParam<Array> {};

TEST_P(BadArray, IsRefusedBeforeMemoryIsAskedFor) {
  const TempFolder folder;
  const Path data = folder.write(GetParam().file, GetParam().bytes);
  EXPECT_TRUE(fails(run_redbud({"train", data.string(), "--out", (folder / "run").string()}), 3, {GetParam().file}));
}

INSTANTIATE_TEST_SUITE_P(
    Data, BadArray,
    ::testing::Values(
        Array{"Pickle", "a.npy", npy("{'descr': '|O', 'fortran_order': False, 'shape': (3,), }\n", "cos\nsystem\n")},
        Array{"Overflow", "a.npy",
              npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }\n", "1234")},
        Array{"Negative", "a.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-3, 4), }\n", "1234")},
        Array{"TooShort", "a.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (100, 4), }\n", "1234")},
        Array{"HugeHeader", "a.npy", npy(std::string(60000, ' '), "")}, Array{"NoHeader", "a.npy", "\x93NUMPY"},
        Array{"NoZip", "a.npz", "PK\x03\x04 and then nothing"},
        Array{"EmptyZip", "a.npz", std::string("PK\x05\x06", 4) + std::string(18, '\0')}),
    [](const auto& array) { return std::string(array.param.name); });

TEST(Data, AFolderOfBadIdxFilesIsRefused) {
  const TempFolder folder;
  const auto number = [](uint32_t value) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 255);
    return text;
  };
  const std::string labels = number(0x801) + number(4) + std::string("\0\1\0\1", 4);
  const auto train = [&](const std::string& images) {
    std::filesystem::create_directories(folder / "idx");
    folder.write("idx/train-images-idx3-ubyte", images);
    folder.write("idx/train-labels-idx1-ubyte", labels);
    return run_redbud({"train", (folder / "idx").string(), "--out", (folder / "run").string()});
  };
  EXPECT_TRUE(
      fails(train(number(0x803) + number(4) + number(28) + number(28) + std::string(100, 'x')), 3, {"train-images"}));
  EXPECT_TRUE(
      fails(train(number(0x803) + number(0xffffffff) + number(0xffffffff) + number(0xffffffff)), 3, {"train-images"}));
  EXPECT_TRUE(fails(train(number(0x803) + number(3) + number(2) + number(2) + std::string(12, 'x')), 3, {"idx"}));
  EXPECT_TRUE(fails(train(std::string("\x03\x08\0\0", 4) + number(4)), 3, {"train-images"}));
}

TEST(Data, CheckListsWhatIsWrong) {
  const TempFolder folder;
  const Path data = folder.write("bad.csv", table_with("1.5,2.5\n3.5,4.5,yes,7\n"));
  const Outcome outcome = run_redbud({"check", data.string()});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_NE(outcome.out.find("bad.csv: line 62: "), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("bad.csv: line 63: "), std::string::npos) << outcome.out;
}

}  // namespace
}  // namespace redbud
