#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace redbud {

/// The distinct texts of a column, numbered in the order in which they were first met.
class LevelTable {
 public:
  LevelTable();
  /// The number of `text`; added if it is new.
  int32_t code(std::string_view text);
  /// The number of `text`, -1 if it was never added.
  int32_t find(std::string_view text) const;

  int32_t size() const { return static_cast<int32_t>(begins_.size()) - 1; }
  std::string_view operator[](int32_t code) const {
    const auto i = static_cast<size_t>(code);
    return std::string_view(texts_).substr(begins_[i], begins_[i + 1] - begins_[i]);
  }

 private:
  void grow();
  size_t slot_of(std::string_view text, uint64_t hash) const;

  std::string texts_;           // one after the other
  std::vector<size_t> begins_;  // size() + 1 of them
  std::vector<uint64_t> hashes_;
  std::vector<int32_t> slots_;  // open addressing; -1 = free; a power of two
};

}  // namespace redbud
