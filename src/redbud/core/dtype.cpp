#include "redbud/core/dtype.h"

namespace redbud {

int64_t size_of(DType type) {
  switch (type) {
    case DType::F64:
    case DType::I64:
      return 8;
    case DType::F32:
    case DType::I32:
      return 4;
    case DType::BF16:
    case DType::F16:
    case DType::I16:
      return 2;
    default:
      return 1;
  }
}

std::string_view to_string(DType type) {
  constexpr std::string_view kNames[] = {"F32", "F64", "BF16", "F16", "I8", "U8", "I16", "I32", "I64", "BOOL"};
  return kNames[static_cast<int>(type)];
}

}  // namespace redbud
