#include "redbud/kernels/cpu/processor.h"

namespace redbud::kernels::cpu {

bool reads_l2_slowly() {
#if defined(__x86_64__)
  static const bool slowly = [] {
    __builtin_cpu_init();
    return __builtin_cpu_is("intel") != 0;
  }();
  return slowly;
#else
  return false;
#endif
}

}  // namespace redbud::kernels::cpu
