#include "redbud/checkpoint/model_file.h"

#include <fmt/format.h>

#include <type_traits>

#include "redbud/checkpoint/json.h"
#include "redbud/checkpoint/recipe_json.h"
#include "redbud/checkpoint/safetensors.h"
#include "redbud/checkpoint/tensor_list.h"
#include "redbud/core/text.h"
#include "redbud/layers/registry.h"
#include "redbud/losses/registry.h"

namespace redbud {
namespace {

constexpr std::string_view kFormat = "model 1";
constexpr size_t kMostLayers = 10'000;  // a hostile file shall not keep the graph's look-ups busy for hours

std::map<std::string, std::string> metadata_of(const Model& model) {
  return {{"redbud.format", std::string(kFormat)},
          {"redbud.graph", to_json(to_config(model.graph))},
          {"redbud.loss", model.loss.is_text() ? model.loss.as_text("loss") : to_json(model.loss)},
          {"redbud.recipe", to_json(to_config(model.recipe))},
          {"redbud.training", to_json(model.training)}};
}

std::vector<NamedTensor> tensors_of(const ParameterStore& values) {
  std::vector<NamedTensor> tensors;
  append_segments(tensors, values.parameters(), values.parameter_memory(), "");
  append_segments(tensors, values.buffers(), values.buffer_memory(), "");
  return tensors;
}

class ModelReader {
 public:
  ModelReader(const SafetensorsFile& file, std::string where) : file_(file), where_(std::move(where)) {}

  Model read() const {
    check_format();
    Model model;
    model.graph = read_part("redbud.graph", [&](const ConfigValue& config) {
      if (config.as_list("graph").size() > kMostLayers) refuse("the graph has too many layers");
      return graph_from_config(config, make_layer);
    });
    model.loss = read_loss();
    model.recipe = read_part("redbud.recipe", recipe_from_config);
    model.training = json("redbud.training");
    check_fit(model);
    read_values(model);
    return model;
  }

 private:
  [[noreturn]] void refuse(std::string fact, std::string found = {}, std::string expected = {}) const {
    throw Error(ErrorKind::Model,
                {.where = where_, .fact = std::move(fact), .found = std::move(found), .expected = std::move(expected)});
  }

  /// What is wrong inside a part of the file is the file's fault, whatever the part's reader calls it.
  [[noreturn]] void refuse_part(std::string_view key, const Error& e) const {
    ErrorText text = e.text();
    text.where = where_ + ": " + std::string(key) + (text.where.empty() ? "" : ": " + text.where);
    throw Error(e.kind() == ErrorKind::Usage ? ErrorKind::Model : e.kind(), text);
  }

  const std::string& text(const std::string& key) const {
    const auto at = file_.metadata.find(key);
    if (at == file_.metadata.end()) refuse(fmt::format("the metadata lacks {}", key));
    return at->second;
  }

  ConfigValue json(const std::string& key) const {
    return parse_json(text(key), {.where = where_ + ": " + key, .kind = ErrorKind::Model});
  }

  template <class Read>
  std::invoke_result_t<Read, const ConfigValue&> read_part(const std::string& key, Read&& read) const {
    const ConfigValue config = json(key);
    try {
      return read(config);
    } catch (const Error& e) {
      refuse_part(key, e);
    }
  }

  /// A name, or a table as JSON. Written again as the registry writes it.
  ConfigValue read_loss() const {
    const std::string& written = text("redbud.loss");
    const ConfigValue config = written.starts_with('{') ? json("redbud.loss") : ConfigValue(written);
    try {
      return loss_from_config(config)->config();
    } catch (const Error& e) {
      refuse_part("redbud.loss", e);
    }
  }

  void check_format() const {
    const std::string& format = text("redbud.format");
    if (format != kFormat) refuse("holds something else than a model", quote(format), quote(kFormat));
  }

  /// The network reads what the recipe gives, and gives what it reads back.
  void check_fit(const Model& model) const {
    int64_t features = 0;
    for (int i : model.graph.inputs()) features += model.graph.node(i).signature.output.shape.elements();
    if (features != model.recipe.schema.features()) {
      refuse("the recipe has another number of features than the network",
             with_thousands(model.recipe.schema.features()), with_thousands(features));
    }
    if (model.graph.output_shape().elements() != model.recipe.schema.outputs()) {
      refuse("the recipe has another number of outputs than the network", with_thousands(model.recipe.schema.outputs()),
             with_thousands(model.graph.output_shape().elements()));
    }
  }

  /// Memory is asked for only after the file was seen to hold as much.
  void read_values(Model& model) const {
    const SegmentLayout& parameters = model.graph.parameter_layout();
    const SegmentLayout& buffers = model.graph.buffer_layout();
    const TensorSource source{.file = file_, .where = where_, .kind = ErrorKind::Model};
    check_segments(source, parameters, "");
    check_segments(source, buffers, "");
    for (const NamedTensor& tensor : file_.tensors) {
      if (!parameters.find(tensor.name) && !buffers.find(tensor.name)) {
        refuse(fmt::format("tensor {} belongs to no layer", quote(tensor.name)));
      }
    }
    model.values = model.graph.make_store();
    copy_segments(source, parameters, model.values.parameter_memory(), "");
    copy_segments(source, buffers, model.values.buffer_memory(), "");
  }

  const SafetensorsFile& file_;
  std::string where_;
};

SafetensorsLimits limits_of(const Path& path) {
  return {.where = path.string(), .kind = ErrorKind::Model, .checksums = Checksums::Required};
}

}  // namespace

void save(const Model& model, const Path& path) {
  RB_ASSERT(model.values.type() == DType::F32);
  write_safetensors(path, metadata_of(model), tensors_of(model.values));
}

Model parse_model(std::vector<std::byte> bytes, const std::string& where) {
  const SafetensorsFile file = parse_safetensors(std::move(bytes), limits_of(where));
  return ModelReader(file, where).read();
}

Model load_model(const Path& path) { return parse_model(read_file(path, {.kind = ErrorKind::Model}), path.string()); }

std::vector<std::string> check_model_file(const Path& path) {
  std::vector<std::string> faults;
  try {
    const CheckedSafetensors checked = check_safetensors(read_file(path, {.kind = ErrorKind::Model}), limits_of(path));
    for (const ErrorText& text : checked.damaged) faults.push_back(to_line(text));
    ModelReader(checked.file, path.string()).read();
  } catch (const Error& e) {
    faults.emplace_back(e.what());
  }
  return faults;
}

}  // namespace redbud
