#pragma once
#include <string>

#include "redbud/core/thread_pool.h"
#include "redbud/graph/parameter_store.h"

namespace redbud {

/// The name of the first parameter that holds a NaN or an infinity; "" if none does.
std::string first_non_finite_parameter(const ParameterStore& values, ThreadPool& pool);

}  // namespace redbud
