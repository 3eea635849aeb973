#include "cli_test_support.h"

#include <fmt/format.h>

#include <cstdlib>

#include "redbud/checkpoint/json.h"
#include "redbud/checkpoint/safetensors.h"
#include "redbud/core/bytes.h"
#include "redbud/core/text.h"

namespace redbud {

Path digits() { return Path(REDBUD_SOURCE_DIR) / "examples/digits/digits.csv"; }

std::string small_table(int rows) {
  std::string text = "a,b,c,label\n";
  for (int i = 0; i < rows; ++i) {
    // Some numbers without a pattern that a reader would take for an identifier; the label follows from them.
    const int a = i * 7919 % 997;
    const int b = i * 104729 % 1009;
    const char* c = i % 3 == 0 ? "red" : i % 3 == 1 ? "green" : "blue";
    text += fmt::format("{}.5,{}.25,{},{}\n", a, b, c, a + b / 2 > 740 ? "yes" : "no");
  }
  return text;
}

std::vector<std::string> small_training(const TempFolder& folder, std::vector<std::string> more) {
  const Path data = folder.write("table.csv", small_table());
  std::vector<std::string> words = {
      "train", data.string(), "--out", (folder / "run").string(), "--hidden", "16,16", "--seed", "1", "--epochs", "5"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

::testing::AssertionResult fails(const Outcome& outcome, int exit_code, const std::vector<std::string>& parts) {
  const auto complain = [&](const std::string& what) {
    return ::testing::AssertionFailure() << what << "\nexit code " << outcome.exit_code << ", signal " << outcome.signal
                                         << "\nstdout: " << outcome.out << "\nstderr: " << outcome.err;
  };
  if (outcome.exit_code != exit_code) return complain(fmt::format("the exit code is not {}", exit_code));
  if (!outcome.out.empty()) return complain("stdout is not clean");
  const std::vector<std::string> lines = outcome.error_lines();
  if (lines.size() != 1) return complain(fmt::format("stderr has {} lines, not one", lines.size()));
  if (!lines[0].starts_with("redbud: error: ")) return complain("stderr does not start with `redbud: error: `");
  for (const std::string& part : parts) {
    if (lines[0].find(part) == std::string::npos) return complain("the error does not say: " + part);
  }
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult succeeds(const Outcome& outcome) {
  if (outcome.exit_code == 0) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "exit code " << outcome.exit_code << ", signal " << outcome.signal
                                       << "\nstderr: " << outcome.err;
}

ConfigValue last_record(const Outcome& outcome) {
  std::string_view text = trim(outcome.out);
  while (text.ends_with('\n')) text.remove_suffix(1);
  return parse_json(text.substr(text.rfind('\n') + 1), {.where = "stdout", .kind = ErrorKind::Data});
}

std::string weights_of(const Path& model_file) {
  const std::string text = text_of(model_file);
  std::vector<std::byte> bytes(text.size());
  const auto view = as_bytes(std::string_view(text));
  std::copy(view.begin(), view.end(), bytes.begin());
  const SafetensorsFile file = parse_safetensors(std::move(bytes), {.where = model_file.string()});
  std::string weights;
  for (const NamedTensor& tensor : file.tensors) weights += tensor.name + ":" + std::string(as_text(tensor.bytes));
  return weights;
}

bool has_program(const std::string& name) {
  const bool found = std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0;
  const char* ci = std::getenv("CI");
  if (!found && ci != nullptr && std::string(ci) == "true") ADD_FAILURE() << name << " is not installed";
  return found;
}

}  // namespace redbud
