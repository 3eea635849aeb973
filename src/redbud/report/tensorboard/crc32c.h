#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace redbud {

/// CRC-32C (Castagnoli): the polynomial 0x1EDC6F41, bits reflected.
/// Source  RFC 3720, appendix B.4
uint32_t crc32c(std::span<const std::byte> bytes);

/// As a TFRecord has it, so that the checksum of bytes that hold their own is not always the same.
///   ((crc >> 15) | (crc << 17)) + 0xa282ead8
uint32_t masked_crc32c(std::span<const std::byte> bytes);

}  // namespace redbud
