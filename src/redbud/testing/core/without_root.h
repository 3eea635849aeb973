#pragma once
#include "redbud/core/file.h"

namespace redbud {

/// While it lives the process is an ordinary user, so that permissions count in tests that run as root; `folder`, which
/// stays root's, can be entered and listed by all. Throws if the rights can't be given up. Does nothing for who is no
/// root.
class WithoutRoot {
 public:
  explicit WithoutRoot(const Path& folder);
  ~WithoutRoot();
  WithoutRoot(const WithoutRoot&) = delete;
  WithoutRoot& operator=(const WithoutRoot&) = delete;

 private:
  bool was_root_ = false;
  Path folder_;
};

}  // namespace redbud
