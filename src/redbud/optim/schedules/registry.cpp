#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/core/did_you_mean.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/optim/schedules/schedules.h"

namespace redbud {
namespace {

class Constant final : public Schedule {
 public:
  double factor(const RunPosition&) const override { return 1.0; }
};

std::unique_ptr<Schedule> make_constant(const ScheduleKeys&) { return std::make_unique<Constant>(); }

struct Entry {
  std::string name;
  std::unique_ptr<Schedule> (*make)(const ScheduleKeys&);
  std::vector<std::string> keys;
};

const std::vector<Entry>& entries() {
  static const std::vector<Entry> list = {
      {"none", make_constant, {}},
      {"piecewise", make_piecewise, {"epochs", "factors"}},
      {"plateau", make_plateau, {"factor", "patience", "end"}},
      {"exponential", make_exponential, {"factor", "every"}},
      {"power", make_power, {"power", "every"}},
      {"polynomial", make_polynomial, {"power", "end"}},
      {"cosine", make_cosine, {"every", "multiply", "end"}},
      {"one_cycle", make_one_cycle, {"start", "peak", "end", "momentum"}},
  };
  return list;
}

constexpr const char* kOfAll[] = {"name", "warmup", "each"};

/// What all schedules share: the warm-up in front, and how often the rate changes.
class Framed final : public Schedule {
 public:
  Framed(std::unique_ptr<Schedule> inner, double warmup, bool by_epoch)
      : inner_(std::move(inner)), warmup_(warmup), by_epoch_(by_epoch) {}

  double factor(const RunPosition& position) const override {
    const double epoch = by_epoch_ ? std::floor(position.epoch) : position.epoch;
    return epoch < warmup_ ? epoch / warmup_ : inner_->factor(after_warmup(position));
  }
  std::optional<double> momentum(const RunPosition& position) const override {
    return inner_->momentum(after_warmup(position));
  }
  int64_t patience() const override { return inner_->patience(); }

 private:
  RunPosition after_warmup(RunPosition at) const {
    if (by_epoch_) at.epoch = std::floor(at.epoch);
    at.epoch = std::max(0.0, at.epoch - warmup_);
    at.epochs = std::max(1e-9, at.epochs - warmup_);
    return at;
  }

  std::unique_ptr<Schedule> inner_;
  double warmup_;  // epochs
  bool by_epoch_;
};

const Entry& find_entry(const std::string& name, const std::string& where) {
  for (const Entry& entry : entries()) {
    if (entry.name == name) return entry;
  }
  throw Error(ErrorKind::Usage, {.where = where,
                                 .fact = "unknown schedule",
                                 .found = quote(name),
                                 .expected = fmt::format("one of {}", fmt::join(schedule_names(), ", ")),
                                 .hint = did_you_mean(name, schedule_names())});
}

}  // namespace

std::vector<std::string> schedule_names() {
  std::vector<std::string> names;
  for (const Entry& entry : entries()) names.push_back(entry.name);
  return names;
}

std::vector<std::string> schedule_keys() {
  std::vector<std::string> keys(std::begin(kOfAll), std::end(kOfAll));
  for (const Entry& entry : entries()) {
    for (const std::string& key : entry.keys) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
  }
  return keys;
}

std::unique_ptr<Schedule> schedule_from_config(const ConfigValue& config) {
  const ConfigValue* name = config.is_table() ? config.find("name") : &config;
  if (name == nullptr) {
    throw Error(ErrorKind::Usage, {.where = config.where,
                                   .fact = "a schedule has no name",
                                   .expected = "\"cosine\" or { name = \"cosine\", warmup = 2 }"});
  }
  const Entry& entry = find_entry(name->as_text("schedule"), name->where);
  const ScheduleKeys keys(config);
  std::vector<std::string> known(std::begin(kOfAll), std::end(kOfAll));
  known.insert(known.end(), entry.keys.begin(), entry.keys.end());
  keys.require_known(entry.name, known);
  const double warmup = keys.number("warmup", 0.0, {});
  return std::make_unique<Framed>(entry.make(keys), warmup, keys.changes_by_epoch());
}

}  // namespace redbud
