#include <fmt/format.h>

#include <algorithm>

#include "redbud/core/did_you_mean.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/optim/schedules/schedules.h"

namespace redbud {
namespace {

std::string to_text(const ScheduleKeys::Range& range) {
  return fmt::format("from {} to {}{}", format_number(range.least), range.open ? "less than " : "",
                     format_number(range.most));
}

}  // namespace

double ScheduleKeys::number(const char* key, double otherwise, const Range& range) const {
  const ConfigValue* given = find(key);
  if (given == nullptr) return otherwise;
  const double value = given->as_number(key);
  if (range.has(value)) return value;
  throw Error(ErrorKind::Usage, {.where = given->where,
                                 .fact = fmt::format("{}.{} is out of range", what_, key),
                                 .found = format_number(value),
                                 .expected = to_text(range)});
}

std::vector<double> ScheduleKeys::numbers(const char* key, const Range& range) const {
  const ConfigValue* given = find(key);
  if (given == nullptr) refuse(fmt::format("{} is not given", key), "a list of numbers");
  std::vector<double> values;
  for (const ConfigValue& element : given->as_list(key)) {
    values.push_back(element.as_number(key));
    if (!range.has(values.back())) refuse(fmt::format("{} is out of range", key), "numbers " + to_text(range));
  }
  if (values.empty()) refuse(fmt::format("{} is empty", key), "at least one number");
  return values;
}

bool ScheduleKeys::changes_by_epoch() const {
  const ConfigValue* each = find("each");
  if (each == nullptr) return false;
  const std::string& word = each->as_text(what_ + ".each");
  if (word == "step" || word == "epoch") return word == "epoch";
  throw Error(ErrorKind::Usage, {.where = each->where,
                                 .fact = what_ + ".each has an unknown value",
                                 .found = quote(word),
                                 .expected = "step or epoch"});
}

void ScheduleKeys::require_known(const std::string& name, const std::vector<std::string>& keys) const {
  if (!config_.is_table()) return;
  for (const ConfigEntry& given : config_.as_table(what_)) {
    if (given.key == "name" || std::find(keys.begin(), keys.end(), given.key) != keys.end()) continue;
    throw Error(ErrorKind::Usage, {.where = given.value.where,
                                   .fact = fmt::format("the {} {} has no key {}", what_, name, given.key),
                                   .expected = fmt::format("one of {}", fmt::join(keys, ", ")),
                                   .hint = did_you_mean(given.key, keys)});
  }
}

void ScheduleKeys::refuse(const std::string& fact, const std::string& expected) const {
  throw Error(ErrorKind::Usage, {.where = config_.where, .fact = what_ + ": " + fact, .expected = expected});
}

}  // namespace redbud
