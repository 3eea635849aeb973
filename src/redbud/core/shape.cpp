#include "redbud/core/shape.h"

#include <algorithm>

#include "redbud/core/error.h"

namespace redbud {

Shape::Shape(std::span<const int64_t> extents) : rank_(static_cast<int>(extents.size())) {
  if (extents.size() > static_cast<size_t>(kMaxRank)) {
    throw Error(ErrorKind::Model, {.fact = "a tensor has too many axes",
                                   .found = std::to_string(extents.size()),
                                   .expected = "at most " + std::to_string(kMaxRank)});
  }
  std::copy(extents.begin(), extents.end(), extents_.begin());
}

int64_t Shape::elements() const {
  int64_t product = 1;
  for (int64_t extent : *this) {
    if (extent < 0 || __builtin_mul_overflow(product, extent, &product)) {
      throw Error(ErrorKind::Model, {.fact = "a tensor's shape is impossible",
                                     .found = to_string(*this),
                                     .expected = "extents >= 0 whose product fits 63 bits"});
    }
  }
  return product;
}

bool operator==(const Shape& a, const Shape& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (axis > 0) text += ", ";
    text += std::to_string(shape[axis]);
  }
  return text + ")";
}

}  // namespace redbud
