#include "redbud/report/tensorboard/event_file.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>

#include "redbud/core/bytes.h"
#include "redbud/report/tensorboard/protobuf.h"

namespace redbud::tensorboard {
namespace {

std::string_view event_of(const std::string& record) { return std::string_view(record).substr(12, record.size() - 16); }

TEST(EventFile, ARecordIsFramedAsTensorFlowDoes) {
  // Written by tensorboard.summary.writer.record_writer.RecordWriter (TensorBoard 2.21.0) for b"redbud": length, masked
  // CRC-32C of it, bytes, masked CRC-32C of them.
  const std::string record = to_record("redbud");
  std::string hex;
  for (const char c : record) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  EXPECT_EQ(hex, "06000000000000007369d537726564627564431d774e");
}

TEST(EventFile, AScalarIsFoundUnderItsTag) {
  const std::string record = EventBuilder(12.5, 300).add({"train/loss", 0.25}).record();
  const std::string_view event = event_of(record);
  EXPECT_EQ(std::bit_cast<double>(find_field(event, 1)->value), 12.5);
  EXPECT_EQ(find_field(event, 2)->value, 300U);
  const ProtoField value = *find_field(find_field(event, 5)->bytes, 1);
  EXPECT_EQ(find_field(value.bytes, 1)->bytes, "train/loss");
  EXPECT_EQ(std::bit_cast<float>(static_cast<uint32_t>(find_field(value.bytes, 2)->value)), 0.25F);
}

TEST(EventFile, AHistogramHasItsCells) {
  const Histogram h = histogram_of(std::vector<float>{-1.0F, 0.0F, 0.5F, 1.0F}, 2);
  const std::string record = EventBuilder(0, 1).add("weights/a", h).record();
  const std::string_view histo = find_field(find_field(find_field(event_of(record), 5)->bytes, 1)->bytes, 5)->bytes;
  const auto number = [&](uint32_t field) { return std::bit_cast<double>(find_field(histo, field)->value); };
  EXPECT_EQ(number(1), -1.0);
  EXPECT_EQ(number(2), 1.0);
  EXPECT_EQ(number(3), 4.0);
  EXPECT_EQ(number(4), 0.5);
  EXPECT_EQ(number(5), 2.25);
  const auto numbers = [&](uint32_t field) {
    std::vector<double> values(2);
    const std::string_view bytes = find_field(histo, field)->bytes;
    EXPECT_EQ(bytes.size(), 16U);
    std::memcpy(values.data(), bytes.data(), 16);
    return values;
  };
  EXPECT_EQ(numbers(6), (std::vector<double>{0.0, 1.0}));
  EXPECT_EQ(numbers(7), (std::vector<double>{1.0, 3.0}));
}

/// A file with records at steps 0, 10, 20, 30 and a run's end at 30, and where each of them ends.
struct File {
  std::string bytes;
  std::vector<int64_t> ends;

  File() {
    add(version_record(1));
    for (const int64_t step : {10, 20, 30}) add(EventBuilder(1, step).add({"train/loss", 1.0}).record());
    add(EventBuilder(1, 30).add({"test/loss", 1.0}).add_session_end(true).record());
  }
  void add(const std::string& record) {
    bytes += record;
    ends.push_back(static_cast<int64_t>(bytes.size()));
  }
};

TEST(EventFile, IsCutBackToAStep) {
  const File file;
  const auto kept = [&](int64_t step) { return bytes_up_to(as_bytes(std::string_view(file.bytes)), step); };
  EXPECT_EQ(kept(0), file.ends[0]);
  EXPECT_EQ(kept(15), file.ends[1]);
  EXPECT_EQ(kept(20), file.ends[2]);
  EXPECT_EQ(kept(30), file.ends[3]) << "the end of a run that goes on is none";
  EXPECT_EQ(kept(1000), file.ends[3]);
}

TEST(EventFile, EndsBeforeWhatIsTorn) {
  const File file;
  for (size_t size = 0; size <= file.bytes.size(); ++size) {
    int64_t expected = 0;
    for (size_t i = 0; i < 4; ++i) expected = file.ends[i] <= static_cast<int64_t>(size) ? file.ends[i] : expected;
    EXPECT_EQ(bytes_up_to(as_bytes(std::string_view(file.bytes).substr(0, size)), 1000), expected) << size;
  }
}

TEST(EventFile, EndsBeforeAnyBitThatIsWrong) {
  const File file;
  for (size_t at = 0; at < static_cast<size_t>(file.ends[3]); ++at) {
    std::string bytes = file.bytes;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
    int64_t expected = 0;
    for (size_t i = 0; i < 4; ++i) expected = file.ends[i] <= static_cast<int64_t>(at) ? file.ends[i] : expected;
    EXPECT_EQ(bytes_up_to(as_bytes(std::string_view(bytes)), 1000), expected) << at;
  }
}

}  // namespace
}  // namespace redbud::tensorboard
