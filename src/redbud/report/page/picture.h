#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace redbud::page {

/// Bytes as RFC 4648 has it.
std::string base64(std::string_view bytes);

/// A grey picture as the address of an <img>: a bitmap file of 4 bits a pixel in a data URI. `levels` has a hexadecimal
/// digit a pixel, row by row from the top. "" where these don't fit the extents, or are not such digits.
std::string picture_uri(int64_t height, int64_t width, std::string_view levels);

}  // namespace redbud::page
