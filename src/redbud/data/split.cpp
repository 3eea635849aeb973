#include "redbud/data/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "redbud/core/error.h"
#include "redbud/core/rng.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

constexpr uint32_t kFewestBits = 4;  // smaller networks can't reach most orders

/// The finaliser of MurmurHash3: every bit of the result depends on every bit of x.
uint32_t mix(uint32_t x) {
  x = (x ^ x >> 16) * 0x85EBCA6BU;
  x = (x ^ x >> 13) * 0xC2B2AE35U;
  return x ^ x >> 16;
}

/// The rows of each class (all rows as one class in regression), in the order of the file.
std::vector<std::vector<int64_t>> rows_by_class(const Dataset& data) {
  const Schema& schema = data.schema();
  if (schema.task != Task::Classification || !data.has_targets()) {
    std::vector<int64_t> all(static_cast<size_t>(data.rows()));
    for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int64_t>(i);
    return {std::move(all)};
  }
  const auto& codes = data.arrays() != nullptr ? data.arrays()->classes
                                               : data.table()->columns[static_cast<size_t>(schema.targets[0])].codes;
  std::map<int32_t, std::vector<int64_t>> classes;
  for (int64_t i = 0; i < data.rows(); ++i) {
    classes[codes[static_cast<size_t>(data.selection()[static_cast<size_t>(i)])]].push_back(i);
  }
  std::vector<std::vector<int64_t>> rows;
  for (auto& [code, members] : classes) rows.push_back(std::move(members));
  return rows;
}

/// How many rows of each class go to validation: the exact share rounded down, and the rest to the classes with the
/// largest remainders, so that they add up to `wanted`.
std::vector<int64_t> shares(const std::vector<std::vector<int64_t>>& classes, int64_t rows, int64_t wanted) {
  std::vector<int64_t> counts;
  std::vector<std::pair<int64_t, size_t>> remainders;  // negative, so that sorting puts the largest first
  int64_t given = 0;
  for (size_t i = 0; i < classes.size(); ++i) {
    const auto exact = static_cast<__int128>(classes[i].size()) * wanted;
    counts.push_back(static_cast<int64_t>(exact / rows));
    remainders.emplace_back(-static_cast<int64_t>(exact % rows), i);
    given += counts.back();
  }
  std::sort(remainders.begin(), remainders.end());
  for (size_t i = 0; given < wanted; ++i, ++given) ++counts[remainders[i].second];
  return counts;
}

int64_t validation_rows(const Dataset& data, double validation) {
  if (!(validation >= 0) || validation > 1e15) {
    throw Error(ErrorKind::Usage, {.fact = "validation is not a share or a count", .found = format_number(validation)});
  }
  if (validation < 1) return std::llround(validation * static_cast<double>(data.rows()));
  return static_cast<int64_t>(validation);
}

}  // namespace

Split split(const Dataset& data, const SplitOptions& options) {
  const int64_t wanted = validation_rows(data, options.validation);
  if (wanted < 1 || wanted >= data.rows()) {
    throw Error(ErrorKind::Data,
                {.where = data.source,
                 .fact = wanted < 1 ? "no row is left for validation" : "no row is left for training",
                 .found = fmt::format("validation {} of {} rows", format_number(options.validation), data.rows()),
                 .expected = "at least one row in each part"});
  }
  const auto classes = rows_by_class(data);
  const std::vector<int64_t> counts = shares(classes, data.rows(), wanted);
  std::vector<bool> validation(static_cast<size_t>(data.rows()));
  for (size_t i = 0; i < classes.size(); ++i) {
    const auto size = static_cast<int64_t>(classes[i].size());
    const Permutation order(size, options.seed, i, Stream::Split);
    for (int64_t k = 0; k < counts[i]; ++k)
      validation[static_cast<size_t>(classes[i][static_cast<size_t>(order(k))])] = true;
  }
  std::vector<int64_t> parts[2];
  for (int64_t i = 0; i < data.rows(); ++i) parts[validation[static_cast<size_t>(i)] ? 1 : 0].push_back(i);
  return {.train = data.select(parts[0]), .validation = data.select(parts[1])};
}

Permutation::Permutation(int64_t size, uint64_t seed, uint64_t epoch, Stream stream) : size_(size) {
  RB_ASSERT(size >= 0 && size <= int64_t{1} << 62);
  uint32_t bits = kFewestBits;
  while ((int64_t{1} << bits) < size) ++bits;
  high_bits_ = bits / 2;
  low_bits_ = bits - high_bits_;
  const RandomKey key{.seed = seed, .stream = stream, .lane = 0, .step = epoch};
  for (size_t i = 0; i < kRounds; ++i) keys_[i] = random_word(key, static_cast<int64_t>(i));
}

/// A Feistel network over the next power of two, each round of which changes one half by a function of the other, so it
/// can be undone; a value beyond the size is sent through again until it comes back into [0, size).
int64_t Permutation::operator()(int64_t i) const {
  RB_ASSERT(i >= 0 && i < size_);
  const uint32_t high_mask = (uint32_t{1} << high_bits_) - 1;
  const uint32_t low_mask = (uint32_t{1} << low_bits_) - 1;
  auto value = static_cast<uint64_t>(i);
  do {
    auto high = static_cast<uint32_t>(value >> low_bits_);
    auto low = static_cast<uint32_t>(value) & low_mask;
    for (size_t round = 0; round < kRounds; round += 2) {
      high ^= mix(low * 0x9E3779B9U + keys_[round]) & high_mask;
      low ^= mix(high * 0x9E3779B9U + keys_[round + 1]) & low_mask;
    }
    value = static_cast<uint64_t>(high) << low_bits_ | low;
  } while (value >= static_cast<uint64_t>(size_));
  return static_cast<int64_t>(value);
}

}  // namespace redbud
