#include "redbud/layers/mlp.h"

#include "redbud/layers/activation.h"
#include "redbud/layers/alpha_dropout.h"
#include "redbud/layers/batch_norm.h"
#include "redbud/layers/dense.h"
#include "redbud/layers/dropout.h"
#include "redbud/layers/gaussian_dropout.h"
#include "redbud/layers/gaussian_noise.h"

namespace redbud {
namespace {

class MlpWriter {
 public:
  MlpWriter(const MlpConfig& config, Graph& graph) : config_(config), graph_(graph) {
    weight_init_ = config.initializer;
    if (weight_init_.name == "auto") weight_init_ = initializer_for(config.activation);
  }

  void add_hidden(int64_t units, const std::string& name) {
    const bool before = config_.batch_norm == NormPlace::Before;
    graph_.add(name, std::make_shared<Dense>(DenseConfig{.units = units,
                                                         .bias = !before,
                                                         .initializer = weight_init_,
                                                         .weight_standardization = config_.weight_standardization}));
    if (before) add_norm(name);
    if (config_.layer_norm == NormPlace::Before) add_layer_norm(name);
    if (!config_.activation.is_identity()) {
      graph_.add(name + "_" + activation_name(config_.activation),
                 std::make_shared<ActivationLayer>(config_.activation));
    }
    if (config_.batch_norm == NormPlace::After) add_norm(name);
    if (config_.layer_norm == NormPlace::After) add_layer_norm(name);
    add_dropout(name, config_.dropout, config_.dropout_kind);
  }

  void add_norm(const std::string& name) {
    graph_.add(name + "_norm", std::make_shared<BatchNorm>(BatchNormConfig{.momentum = config_.momentum,
                                                                           .epsilon = config_.epsilon,
                                                                           .scale = config_.scale,
                                                                           .center = config_.center}));
  }

  void add_layer_norm(const std::string& name) {
    graph_.add(name + "_norm", std::make_shared<LayerNorm>(config_.layer_norm_config));
  }

  void add_dropout(const std::string& name, double rate, DropoutKind kind = DropoutKind::Standard) {
    if (rate <= 0.0) return;
    std::shared_ptr<const Layer> layer = std::make_shared<Dropout>(DropoutConfig{.rate = rate});
    if (kind == DropoutKind::Alpha) layer = std::make_shared<AlphaDropout>(AlphaDropoutConfig{.rate = rate});
    if (kind == DropoutKind::Gaussian) layer = std::make_shared<GaussianDropout>(GaussianDropoutConfig{.rate = rate});
    graph_.add(name + "_dropout", std::move(layer));
  }

  void add_noise(const std::string& name, double sigma) {
    if (sigma > 0.0) graph_.add(name + "_noise", std::make_shared<GaussianNoise>(GaussianNoiseConfig{.sigma = sigma}));
  }

 private:
  const MlpConfig& config_;
  Graph& graph_;
  Initializer weight_init_;
};

}  // namespace

Graph mlp_graph(const MlpConfig& config, int64_t inputs, int64_t outputs) {
  Graph graph;
  graph.add_input("x", {inputs});
  MlpWriter writer(config, graph);
  writer.add_noise("x", config.input_noise);
  writer.add_dropout("x", config.input_dropout);
  int number = 0;
  for (int64_t units : config.hidden) writer.add_hidden(units, "hidden" + std::to_string(++number));
  const bool norm = config.batch_norm_on_output;
  graph.add("output",
            std::make_shared<Dense>(DenseConfig{.units = outputs, .bias = !norm, .initializer = {"glorot_normal"}}));
  if (norm) writer.add_norm("output");
  return graph;
}

Model mlp(const MlpConfig& config, const Schema& schema) {
  Model model;
  model.graph = mlp_graph(config, schema.features(), schema.outputs());
  model.loss = schema.task == Task::Regression   ? "mean_squared_error"
               : schema.task == Task::MultiLabel ? "sigmoid_cross_entropy"
                                                 : "softmax_cross_entropy";
  model.values = model.graph.make_store();
  model.recipe.schema = schema;
  return model;
}

}  // namespace redbud
