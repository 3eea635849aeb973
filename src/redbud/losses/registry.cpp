// The one list of losses.
#include "redbud/losses/registry.h"

#include <algorithm>

#include "redbud/core/did_you_mean.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/losses/kernel_loss.h"

namespace redbud {
namespace {

using kernels::LossConstants;

/// A constant that a loss takes; it must lie in [low, high], or below high if `open`, and above low if `above`.
struct Constant {
  std::string_view key;
  double LossConstants::*value;
  double otherwise;
  double low;
  double high;
  bool above = false;
  bool open = false;
};

struct Entry {
  KernelLossType type;
  std::vector<Constant> constants = {};
};

constexpr double kMost = 1e6;

const Constant kSmoothing{"label_smoothing", &LossConstants::label_smoothing, 0.0, 0.0, 1.0, false, true};
const Constant kDelta{"delta", &LossConstants::delta, 1.0, 0.0, kMost, true};
const Constant kQuantile{"q", &LossConstants::q, 0.5, 0.0, 1.0, true, true};
const Constant kGamma{"gamma", &LossConstants::gamma, 2.0, 0.0, 100.0};
const Constant kAlphaOfAll{"alpha", &LossConstants::alpha, 1.0, 0.0, kMost, true};
const Constant kAlphaOfOnes{"alpha", &LossConstants::alpha, 0.25, 0.0, 1.0, true, true};

const std::vector<Entry>& entries() {
  using enum TargetKind;
  static const std::vector<Entry> list = {
      {{"softmax_cross_entropy", kernels::softmax_cross_entropy_kernels, Classes, Link::Softmax, true}, {kSmoothing}},
      {{"focal", kernels::focal_kernels, Classes, Link::Softmax}, {kGamma, kAlphaOfAll}},
      {{"hinge", kernels::hinge_kernels, Classes, Link::Identity}},
      {{"sigmoid_cross_entropy", kernels::sigmoid_cross_entropy_kernels, Labels, Link::Logistic, true}, {kSmoothing}},
      {{"sigmoid_focal", kernels::sigmoid_focal_kernels, Labels, Link::Logistic}, {kGamma, kAlphaOfOnes}},
      {{"binary_hinge", kernels::binary_hinge_kernels, Labels, Link::Identity}},
      {{"mean_squared_error", kernels::mean_squared_error_kernels, Numbers, Link::Identity, true}},
      {{"mae", kernels::mean_absolute_error_kernels, Numbers, Link::Identity, true}},
      {{"huber", kernels::huber_kernels, Numbers, Link::Identity, true}, {kDelta}},
      {{"quantile", kernels::quantile_kernels, Numbers, Link::Identity, true}, {kQuantile}},
      {{"poisson", kernels::poisson_kernels, Numbers, Link::Exp, true}},
      {{"cosine", kernels::cosine_kernels, Vectors, Link::Identity, true}},
  };
  return list;
}

std::string one_of(const std::vector<std::string>& words) {
  std::string text = "one of";
  for (const std::string& word : words) text += (text == "one of" ? " " : ", ") + word;
  return text;
}

const Entry& find_entry(const ConfigValue& config) {
  const ConfigValue* name = config.is_table() ? config.find("name") : &config;
  if (name == nullptr) {
    throw Error(ErrorKind::Usage, {.where = config.where,
                                   .fact = "a loss has no name",
                                   .expected = "\"huber\" or { name = \"huber\", delta = 1.0 }"});
  }
  const std::string& wanted = name->as_text("loss");
  for (const Entry& entry : entries()) {
    if (entry.type.name == wanted) return entry;
  }
  throw Error(ErrorKind::Usage, {.where = name->where,
                                 .fact = "unknown loss",
                                 .found = quote(wanted),
                                 .expected = one_of(loss_names()),
                                 .hint = did_you_mean(wanted, loss_names())});
}

std::string range_of(const Constant& c) {
  const std::string high = format_number(c.high);
  return std::string("a number ") + (c.above ? "above " : "from ") + format_number(c.low) +
         (c.open ? " to below " : " to ") + high;
}

double checked(const Constant& c, const ConfigValue& given) {
  const std::string key = "loss." + std::string(c.key);
  const double value = given.as_number(key);
  const bool low_enough = c.open ? value < c.high : value <= c.high;
  const bool high_enough = c.above ? value > c.low : value >= c.low;
  if (low_enough && high_enough) return value;
  throw Error(
      ErrorKind::Usage,
      {.where = given.where, .fact = key + " is out of range", .found = format_number(value), .expected = range_of(c)});
}

void check_keys(const Entry& entry, const ConfigValue& config) {
  std::vector<std::string> known = {"name"};
  for (const Constant& c : entry.constants) known.emplace_back(c.key);
  for (const ConfigEntry& given : config.as_table("loss")) {
    if (std::find(known.begin(), known.end(), given.key) != known.end()) continue;
    throw Error(ErrorKind::Usage, {.where = given.value.where,
                                   .fact = "the loss " + std::string(entry.type.name) + " has no key " + given.key,
                                   .expected = known.size() == 1 ? "no key but name" : one_of(known),
                                   .hint = did_you_mean(given.key, known)});
  }
}

}  // namespace

std::shared_ptr<const Loss> loss_from_config(const ConfigValue& config) {
  const Entry& entry = find_entry(config);
  if (config.is_table()) check_keys(entry, config);
  LossConstants constants;
  ConfigValue table;
  table.set("name", entry.type.name);
  bool all_default = true;
  for (const Constant& c : entry.constants) {
    const ConfigValue* given = config.is_table() ? config.find(c.key) : nullptr;
    const double value = given == nullptr ? c.otherwise : checked(c, *given);
    constants.*c.value = value;
    table.set(c.key, value);
    all_default &= value == c.otherwise;
  }
  ConfigValue own = all_default ? ConfigValue(entry.type.name) : std::move(table);
  return std::make_shared<KernelLoss>(entry.type, constants, std::move(own));
}

std::vector<std::string> loss_names() {
  std::vector<std::string> names;
  for (const Entry& entry : entries()) names.emplace_back(entry.type.name);
  return names;
}

std::vector<std::string> loss_keys() {
  std::vector<std::string> keys = {"name"};
  for (const Entry& entry : entries()) {
    for (const Constant& c : entry.constants) {
      if (std::find(keys.begin(), keys.end(), c.key) == keys.end()) keys.emplace_back(c.key);
    }
  }
  return keys;
}

}  // namespace redbud
