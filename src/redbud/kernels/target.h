#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace redbud::kernels {

/// The instruction set that the vector kernels run on: "AVX3" (AVX-512), "AVX2", "SSE4", "SSE2", "NEON", ...
std::string_view current_target();

/// Those that this processor can run, best first.
std::vector<std::string> supported_targets();

/// Makes all kernels use this one of the supported targets from now on; "" = the best. For tests and for bit-exact
/// resumes on another machine. Throws  Error{Usage} naming the supported ones.
void force_target(std::string_view name);

}  // namespace redbud::kernels
