#pragma once
#include <string>
#include <string_view>

#include "redbud/core/file.h"

namespace redbud {

/// A new, empty folder on the real disk, which is removed with all that is in it.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const Path& path() const { return path_; }
  Path operator/(const Path& name) const { return path_ / name; }

  /// Writes a file in it, and gives its path.
  Path write(const Path& name, std::string_view text) const;

 private:
  Path path_;
};

/// A file's text, by the standard library's stream: independent of core/file. "" if there is none.
std::string text_of(const Path& path);

}  // namespace redbud
