#pragma once
#include <cstddef>
#include <vector>

namespace redbud {

namespace detail {
void* allocate_numbers(size_t bytes);
void free_numbers(void* memory, size_t bytes);
}  // namespace detail

/// Memory for the columns of large tables: on huge pages, as the first touch of each small page costs as much as
/// reading ten numbers.
template <class T>
struct NumberAllocator {
  using value_type = T;
  NumberAllocator() = default;
  template <class Other>
  NumberAllocator(const NumberAllocator<Other>&) {}
  T* allocate(size_t count) { return static_cast<T*>(detail::allocate_numbers(count * sizeof(T))); }
  void deallocate(T* memory, size_t count) { detail::free_numbers(memory, count * sizeof(T)); }
  friend bool operator==(const NumberAllocator&, const NumberAllocator&) { return true; }
};

using NumberVector = std::vector<double, NumberAllocator<double>>;

}  // namespace redbud
