#include "redbud/cli/config/reference.h"

#include <fmt/format.h>

#include "redbud/cli/config/keys.h"
#include "redbud/layers/registry.h"

namespace redbud::cli {
namespace {

constexpr std::string_view kHead =
    "<!-- Made by `redbud help --run-file`; a test compares. Edit src/redbud/cli/config/keys.cpp instead. -->\n"
    "# The run file\n\n"
    "A run is described by one TOML file (`redbud train DATA --config RUN.toml`), by options of the command line, or "
    "by both; "
    "the command line wins. Every key below has the option of the same name with hyphens: `batch_size = 32` in "
    "`[train]` is "
    "`--batch-size 32`. `--set train.optimizer.beta1=0.8` reaches every key, nested ones and those of `[[layer]]` "
    "(`--set layer.hidden1.units=200`) too. An unknown key is an error that names its line, its column and the nearest "
    "known key.\n\n"
    "`\"auto\"` is decided from the data; the outcome and its reason are printed and stand in the run's `config.toml`, "
    "which is a run "
    "file itself. Relative paths are meant from the current folder, or, where nothing is there, from the run file's "
    "own.\n";

constexpr std::string_view kLayers =
    "\n## [[layer]]\n\n"
    "The long form of a network, instead of `[model]`: one `[[layer]]` a layer, from the inputs to the outputs. Beside "
    "the keys of its "
    "kind a layer has\n\n"
    "| key | default | meaning |\n|---|---|---|\n"
    "| `kind` | required | one of those below |\n"
    "| `name` | kind and number | how messages, model files and other layers call it |\n"
    "| `inputs` | the layer above | names of the layers it reads; `\"x\"` are the data's features |\n"
    "| `shares` | none | name of an earlier layer of the same kind whose parameters it uses |\n\n"
    "The last layer must give one output a class, or one a target number; it gives scores, without softmax.\n\n"
    "```toml\n"
    "[[layer]]\nname = \"hidden1\"\nkind = \"dense\"\nunits = 300\nactivation = \"elu\"\n\n"
    "[[layer]]\nkind = \"dropout\"\nrate = 0.3\n\n"
    "[[layer]]\nname = \"output\"\nkind = \"dense\"\nunits = 10\n"
    "```\n";

std::string cell(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string values_of(const Key& key) {
  std::string words;
  for (std::string_view word : key.words) words += (words.empty() ? "" : ", ") + std::string(word);
  const std::string range = key.range.is_everything() ? "" : to_string(key.range);
  switch (key.kind) {
    case KeyKind::Text:
      return "text";
    case KeyKind::Boolean:
      return (words.empty() ? "" : words + ", ") + "true, false";
    case KeyKind::Integer:
      return (words.empty() ? "" : words + ", or ") + "whole number " + range;
    case KeyKind::Number:
      return (words.empty() ? "" : words + ", or ") + "number " + range;
    case KeyKind::Integers:
      return (words.empty() ? "" : words + ", or ") + "list of whole numbers from 1 on";
    case KeyKind::Numbers:
      return (words.empty() ? "" : words + ", or ") + "list of numbers " + range;
    case KeyKind::Texts:
      return "list of texts";
    case KeyKind::Columns:
      return "name, number, or list of these";
    case KeyKind::Portion:
      return "share, count or path";
    case KeyKind::Choice:
      return words;
    case KeyKind::Rate:
      return (words.empty() ? "" : words + ", or ") + "number " + range + ", or table";
    case KeyKind::Named:
      return "name, or table";
    case KeyKind::Average:
      return words + ", number " + range + ", or table";
    case KeyKind::Tables:
      return "tables";
  }
  return "";
}

std::string key_row(const Key& key) {
  const std::string value = key.default_text.empty() ? "none" : fmt::format("`{}`", key.default_text);
  std::string meaning = cell(key.meaning);
  if (key.later) meaning += " (not supported yet)";
  if (!key.example.empty()) meaning += fmt::format("; for example `{}`", key.example);
  return fmt::format("| `{}` | {} | {} | {} |\n", key.name, value, cell(values_of(key)), meaning);
}

std::string layer_table(const LayerEntry& layer) {
  std::string out = fmt::format("\n### kind = \"{}\"\n\nMeaning: {}.\n", layer.kind, layer.meaning);
  if (layer.keys.empty()) return out;
  out += "\n| key | default | meaning |\n|---|---|---|\n";
  for (const LayerKey& key : layer.keys) {
    const bool required = key.default_text == "required";
    out += fmt::format("| `{}` | {} | {} |\n", key.name, required ? "required" : "`" + key.default_text + "`",
                       cell(key.meaning));
  }
  return out;
}

}  // namespace

std::string run_file_reference() {
  std::string out(kHead);
  for (const Section& section : sections()) {
    out += fmt::format("\n## [{}]\n\n{}\n\n| key | default | values | meaning |\n|---|---|---|---|\n", section.name,
                       section.meaning);
    for (const Key& key : run_keys()) {
      if (key.section == section.name) out += key_row(key);
    }
  }
  out += kLayers;
  for (const LayerEntry& layer : layer_registry()) out += layer_table(layer);
  return out;
}

}  // namespace redbud::cli
