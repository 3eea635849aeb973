#include "redbud/report/run_story.h"

#include <fmt/format.h>

#include "redbud/checkpoint/json.h"
#include "redbud/core/bytes.h"
#include "redbud/report/record_fields.h"

namespace redbud {
namespace {

constexpr int64_t kLimitBytes = int64_t{1} << 30;

/// After a resume whose log could not be cut back, an epoch may stand there twice: the last one counts.
void add_epoch(RunStory& story, ConfigValue record, const std::string& where) {
  const int64_t epoch = integer_in(record, "epoch");
  if (epoch < 1) throw Error(ErrorKind::Data, {.where = where, .fact = "an epoch has no number"});
  while (!story.epochs.empty() && integer_in(story.epochs.back(), "epoch") >= epoch) story.epochs.pop_back();
  story.epochs.push_back(std::move(record));
}

void add_record(RunStory& story, ConfigValue record, const std::string& where) {
  const std::string event = text_in(record, "event");
  if (event.empty()) {
    throw Error(ErrorKind::Data, {.where = where, .fact = "is not a record of a run", .expected = "{\"event\":...}"});
  }
  if (event == "start") {
    for (const ConfigValue& line : list_in(record, "warnings")) {
      if (line.is_text()) story.warnings.push_back(line.as_text("warnings"));
    }
    story.start = std::move(record);
  } else if (event == "epoch") {
    add_epoch(story, std::move(record), where);
  } else if (event == "warning") {
    story.warnings.push_back(text_in(record, "text"));
  } else if (event == "outcome") {
    story.outcomes.push_back(std::move(record));
  } else if (event == "diverged") {
    story.diverged = std::move(record);
  } else if (event == "done") {
    story.done = std::move(record);
  }
}

}  // namespace

RunStory read_story(const Path& log) {
  const std::vector<std::byte> bytes = read_file(log, {.kind = ErrorKind::Data, .limit_bytes = kLimitBytes});
  std::string_view text = as_text(bytes);
  RunStory story;
  story.log = log;
  for (int64_t line = 1; !text.empty(); ++line) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) break;
    const std::string where = fmt::format("{}:{}", log.string(), line);
    add_record(story, parse_json(text.substr(0, end), {.where = where, .kind = ErrorKind::Data}), where);
    text.remove_prefix(end + 1);
  }
  if (story.start.is_null()) {
    throw Error(ErrorKind::Data, {.where = log.string(),
                                  .fact = "is not the log of a run",
                                  .expected = "a start record, as `redbud train` writes it"});
  }
  return story;
}

}  // namespace redbud
