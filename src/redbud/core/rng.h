#pragma once
#include <array>
#include <cstdint>

namespace redbud {

/// Philox4x32-10: four random words from a counter and a key, with no state.
/// Source  Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (SC 2011).
inline std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  constexpr uint64_t kMultiply0 = 0xD2511F53;
  constexpr uint64_t kMultiply1 = 0xCD9E8D57;
  constexpr uint32_t kWeyl0 = 0x9E3779B9;
  constexpr uint32_t kWeyl1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = kMultiply0 * counter[0];
    const uint64_t product1 = kMultiply1 * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

/// What the numbers of a stream are for; each has its own, so none depends on how many another one drew.
enum class Stream : uint32_t { Initialise = 1, Shuffle = 2, Split = 3, Dropout = 4, Augment = 5, Data = 6, Slope = 7 };

/// A place in the space of random numbers: the key of a whole array of them.
///
///   word(i) = philox(counter = {i / 4, stream << 16 | lane, step low, step high}, key = seed)[i % 4]
struct RandomKey {
  uint64_t seed = 0;
  Stream stream = Stream::Data;
  uint32_t lane = 0;  // which layer, which column; at most 65,535
  uint64_t step = 0;

  /// Words 4 * index to 4 * index + 3.
  std::array<uint32_t, 4> block(uint32_t index) const {
    return philox4x32({index, static_cast<uint32_t>(stream) << 16 | lane, static_cast<uint32_t>(step),
                       static_cast<uint32_t>(step >> 32)},
                      {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
  }
};

/// Word number `element` of the array; 0 <= element < 2^34.
uint32_t random_word(const RandomKey& key, int64_t element);
/// In [0, 1), a multiple of 2^-24 (exact in float): the upper 24 bits of random_word(key, element).
float random_uniform(const RandomKey& key, int64_t element);
/// Standard normal by Box-Muller; elements 2k and 2k+1 share block(k); 0 <= element < 2^33. In double, so that libm's
/// last bit rarely shows.
double random_normal(const RandomKey& key, int64_t element);

}  // namespace redbud
