#pragma once
#include <span>
#include <string>
#include <vector>

#include "redbud/cli/console.h"
#include "redbud/graph/model.h"

namespace redbud::cli {

/// Where dropout was left on, outputs are means over samples, and `deviation` is how far those spread. Else it is
/// empty.
struct Prediction {
  std::span<const float> outputs;
  std::span<const float> deviation;
};

/// Outputs of a network to lines of text: CSV, or one JSON object a line.
class PredictionWriter {
 public:
  PredictionWriter(const Model& model, Console& console, bool sampled);

  void write_header();
  void write_row(const Prediction& prediction);

 private:
  const std::vector<std::string>& output_names() const;
  std::vector<std::string> labels_of(std::span<const float> outputs) const;
  std::string class_fields(const Prediction& prediction) const;
  std::string label_fields(const Prediction& prediction) const;
  std::string number_fields(const Prediction& prediction) const;
  ConfigValue to_record(const Prediction& prediction) const;
  void add_numbers(const Prediction& prediction, ConfigValue& record) const;
  void add_deviation(const Prediction& prediction, ConfigValue& record) const;
  float number(std::span<const float> outputs, size_t i) const;
  float spread(const Prediction& prediction, size_t i) const;
  std::string target(size_t i) const;

  const Recipe& recipe_;
  const Schema& schema_;
  Console& console_;
  bool sampled_;     // dropout was left on
  bool are_scores_;  // of a loss that makes no probabilities
  std::vector<std::string> class_names_;
};

}  // namespace redbud::cli
