#include "redbud/cli/spare_memory.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace redbud::cli {
namespace {

constexpr size_t kSpareBytes = 96 * 1024;  // below malloc's threshold for a mapping of its own: it goes back to malloc

std::atomic<void*> spare = nullptr;

void on_failure() {
  std::free(spare.exchange(nullptr));
  throw std::bad_alloc();
}

}  // namespace

bool keep_spare_memory() {
  std::set_new_handler(on_failure);
  if (spare.load() == nullptr) spare.store(std::malloc(kSpareBytes));
  return spare.load() != nullptr;
}

}  // namespace redbud::cli
