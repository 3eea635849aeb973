#include "redbud/report/run_story.h"

#include <gtest/gtest.h>

#include "redbud/report/record_fields.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

constexpr const char* kStart = "{\"event\":\"start\",\"version\":\"1\",\"warnings\":[\"early\"]}\n";

TEST(RunStory, HasTheRecordsOfItsLog) {
  const TempFolder folder;
  const RunStory story = read_story(
      folder.write("log.jsonl", std::string(kStart) + "{\"event\":\"epoch\",\"epoch\":1,\"train_loss\":3.0}\n"
                                                      "{\"event\":\"warning\",\"text\":\"late\"}\n"
                                                      "{\"event\":\"epoch\",\"epoch\":2,\"train_loss\":null}\n"
                                                      "{\"event\":\"outcome\",\"part\":\"test\"}\n"
                                                      "{\"event\":\"diverged\",\"fact\":\"boom\"}\n"
                                                      "{\"event\":\"of a later version\"}\n"
                                                      "{\"event\":\"done\",\"epochs\":2}\n"));
  EXPECT_EQ(story.epochs.size(), 2U);
  EXPECT_EQ(number_in(story.epochs[0], "train_loss"), 3.0);
  EXPECT_TRUE(std::isnan(number_in(story.epochs[1], "train_loss")));
  EXPECT_EQ(story.warnings, (std::vector<std::string>{"early", "late"}));
  EXPECT_EQ(story.outcomes.size(), 1U);
  EXPECT_EQ(text_in(story.diverged, "fact"), "boom");
  EXPECT_EQ(integer_in(story.done, "epochs"), 2);
}

TEST(RunStory, LeavesOutATornLastLine) {
  const TempFolder folder;
  const RunStory story = read_story(folder.write("log.jsonl", std::string(kStart) + "{\"event\":\"epoch\",\"ep"));
  EXPECT_TRUE(story.epochs.empty());
  EXPECT_TRUE(story.done.is_null());
}

TEST(RunStory, OfAnEpochThatStandsTwiceTheLastCounts) {
  const TempFolder folder;
  std::string log = kStart;
  for (const char* epoch : {"1", "2", "3", "2"}) log += std::string("{\"event\":\"epoch\",\"epoch\":") + epoch + "}\n";
  const RunStory story = read_story(folder.write("log.jsonl", log));
  ASSERT_EQ(story.epochs.size(), 2U);
  EXPECT_EQ(integer_in(story.epochs[1], "epoch"), 2);
}

TEST(RunStory, RefusesWhatIsNoLogNamingTheLine) {
  const TempFolder folder;
  const auto read = [&](const std::string& text) {
    return [&folder, text] { read_story(folder.write("log.jsonl", text)); };
  };
  EXPECT_TRUE(throws_error([&] { read_story(folder / "none"); }, ErrorKind::Data, "none"));
  EXPECT_TRUE(throws_error(read(""), ErrorKind::Data, "is not the log of a run"));
  EXPECT_TRUE(throws_error(read(std::string(kStart) + "{\"event\":\n"), ErrorKind::Data, "log.jsonl:2"));
  EXPECT_TRUE(throws_error(read(std::string(kStart) + "[1]\n"), ErrorKind::Data, "is not a record of a run"));
  EXPECT_TRUE(throws_error(read(std::string(kStart) + "\n"), ErrorKind::Data, "log.jsonl:2"));
  EXPECT_TRUE(
      throws_error(read(std::string(kStart) + "{\"event\":\"epoch\"}\n"), ErrorKind::Data, "an epoch has no number"));
}

}  // namespace
}  // namespace redbud
