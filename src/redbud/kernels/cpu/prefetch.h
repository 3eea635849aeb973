#pragma once

namespace redbud::kernels::cpu {

/// Fetches a cache line to be written soon. A line that another core has read lately must be taken from it before it
/// can be written; asked for ahead, many of them are on their way at once. Never faults.
inline void prefetch_to_write(const void* address) {
#if defined(__x86_64__)
  // __builtin_prefetch(address, 1) becomes a prefetch to read for all but the newest targets.
  asm volatile("prefetchw %0" : : "m"(*static_cast<const char*>(address)));
#else
  __builtin_prefetch(address, 1);
#endif
}

}  // namespace redbud::kernels::cpu
