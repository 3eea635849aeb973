#pragma once
#include <string>
#include <utility>
#include <vector>

namespace redbud {

/// A .npy file of 32-bit floats; the shape as Python writes it: "(3, 2)".
std::string npy_bytes(const std::string& shape, const std::vector<float>& values);

/// An .npz file of such arrays by their names, not compressed.
std::string npz_bytes(const std::vector<std::pair<std::string, std::string>>& arrays);

}  // namespace redbud
