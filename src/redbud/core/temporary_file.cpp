// Temporary files beside the file that they replace: "<name>.<pid>-<number>.tmp".
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>

#include "redbud/core/file_steps.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

std::atomic<int64_t> next_number{0};

constexpr std::string_view kSuffix = ".tmp";

struct TemporaryName {
  int64_t pid = 0;
  int64_t number = 0;
};

std::optional<int64_t> digits(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return parse_integer(text);
}

std::optional<TemporaryName> parse_temporary_name(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::nullopt;
  const std::string_view numbers = name.substr(dot + 1);
  const size_t dash = numbers.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto pid = digits(numbers.substr(0, dash));
  const auto number = digits(numbers.substr(dash + 1));
  if (!pid || !number || *pid < 1 || *pid > INT32_MAX) return std::nullopt;
  return TemporaryName{*pid, *number};
}

/// In a container a new process often has the pid of the one that was killed; this process never made a number that is
/// still to come.
bool is_stale(const TemporaryName& name) {
  if (name.pid == getpid()) return name.number >= next_number.load();
  return kill(static_cast<pid_t>(name.pid), 0) != 0 && errno == ESRCH;
}

}  // namespace

namespace detail {

std::unique_ptr<FileHandle> create_temporary(const Path& path, Path& temporary, int64_t bytes_needed) {
  constexpr int kTries = 100;
  IoStatus status;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    temporary = path;
    temporary += fmt::format(".{}-{}{}", getpid(), next_number++, kSuffix);
    std::unique_ptr<FileHandle> file;
    status = open(temporary, OpenMode::CreateNew, file);
    if (status.ok()) return file;
    if (status.code != EEXIST) break;  // a name that is taken, by whomever, is left alone
  }
  refuse_write(path, status, bytes_needed);
}

}  // namespace detail

std::vector<std::string> remove_stale_temporaries(const Path& folder) {
  std::vector<std::string> names;
  std::vector<std::string> removed;
  if (!file_system().list(folder, names).ok()) return removed;
  for (const std::string& name : names) {
    const auto temporary = parse_temporary_name(name);
    if (!temporary || !is_stale(*temporary)) continue;
    FileInfo info;
    if (!file_system().info(folder / name, info).ok() || info.type != FileType::Regular) continue;
    if (file_system().remove(folder / name).ok()) removed.push_back(name);
  }
  return removed;
}

}  // namespace redbud
