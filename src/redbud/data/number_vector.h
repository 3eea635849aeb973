#pragma once
#include <cstddef>
#include <new>
#include <utility>
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
  /// So that resize() leaves new numbers as they are, for who is to write them.
  template <class U>
  void construct(U* place) {
    ::new (static_cast<void*>(place)) U;
  }
  template <class U, class... Args>
  void construct(U* place, Args&&... args) {
    ::new (static_cast<void*>(place)) U(std::forward<Args>(args)...);
  }
  friend bool operator==(const NumberAllocator&, const NumberAllocator&) { return true; }
};

using NumberVector = std::vector<double, NumberAllocator<double>>;

}  // namespace redbud
