#include "redbud/testing/core/without_root.h"

#include <unistd.h>

#include <stdexcept>

namespace redbud {
namespace {

constexpr uid_t kNobody = 65534;

using std::filesystem::perms;

}  // namespace

WithoutRoot::WithoutRoot(const Path& folder) : was_root_(geteuid() == 0), folder_(folder) {
  const perms readable = perms::owner_read | perms::owner_exec | perms::group_read | perms::group_exec |
                         perms::others_read | perms::others_exec;
  std::filesystem::permissions(folder_, readable);
  if (was_root_ && seteuid(kNobody) != 0) throw std::runtime_error("a test cannot give up the rights of root");
}

WithoutRoot::~WithoutRoot() {
  if (was_root_) (void)!seteuid(0);
  std::error_code ignored;
  std::filesystem::permissions(folder_, perms::owner_all, ignored);
}

}  // namespace redbud
