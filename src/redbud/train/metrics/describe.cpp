// Metrics as a configuration and as text.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "redbud/core/text.h"
#include "redbud/train/metrics.h"

namespace redbud {
namespace {

struct Field {
  std::string_view name;
  std::optional<double> Metrics::*value;
};
constexpr std::array kFields = {Field{"accuracy", &Metrics::accuracy},
                                Field{"balanced_accuracy", &Metrics::balanced_accuracy},
                                Field{"f1_macro", &Metrics::f1_macro},
                                Field{"auc", &Metrics::auc},
                                Field{"subset_accuracy", &Metrics::subset_accuracy},
                                Field{"rmse", &Metrics::rmse},
                                Field{"mae", &Metrics::mae},
                                Field{"r2", &Metrics::r2}};

constexpr size_t kWidestName = 12;  // of a class in the confusion matrix

/// Cut to a width in characters, not bytes; names are UTF-8.
std::string cut(const std::string& name, size_t width) {
  std::string text;
  size_t characters = 0;
  for (char c : name) {
    const bool continues = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
    if (!continues && ++characters > width) break;
    text += c;
  }
  return text;
}

std::string confusion_text(const Metrics& metrics, const std::vector<std::string>& classes) {
  size_t width = 6;
  std::vector<std::string> names;
  for (size_t c = 0; c < metrics.confusion.size(); ++c) {
    names.push_back(cut(c < classes.size() ? classes[c] : fmt::format("{}", c), kWidestName));
    width = std::max(width, names.back().size() + 1);
  }
  std::string text = fmt::format("\n{:<{}}", "true \\ predicted", kWidestName + 5);
  for (const std::string& name : names) text += fmt::format("{:>{}}", name, width);
  for (size_t c = 0; c < names.size(); ++c) {
    text += fmt::format("\n{:<{}}", names[c], kWidestName + 5);
    for (int64_t count : metrics.confusion[c]) text += fmt::format("{:>{}}", count, width);
  }
  return text;
}

}  // namespace

ConfigValue to_config(const Metrics& metrics, bool with_confusion) {
  ConfigValue table;
  table.set("rows", metrics.rows);
  table.set("loss", metrics.loss);
  for (const Field& field : kFields) {
    if (metrics.*field.value) table.set(field.name, *(metrics.*field.value));
  }
  if (!with_confusion || metrics.confusion.empty()) return table;
  ConfigValue::List matrix;
  for (const auto& row : metrics.confusion) {
    ConfigValue::List counts;
    for (int64_t count : row) counts.emplace_back(count);
    matrix.emplace_back(std::move(counts));
  }
  table.set("confusion", std::move(matrix));
  return table;
}

std::string to_text(const Metrics& metrics, const std::vector<std::string>& classes) {
  constexpr size_t kMostClasses = 30;  // more columns than a screen has
  std::string text =
      fmt::format("{:<18} {}\n{:<18} {:.6g}", "rows", with_thousands(metrics.rows), "loss", metrics.loss);
  for (const Field& field : kFields) {
    if (metrics.*field.value) text += fmt::format("\n{:<18} {:.6g}", field.name, *(metrics.*field.value));
  }
  if (!metrics.confusion.empty() && metrics.confusion.size() <= kMostClasses) text += confusion_text(metrics, classes);
  return text;
}

}  // namespace redbud
