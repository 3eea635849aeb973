#pragma once
#include <cstdint>
#include <initializer_list>

#include "redbud/core/thread_pool.h"
#include "redbud/data/batch.h"

namespace redbud {

/// XXH3 of all rows of the sources as a network gets them, in their order.
uint64_t data_checksum(std::initializer_list<const SampleSource*> sources, ThreadPool& pool);

}  // namespace redbud
