#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace redbud {

/// The hint for a word that is unknown: "did you mean huber?", or "" where none of the known ones is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

}  // namespace redbud
