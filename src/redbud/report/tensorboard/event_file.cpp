#include "redbud/report/tensorboard/event_file.h"

#include "redbud/core/bytes.h"
#include "redbud/core/text.h"
#include "redbud/report/tensorboard/crc32c.h"
#include "redbud/report/tensorboard/protobuf.h"

namespace redbud::tensorboard {
namespace {

constexpr std::string_view kSessionStart = "_hparams_/session_start_info";
constexpr std::string_view kSessionEnd = "_hparams_/session_end_info";
constexpr int64_t kSuccess = 1;  // Status of tensorboard/plugins/hparams/api.proto
constexpr int64_t kFailure = 2;

// Fields of Event, Summary and Summary.Value.
constexpr uint32_t kWallTime = 1;
constexpr uint32_t kStep = 2;
constexpr uint32_t kFileVersion = 3;
constexpr uint32_t kSummary = 5;
constexpr uint32_t kValue = 1;
constexpr uint32_t kTag = 1;
constexpr uint32_t kSimpleValue = 2;
constexpr uint32_t kHisto = 5;
constexpr uint32_t kTensor = 8;
constexpr uint32_t kMetadata = 9;

template <class T>
void append_little_endian(std::string& out, T value) {
  for (size_t i = 0; i < sizeof(T); ++i) out += static_cast<char>(value >> (8 * i) & 0xFFU);
}

std::string in_summary(const ProtoWriter& value) { return ProtoWriter().message(kValue, value).bytes(); }

/// A google.protobuf.Value.
ProtoWriter value_of(const std::string& toml) {
  ProtoWriter value;
  if (toml == "true" || toml == "false") return value.integer(4, toml == "true" ? 1 : 0);
  if (const auto number = parse_number(toml)) return value.number(2, *number);
  const bool is_plain = toml.size() >= 2 && toml.front() == '"' && toml.find('"', 1) == toml.size() - 1 &&
                        toml.find('\\') == std::string::npos;
  return value.text(3, is_plain ? std::string_view(toml).substr(1, toml.size() - 2) : std::string_view(toml));
}

/// A value of the plugin: its data is in the metadata; a tensor must be there, and is one 0.
std::string plugin_value(std::string_view tag, const ProtoWriter& data) {
  const ProtoWriter plugin = ProtoWriter().text(1, "hparams").message(2, data);
  const ProtoWriter tensor = ProtoWriter().integer(1, 1).message(2, {}).text(5, std::string_view("\0\0\0\0", 4));
  return in_summary(
      ProtoWriter().text(kTag, tag).message(kTensor, tensor).message(kMetadata, ProtoWriter().message(1, plugin)));
}

/// Whether an event was written at a run's end.
bool is_end(std::string_view event) {
  const auto summary = find_field(event, kSummary);
  if (!summary) return false;
  ProtoReader values(summary->bytes);
  while (const auto value = values.next()) {
    const auto tag = find_field(value->bytes, kTag);
    if (tag && tag->bytes == kSessionEnd) return true;
  }
  return false;
}

/// The next record's bytes, or nothing where it is torn or damaged.
std::optional<std::string_view> take_record(ByteReader& reader) {
  const auto header = reader.take(8);
  const auto header_checksum = reader.little_endian<uint32_t>();
  if (!header || !header_checksum || masked_crc32c(*header) != *header_checksum) return std::nullopt;
  const uint64_t size = *ByteReader(*header).little_endian<uint64_t>();
  if (size > static_cast<uint64_t>(reader.remaining())) return std::nullopt;
  const auto event = reader.take(static_cast<int64_t>(size));
  const auto checksum = reader.little_endian<uint32_t>();
  if (!event || !checksum || masked_crc32c(*event) != *checksum) return std::nullopt;
  return as_text(*event);
}

}  // namespace

std::string to_record(std::string_view event) {
  std::string record;
  append_little_endian(record, static_cast<uint64_t>(event.size()));
  append_little_endian(record, masked_crc32c(as_bytes(std::string_view(record))));
  record += event;
  append_little_endian(record, masked_crc32c(as_bytes(event)));
  return record;
}

std::string version_record(double wall_time_s) {
  return to_record(ProtoWriter().number(kWallTime, wall_time_s).text(kFileVersion, "brain.Event:2").bytes());
}

EventBuilder& EventBuilder::add(const Scalar& scalar) {
  summary_ += in_summary(ProtoWriter().text(kTag, scalar.tag).number(kSimpleValue, static_cast<float>(scalar.value)));
  return *this;
}

EventBuilder& EventBuilder::add(const std::string& tag, const Histogram& h) {
  std::vector<double> limits;
  std::vector<double> counts;
  for (size_t i = 0; i < h.counts.size(); ++i) {
    limits.push_back(h.edge(i + 1));
    counts.push_back(static_cast<double>(h.counts[i]));
  }
  const ProtoWriter histo = ProtoWriter()
                                .number(1, h.low)
                                .number(2, h.high)
                                .number(3, static_cast<double>(h.values))
                                .number(4, h.sum)
                                .number(5, h.square_sum)
                                .numbers(6, limits)
                                .numbers(7, counts);
  summary_ += in_summary(ProtoWriter().text(kTag, tag).message(kHisto, histo));
  return *this;
}

EventBuilder& EventBuilder::add_session_start(const std::vector<Setting>& settings) {
  ProtoWriter start;
  for (const Setting& setting : settings) {
    start.message(1, ProtoWriter().text(1, setting.key).message(2, value_of(setting.value)));
  }
  start.number(5, wall_time_s_);
  summary_ += plugin_value(kSessionStart, ProtoWriter().message(3, start));
  return *this;
}

EventBuilder& EventBuilder::add_session_end(bool success) {
  const ProtoWriter end = ProtoWriter().integer(1, success ? kSuccess : kFailure).number(2, wall_time_s_);
  summary_ += plugin_value(kSessionEnd, ProtoWriter().message(4, end));
  return *this;
}

std::string EventBuilder::record() const {
  return to_record(
      ProtoWriter().number(kWallTime, wall_time_s_).integer(kStep, step_).text(kSummary, summary_).bytes());
}

int64_t bytes_up_to(std::span<const std::byte> file, int64_t step) {
  ByteReader reader(file);
  int64_t good = 0;
  while (const auto event = take_record(reader)) {
    const auto at = find_field(*event, kStep);
    if ((at && static_cast<int64_t>(at->value) > step) || is_end(*event)) break;
    good = reader.offset();
  }
  return good;
}

}  // namespace redbud::tensorboard
