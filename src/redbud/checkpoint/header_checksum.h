#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// The checksum of a safetensors file's first bytes, which lies among them. Not for other rooms.
namespace redbud {

inline constexpr std::string_view kHeaderChecksum = "redbud.header_checksum";
inline constexpr std::string_view kTensorChecksums = "redbud.checksums";
inline constexpr std::string_view kNoChecksum = "0000000000000000";

/// Writes it over its zeros in `head` (length and header).
void set_header_checksum(std::string& head);

/// Whether it is right; nothing where `head` has none.
std::optional<bool> header_checksum_is_right(std::span<const std::byte> head);

}  // namespace redbud
