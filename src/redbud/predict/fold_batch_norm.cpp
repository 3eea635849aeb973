#include "redbud/predict/fold_batch_norm.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "redbud/graph/ops/weight_standardize.h"
#include "redbud/kernels/batch_norm.h"
#include "redbud/layers/registry.h"

namespace redbud {
namespace {

/// A node while it is being rewritten: its configuration and its values in double.
struct Draft {
  std::string name;
  std::string kind;
  ConfigValue config;
  std::vector<int> inputs;
  std::string shares;
  bool removed = false;
  std::vector<double> weight, bias;  // of a dense layer
  int64_t rows = 0, cols = 0;        // of its weight
};

/// What a batch normalisation does in prediction: y = scale * z + shift.
struct Affine {
  std::vector<double> scale, shift;
};

class Folder {
 public:
  explicit Folder(const Model& model) : model_(model), graph_(model.graph) {
    for (const Node& node : graph_.nodes()) drafts_.push_back(draft_of(node));
  }

  Model run() {
    for (size_t i = 0; i < drafts_.size(); ++i) {
      const Node& node = graph_.nodes()[i];
      if (node.layer && node.layer->is_random()) bypass(i);
    }
    for (size_t i = 0; i < drafts_.size(); ++i) {
      if (is_plain_dense(static_cast<int>(i)) && drafts_[i].config.find("weight_standardization") != nullptr)
        standardize(drafts_[i]);
    }
    for (size_t i = 0; i < drafts_.size(); ++i) {
      if (drafts_[i].kind == "batch_norm" && (fold_into_dense_before(i) || fold_into_dense_after(i))) bypass(i);
    }
    return rebuild();
  }

 private:
  Draft draft_of(const Node& node) const {
    Draft draft{.name = node.name,
                .kind = {},
                .config = {},
                .inputs = node.inputs,
                .shares = node.shares,
                .weight = {},
                .bias = {}};
    if (!node.layer) return draft;
    draft.kind = node.layer->kind();
    draft.config = node.layer->config();
    if (draft.kind != "dense") return draft;
    const auto w = model_.values.parameter(node.parameters[0]);
    draft.weight.assign(w.begin(), w.end());
    draft.rows = node.signature.parameters[0].shape[0];
    draft.cols = node.signature.parameters[0].shape[1];
    if (node.parameters.size() > 1 && node.signature.parameters[1].name == "bias") {
      const auto b = model_.values.parameter(node.parameters[1]);
      draft.bias.assign(b.begin(), b.end());
    }
    return draft;
  }

  /// The weight that a dense layer with weight_standardization multiplies by takes the place of the one it trains.
  static void standardize(Draft& dense) {
    const auto rows = static_cast<size_t>(dense.rows);
    const auto cols = static_cast<size_t>(dense.cols);
    const auto fan_in = static_cast<double>(dense.rows);
    for (size_t k = 0; k < cols; ++k) {
      double sum = 0.0, squares = 0.0;
      for (size_t c = 0; c < rows; ++c) sum += dense.weight[c * cols + k];
      const double mean = sum / fan_in;
      for (size_t c = 0; c < rows; ++c) squares += std::pow(dense.weight[c * cols + k] - mean, 2);
      const double inv = 1.0 / std::sqrt(squares + kWeightStandardizeEpsilon);
      for (size_t c = 0; c < rows; ++c) dense.weight[c * cols + k] = (dense.weight[c * cols + k] - mean) * inv;
    }
    dense.config.set("weight_standardization", false);
  }

  /// Readers of node i read its input instead.
  void bypass(size_t i) {
    if (static_cast<int>(i) == graph_.output() && drafts_[static_cast<size_t>(drafts_[i].inputs[0])].kind.empty())
      return;
    drafts_[i].removed = true;
    for (Draft& draft : drafts_)
      std::replace(draft.inputs.begin(), draft.inputs.end(), static_cast<int>(i), drafts_[i].inputs[0]);
  }

  /// The only node that reads node i, or -1 if there are none or several, or if it is the network's output.
  int only_reader(int i) const {
    int found = -1;
    for (size_t j = 0; j < drafts_.size(); ++j) {
      if (drafts_[j].removed) continue;
      for (int input : drafts_[j].inputs) {
        if (input != i) continue;
        if (found >= 0) return -1;
        found = static_cast<int>(j);
      }
    }
    return found;
  }

  bool is_shared(int i) const {
    if (!drafts_[static_cast<size_t>(i)].shares.empty()) return true;
    return std::any_of(drafts_.begin(), drafts_.end(),
                       [&](const Draft& d) { return d.shares == drafts_[static_cast<size_t>(i)].name; });
  }

  bool is_plain_dense(int i) const {
    return i >= 0 && drafts_[static_cast<size_t>(i)].kind == "dense" && !is_shared(i);
  }

  Affine affine_of(size_t i) const {
    const Node& node = graph_.nodes()[i];
    const auto mean = model_.values.buffer(node.buffers[0]);
    const auto var = model_.values.buffer(node.buffers[1]);
    const auto steps = static_cast<double>(model_.values.buffer(node.buffers[2])[0]);
    const double momentum = drafts_[i].config.find("momentum")->as_number("momentum");
    const double epsilon = drafts_[i].config.find("epsilon")->as_number("epsilon");
    const double correction = kernels::batch_norm_correction(steps, momentum);
    const auto parameter = [&](std::string_view name, size_t k, double fallback) {
      for (size_t p = 0; p < node.parameters.size(); ++p) {
        if (node.signature.parameters[p].name == name)
          return static_cast<double>(model_.values.parameter(node.parameters[p])[k]);
      }
      return fallback;
    };
    Affine affine;
    for (size_t k = 0; k < mean.size(); ++k) {
      const auto [slope, shift] = kernels::batch_norm_affine(mean[k], var[k], correction, epsilon,
                                                             parameter("gamma", k, 1.0), parameter("beta", k, 0.0));
      affine.scale.push_back(slope);
      affine.shift.push_back(shift);
    }
    return affine;
  }

  bool fold_into_dense_before(size_t i) {
    const int before = drafts_[i].inputs[0];
    if (!is_plain_dense(before) || is_shared(static_cast<int>(i)) || only_reader(before) != static_cast<int>(i))
      return false;
    Draft& dense = drafts_[static_cast<size_t>(before)];
    if (!(*dense.config.find("activation") == ConfigValue("identity"))) return false;
    const Affine affine = affine_of(i);
    const auto cols = static_cast<size_t>(dense.cols);
    for (size_t e = 0; e < dense.weight.size(); ++e) dense.weight[e] *= affine.scale[e % cols];
    dense.bias.resize(cols, 0.0);
    for (size_t k = 0; k < cols; ++k) dense.bias[k] = dense.bias[k] * affine.scale[k] + affine.shift[k];
    dense.config.set("bias", true);
    return true;
  }

  bool fold_into_dense_after(size_t i) {
    const int after = only_reader(static_cast<int>(i));
    if (!is_plain_dense(after) || is_shared(static_cast<int>(i)) || static_cast<int>(i) == graph_.output())
      return false;
    Draft& dense = drafts_[static_cast<size_t>(after)];
    const Affine affine = affine_of(i);
    const auto cols = static_cast<size_t>(dense.cols);
    dense.bias.resize(cols, 0.0);
    for (size_t c = 0; c < static_cast<size_t>(dense.rows); ++c) {
      for (size_t k = 0; k < cols; ++k) {
        dense.bias[k] += affine.shift[c] * dense.weight[c * cols + k];
        dense.weight[c * cols + k] *= affine.scale[c];
      }
    }
    dense.config.set("bias", true);
    return true;
  }

  Model rebuild() const {
    Model folded;
    folded.loss = model_.loss;
    folded.recipe = model_.recipe;
    folded.training = model_.training;
    for (size_t i = 0; i < drafts_.size(); ++i) add_node(folded.graph, i);
    folded.values = folded.graph.make_store();
    for (const Node& node : folded.graph.nodes()) copy_values(node, folded.values);
    return folded;
  }

  void add_node(Graph& graph, size_t i) const {
    const Draft& draft = drafts_[i];
    if (draft.removed) return;
    if (draft.kind.empty()) {
      graph.add_input(draft.name, graph_.nodes()[i].signature.output.shape);
      return;
    }
    Graph::LayerOptions options{.shares = draft.shares};
    for (int input : draft.inputs) options.inputs.push_back(drafts_[static_cast<size_t>(input)].name);
    graph.add(draft.name, make_layer(draft.kind, draft.config), options);
  }

  void copy_values(const Node& node, ParameterStore& values) const {
    const auto at = static_cast<size_t>(*graph_.find(node.name));
    const Node& original = graph_.nodes()[at];
    const Draft& draft = drafts_[at];
    for (size_t p = 0; p < node.parameters.size(); ++p) {
      const std::string& name = node.signature.parameters[p].name;
      const auto to = values.parameter(node.parameters[p]);
      if (draft.kind == "dense" && (name == "weight" || name == "bias")) {
        store(name == "weight" ? draft.weight : draft.bias, to);
      } else {
        const auto from = model_.values.parameter(original.parameters[parameter_at(original, name)]);
        std::copy(from.begin(), from.end(), to.begin());
      }
    }
    for (size_t b = 0; b < node.buffers.size(); ++b) {
      const auto from = model_.values.buffer(original.buffers[b]);
      std::copy(from.begin(), from.end(), values.buffer(node.buffers[b]).begin());
    }
  }

  /// A folded dense layer may have a bias that the original hadn't.
  static size_t parameter_at(const Node& node, const std::string& name) {
    const auto& parameters = node.signature.parameters;
    const auto found =
        std::find_if(parameters.begin(), parameters.end(), [&](const ParameterSpec& p) { return p.name == name; });
    RB_ASSERT(found != parameters.end());
    return static_cast<size_t>(found - parameters.begin());
  }

  static void store(const std::vector<double>& from, std::span<float> to) {
    std::transform(from.begin(), from.end(), to.begin(), [](double v) { return static_cast<float>(v); });
  }

  const Model& model_;
  const Graph& graph_;
  std::vector<Draft> drafts_;
};

}  // namespace

Model fold_batch_norm(const Model& model) { return Folder(model).run(); }

}  // namespace redbud
