// The progress bar, as someone at a terminal sees it.
#include "redbud/core/text.h"
#include "support/cli_test_support.h"

namespace redbud {
namespace {

Outcome train_digits(const TempFolder& folder, ProcessSetup setup) {
  setup.environment.emplace_back("TERM", "xterm");
  return run_redbud({"train", digits().string(), "--out", (folder / "run").string(), "--seed", "1", "--epochs", "3",
                     "--hidden", "256,256", "--batch-size", "8"},
                    setup);
}

/// What stands on the screen at the end: a carriage return goes back, ESC [ K clears to the right, all else is shown.
std::vector<std::string> screen_of(const std::string& stream) {
  std::vector<std::string> lines(1);
  size_t column = 0;
  for (size_t i = 0; i < stream.size(); ++i) {
    std::string& line = lines.back();
    if (stream[i] == '\r') {
      column = 0;
    } else if (stream[i] == '\n') {
      lines.emplace_back();
      column = 0;
    } else if (stream.compare(i, 3, "\033[K") == 0) {
      line.resize(column);
      i += 2;
    } else {
      line.resize(std::max(line.size(), column + 1), ' ');
      line[column++] = stream[i];
    }
  }
  return lines;
}

/// The texts that were drawn over one another: between a carriage return and the next ESC [ K.
std::vector<std::string> bars_of(const std::string& stream) {
  std::vector<std::string> bars;
  for (const std::string& part : split(stream, '\r')) {
    const size_t end = part.find("\033[K");
    if (end != std::string::npos && end > 0) bars.push_back(part.substr(0, end));
  }
  return bars;
}

bool is_bar(const std::string& line) { return line.find(" [") != std::string::npos && line.starts_with("epoch "); }

TEST(ProgressBar, ShowsLossSpeedAndTimeLeft) {
  const TempFolder folder;
  const Outcome outcome = train_digits(folder, {.terminal_columns = 120});
  ASSERT_TRUE(succeeds(outcome));
  const std::vector<std::string> bars = bars_of(outcome.err);
  ASSERT_FALSE(bars.empty()) << outcome.err;
  for (const std::string& bar : bars) {
    EXPECT_TRUE(is_bar(bar)) << bar;
    EXPECT_TRUE(bar.starts_with("epoch 1/3 [") || bar.starts_with("epoch 2/3 [") || bar.starts_with("epoch 3/3 ["));
    EXPECT_NE(bar.find("] loss "), std::string::npos) << bar;
    EXPECT_NE(bar.find(" rows/s"), std::string::npos) << bar;
    EXPECT_TRUE(bar.ends_with(" left")) << bar;
    EXPECT_LT(bar.size(), 120U) << bar;
  }
}

TEST(ProgressBar, LeavesOnlyWholeLinesBehind) {
  const TempFolder folder;
  const Outcome outcome = train_digits(folder, {.terminal_columns = 120});
  ASSERT_TRUE(succeeds(outcome));
  const std::vector<std::string> screen = screen_of(outcome.err);
  EXPECT_EQ(screen.back(), "");  // the prompt comes at the start of a line
  int epochs = 0;
  for (const std::string& line : screen) {
    EXPECT_FALSE(is_bar(line)) << line;
    epochs += line.starts_with("epoch ") && line.find(": loss ") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(epochs, 3) << outcome.err;
}

TEST(ProgressBar, FitsANarrowTerminal) {
  const TempFolder folder;
  const Outcome outcome = train_digits(folder, {.terminal_columns = 40});
  ASSERT_TRUE(succeeds(outcome));
  const std::vector<std::string> bars = bars_of(outcome.err);
  ASSERT_FALSE(bars.empty()) << outcome.err;
  for (const std::string& bar : bars) EXPECT_LT(bar.size(), 40U) << bar;  // a full line would wrap
}

TEST(ProgressBar, IsPlainLinesWhereThereIsNoTerminal) {
  const TempFolder folder;
  const Outcome outcome = train_digits(folder, {});
  ASSERT_TRUE(succeeds(outcome));
  EXPECT_EQ(outcome.err.find('\r'), std::string::npos);
  EXPECT_EQ(outcome.err.find('\033'), std::string::npos);
  EXPECT_NE(outcome.err.find("epoch 3/3: loss "), std::string::npos) << outcome.err;
}

Outcome fail_on_a_terminal(std::vector<std::pair<std::string, std::string>> environment) {
  environment.emplace_back("TERM", "xterm");
  return run_redbud({"train", "nothing-there.csv"}, {.environment = std::move(environment), .terminal_columns = 120});
}

TEST(Colour, IsUsedOnATerminalUnlessNoColorIsSet) {
  const Outcome coloured = fail_on_a_terminal({{"NO_COLOR", ""}});  // empty: as if it were not set
  EXPECT_TRUE(coloured.err.starts_with("\033[31mredbud: error:\033[0m ")) << coloured.err;
  const Outcome plain = fail_on_a_terminal({{"NO_COLOR", "1"}});
  EXPECT_TRUE(plain.err.starts_with("redbud: error: ")) << plain.err;
  EXPECT_EQ(plain.err.find('\033'), std::string::npos);
}

TEST(Colour, TheBarHasNone) {
  const TempFolder folder;
  const Outcome outcome = train_digits(folder, {.environment = {{"NO_COLOR", "1"}}, .terminal_columns = 120});
  ASSERT_TRUE(succeeds(outcome));
  EXPECT_FALSE(bars_of(outcome.err).empty()) << outcome.err;
  for (size_t at = 0; (at = outcome.err.find('\033', at)) != std::string::npos; ++at)
    EXPECT_EQ(outcome.err.substr(at, 3), "\033[K");
}

}  // namespace
}  // namespace redbud
