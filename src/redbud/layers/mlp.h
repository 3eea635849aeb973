#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "redbud/data/schema.h"
#include "redbud/graph/graph.h"
#include "redbud/graph/model.h"
#include "redbud/layers/activation_config.h"
#include "redbud/layers/layer_norm.h"

namespace redbud {

enum class NormPlace { Before, After, None };
enum class DropoutKind { Standard, Alpha, Gaussian };

/// A multi-layer perceptron of the guidelines: [model] of a run file.
struct MlpConfig {
  std::vector<int64_t> hidden = {100, 100};
  kernels::Activation activation = elu();
  Initializer initializer = {};  // "auto": by the activation
  NormPlace batch_norm = NormPlace::Before;
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool scale = true;                  // batch norm's gamma
  bool center = true;                 // batch norm's beta
  bool batch_norm_on_output = false;  // normalise the scores too
  NormPlace layer_norm = NormPlace::None;
  LayerNormConfig layer_norm_config = {};
  bool weight_standardization = false;  // of the hidden layers
  double dropout = 0.0;                 // of each hidden layer's output
  DropoutKind dropout_kind = DropoutKind::Standard;
  double input_dropout = 0.0;
  double input_noise = 0.0;  // standard deviation
};

/// hidden1, hidden1_norm, hidden1_elu, ..., output. A dense layer that batch norm follows has no bias (beta takes its
/// place).
Graph mlp_graph(const MlpConfig& config, int64_t inputs, int64_t outputs);

/// The graph for data of this schema, its loss (softmax cross-entropy for classes, mean squared error for numbers),
/// values not yet drawn.
Model mlp(const MlpConfig& config, const Schema& schema);

}  // namespace redbud
