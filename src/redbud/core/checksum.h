#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace redbud {

/// XXH3, 64 bits.
uint64_t checksum(std::span<const std::byte> bytes);

/// The same over bytes that come in parts.
class Checksum {
 public:
  Checksum();
  ~Checksum();
  Checksum(Checksum&&) noexcept;
  Checksum& operator=(Checksum&&) noexcept;
  void update(std::span<const std::byte> bytes);
  uint64_t value() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// 16 hexadecimal digits, and back (false if `text` is anything else).
std::string to_hex(uint64_t value);
bool parse_hex(const std::string& text, uint64_t& value);

}  // namespace redbud
