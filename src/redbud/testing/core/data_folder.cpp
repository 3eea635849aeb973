#include "redbud/testing/core/data_folder.h"

#include <cstdlib>
#include <string>

namespace redbud {

std::optional<Path> data_folder() {
  const char* chosen = std::getenv("REDBUD_DATA");
  const Path folder = chosen != nullptr ? Path(chosen) : Path(REDBUD_SOURCE_DIR) / ".." / "shared" / "data";
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) return std::nullopt;
  return folder.lexically_normal();
}

std::optional<Path> require_data() {
  const auto folder = data_folder();
  const char* ci = std::getenv("CI");
  if (!folder && ci != nullptr && std::string(ci) == "true") ADD_FAILURE() << kNoData;
  return folder;
}

}  // namespace redbud
