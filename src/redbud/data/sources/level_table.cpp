#include "redbud/data/sources/level_table.h"

#include "redbud/core/bytes.h"
#include "redbud/core/checksum.h"

namespace redbud {
namespace {

constexpr size_t kFirstSlots = 64;

}  // namespace

LevelTable::LevelTable() : begins_{0}, slots_(kFirstSlots, -1) {}

/// Where `text` is, or where it would go.
size_t LevelTable::slot_of(std::string_view text, uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  size_t slot = hash & mask;
  for (; slots_[slot] >= 0; slot = (slot + 1) & mask) {
    const int32_t code = slots_[slot];
    if (hashes_[static_cast<size_t>(code)] == hash && (*this)[code] == text) break;
  }
  return slot;
}

int32_t LevelTable::find(std::string_view text) const { return slots_[slot_of(text, checksum(as_bytes(text)))]; }

int32_t LevelTable::code(std::string_view text) {
  const uint64_t hash = checksum(as_bytes(text));
  const size_t slot = slot_of(text, hash);
  if (slots_[slot] >= 0) return slots_[slot];
  const int32_t code = size();
  slots_[slot] = code;
  texts_ += text;
  begins_.push_back(texts_.size());
  hashes_.push_back(hash);
  if (2 * hashes_.size() > slots_.size()) grow();
  return code;
}

void LevelTable::grow() {
  slots_.assign(2 * slots_.size(), -1);
  const size_t mask = slots_.size() - 1;
  for (size_t i = 0; i < hashes_.size(); ++i) {
    size_t slot = hashes_[i] & mask;
    while (slots_[slot] >= 0) slot = (slot + 1) & mask;
    slots_[slot] = static_cast<int32_t>(i);
  }
}

}  // namespace redbud
