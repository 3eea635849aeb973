#include "redbud/cli/command_line.h"

#include <gtest/gtest.h>

#include "redbud/testing/core/throws_error.h"

namespace redbud::cli {
namespace {

struct Options {
  std::string data;
  std::optional<std::string> more;
  int64_t count = 7;
  double rate = 0.5;
  bool quick = false;
  std::vector<std::string> names;
};

int do_nothing(Options&, Console&) { return kExitOk; }

Command command() {
  return CommandBuilder<Options>("try", "Try things", do_nothing)
      .argument("DATA", &Options::data, "what to read")
      .optional_argument("MORE", &Options::more, "what else")
      .option("--count", &Options::count, "N", "how many", from_to(0, 10))
      .option("--rate", &Options::rate, "X", "how fast", share())
      .list_option("--name", &Options::names, "NAME", "who")
      .flag("--quick", &Options::quick, "in a hurry")
      .example("  redbud try x\n")
      .build();
}

Options parse(const std::vector<std::string>& words) {
  Options options;
  parse_command_line(command(), words, &options);
  return options;
}

TEST(CommandLine, ReadsOptionsInBothFormsAndAnyOrder) {
  const Options options =
      parse({"--count=3", "x.csv", "--quick", "--rate", "0.25", "--name", "a", "--name=b=c", "-", "--count", "4"});
  EXPECT_EQ(options.data, "x.csv");
  EXPECT_EQ(options.more, "-");
  EXPECT_EQ(options.count, 4);  // the last one counts
  EXPECT_EQ(options.rate, 0.25);
  EXPECT_TRUE(options.quick);
  EXPECT_EQ(options.names, (std::vector<std::string>{"a", "b=c"}));
}

TEST(CommandLine, ValuesMayBeginWithADashAndTwoDashesEndTheOptions) {
  EXPECT_EQ(parse({"x", "--name", "-1"}).names.front(), "-1");
  EXPECT_EQ(parse({"--", "--quick"}).data, "--quick");
  EXPECT_FALSE(parse({"--", "--quick"}).quick);
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
  EXPECT_TRUE(throws_error(
      [] {
        parse({"x", "--cuont", "3"});
      },
      ErrorKind::Usage, "unknown option \"--cuont\"; did you mean --count?"));
  EXPECT_TRUE(throws_error([] { parse({"x", "-q"}); }, ErrorKind::Usage, "see `redbud try --help`"));
  EXPECT_TRUE(throws_error([] { parse({"x", "--count"}); }, ErrorKind::Usage, "--count: has no value, expected N"));
  EXPECT_TRUE(throws_error([] { parse({"x", "--quick=1"}); }, ErrorKind::Usage, "--quick: takes no value (\"1\")"));
  EXPECT_TRUE(throws_error([] { parse({}); }, ErrorKind::Usage, "the argument DATA is missing"));
  EXPECT_TRUE(throws_error([] { parse({"a", "b", "c"}); }, ErrorKind::Usage, "one argument too many (\"c\")"));
}

TEST(CommandLine, RefusesValuesOutOfRange) {
  EXPECT_TRUE(throws_error(
      [] {
        parse({"x", "--count", "11"});
      },
      ErrorKind::Usage, "(\"11\"), expected a whole number from 0 to 10"));
  EXPECT_TRUE(throws_error([] { parse({"x", "--count", "1.5"}); }, ErrorKind::Usage, "a whole number"));
  EXPECT_TRUE(throws_error([] { parse({"x", "--rate", "1"}); }, ErrorKind::Usage, "a number from 0 to below 1"));
  EXPECT_TRUE(throws_error([] { parse({"x", "--rate", "nan"}); }, ErrorKind::Usage, "(\"nan\")"));
}

TEST(CommandLine, HelpNamesEverythingInItsColumns) {
  const std::string help = help_text(command());
  for (const char* part : {"Usage: redbud try DATA [MORE] [options]", "\n  DATA ", "\n  --count N ", "\n  --quick ",
                           "Example\n  redbud try x\n"}) {
    EXPECT_NE(help.find(part), std::string::npos) << part << " is not in\n" << help;
  }
}

}  // namespace
}  // namespace redbud::cli
