#pragma once

namespace redbud {

/// Whether this build has a sanitizer, which does not live with limits of memory.
bool has_sanitizer();

}  // namespace redbud
