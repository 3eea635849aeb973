#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redbud/report/run_story.h"
#include "redbud/report/weight_histogram.h"

namespace redbud::tensorboard {

// Event files that TensorBoard reads: TFRecords of Event messages (tensorflow/core/util/event.proto, summary.proto).

/// A record: length, its checksum, the bytes, their checksum.
std::string to_record(std::string_view event);

struct Scalar {
  std::string tag;
  double value = 0.0;
};

/// Builds the Event of one step.
class EventBuilder {
 public:
  EventBuilder(double wall_time_s, int64_t step) : wall_time_s_(wall_time_s), step_(step) {}

  EventBuilder& add(const Scalar& scalar);
  EventBuilder& add(const std::string& tag, const Histogram& histogram);
  /// What the plugin of hyperparameters shows of a run: its settings, and how it ended.
  EventBuilder& add_session_start(const std::vector<Setting>& settings);
  EventBuilder& add_session_end(bool success);
  /// As a record, ready to be written.
  std::string record() const;

 private:
  double wall_time_s_;
  int64_t step_;
  std::string summary_;
};

/// The first record of every file: the version of the format.
std::string version_record(double wall_time_s);

/// How many bytes of a file are whole records that stand before `step` was left: a resume cuts the file back to that.
/// What was written at a run's end doesn't count.
int64_t bytes_up_to(std::span<const std::byte> file, int64_t step);

}  // namespace redbud::tensorboard
