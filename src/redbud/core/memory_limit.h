#pragma once
#include <cstdint>
#include <string>

namespace redbud {

/// The most memory this process can have: its limit of address space (`ulimit -v`), or memory and swap of the machine,
/// beyond which the system would promise memory and kill the process when it is touched.
int64_t memory_limit_bytes();

/// The same in words, for messages: "the limit is 60 MB, see `ulimit -v`" or "the machine has 25 GB".
std::string describe_memory_limit();

}  // namespace redbud
