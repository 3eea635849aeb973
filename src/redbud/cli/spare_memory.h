#pragma once

namespace redbud::cli {

/// Keeps a little memory back, for the way out where memory runs out: the first allocation that fails gives it back and
/// throws std::bad_alloc, so that what is undone then, and the line that says so, find some. False: not even that is
/// left.
bool keep_spare_memory();

}  // namespace redbud::cli
