#include "redbud/checkpoint/train_state.h"

#include <fmt/format.h>

#include "redbud/checkpoint/json.h"
#include "redbud/checkpoint/tensor_list.h"
#include "redbud/core/checksum.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

constexpr std::string_view kFormat = "checkpoint 1";

struct IntegerField {
  const char* key;
  int64_t TrainProgress::*value;
};
constexpr IntegerField kIntegers[] = {{"step", &TrainProgress::step},
                                      {"epoch", &TrainProgress::epoch},
                                      {"position", &TrainProgress::position},
                                      {"loss_rows", &TrainProgress::loss_rows},
                                      {"best_epoch", &TrainProgress::best_epoch},
                                      {"epochs_since_best", &TrainProgress::epochs_since_best},
                                      {"rate_drops", &TrainProgress::rate_drops},
                                      {"epochs_since_drop", &TrainProgress::epochs_since_drop},
                                      {"log_bytes", &TrainProgress::log_bytes}};
struct NumberField {
  const char* key;
  double TrainProgress::*value;
};
constexpr NumberField kNumbers[] = {{"loss_sum", &TrainProgress::loss_sum},
                                    {"best_score", &TrainProgress::best_score},
                                    {"patience_score", &TrainProgress::patience_score},
                                    {"elapsed_s", &TrainProgress::elapsed_s}};

ConfigValue to_config(const TrainProgress& progress, Optimizer& optimizer) {
  ConfigValue table;
  for (const IntegerField& field : kIntegers) table.set(field.key, progress.*field.value);
  for (const NumberField& field : kNumbers) table.set(field.key, progress.*field.value);
  table.set("optimizer_steps", optimizer.steps());
  ConfigValue numbers{ConfigValue::Table{}};
  for (const Optimizer::StateNumber& number : optimizer.numbers()) numbers.set(number.name, *number.value);
  if (!numbers.as_table("optimizer_numbers").empty()) table.set("optimizer_numbers", std::move(numbers));
  table.set("seed", to_hex(progress.seed));
  table.set("history", progress.history);
  return table;
}

const ConfigValue& require(const ConfigValue& table, std::string_view key) {
  if (const ConfigValue* value = table.find(key)) return *value;
  throw Error(ErrorKind::Verification, {.fact = fmt::format("the key {} is missing", key)});
}

int64_t count(const ConfigValue& table, std::string_view key) {
  const int64_t value = require(table, key).as_integer(key);
  if (value < (key == "log_bytes" ? -1 : 0)) {
    throw Error(ErrorKind::Verification, {.fact = fmt::format("{} is negative", key)});
  }
  return value;
}

void read_progress(const ConfigValue& table, Checkpoint& checkpoint) {
  TrainProgress& progress = checkpoint.progress;
  for (const IntegerField& field : kIntegers) progress.*field.value = count(table, field.key);
  for (const NumberField& field : kNumbers) progress.*field.value = require(table, field.key).as_number(field.key);
  checkpoint.optimizer_steps = count(table, "optimizer_steps");
  if (!parse_hex(require(table, "seed").as_text("seed"), progress.seed)) {
    throw Error(ErrorKind::Verification, {.fact = "the seed is not 16 hexadecimal digits"});
  }
  progress.history = require(table, "history");
  if (const ConfigValue* numbers = table.find("optimizer_numbers")) checkpoint.optimizer_numbers = *numbers;
}

const std::string& text(const SafetensorsFile& file, const std::string& key) {
  const auto at = file.metadata.find(key);
  if (at == file.metadata.end()) {
    throw Error(ErrorKind::Verification, {.fact = fmt::format("the metadata lacks {}", key)});
  }
  return at->second;
}

void read_metadata(Checkpoint& checkpoint) {
  const SafetensorsFile& file = checkpoint.file;
  const std::string& format = text(file, "redbud.format");
  if (format != kFormat) {
    throw Error(ErrorKind::Verification,
                {.fact = "holds something else than a checkpoint", .found = quote(format), .expected = quote(kFormat)});
  }
  const JsonLimits limits{.where = {}, .kind = ErrorKind::Verification};
  read_progress(parse_json(text(file, "redbud.progress"), limits), checkpoint);
  checkpoint.fingerprint.config = parse_json(text(file, "redbud.config"), limits);
  checkpoint.fingerprint.target = text(file, "redbud.target");
  if (file.metadata.contains("redbud.version")) checkpoint.fingerprint.version = text(file, "redbud.version");
  if (!parse_hex(text(file, "redbud.data"), checkpoint.fingerprint.data)) {
    throw Error(ErrorKind::Verification, {.fact = "redbud.data is not 16 hexadecimal digits"});
  }
}

/// Calls f(layout, memory, prefix) for every flat buffer of the state.
template <class F>
void each_buffer(TrainState& state, bool with_best, F&& f) {
  f(state.values.parameters(), state.values.parameter_memory(), "parameters.");
  f(state.values.buffers(), state.values.buffer_memory(), "buffers.");
  for (const Optimizer::StateArray& array : state.optimizer.state()) {
    f(state.values.parameters(), *array.values, "optimizer." + array.name + ".");
  }
  if (state.average != nullptr) f(state.values.parameters(), *state.average, "average.");
  if (!with_best) return;
  f(state.best.parameters(), state.best.parameter_memory(), "best.parameters.");
  f(state.best.buffers(), state.best.buffer_memory(), "best.buffers.");
}

CheckpointContent content_of(TrainState& state, const Fingerprint& fingerprint, bool with_best) {
  CheckpointContent content;
  content.metadata = {{"redbud.format", std::string(kFormat)},
                      {"redbud.progress", to_json(to_config(state.progress, state.optimizer))},
                      {"redbud.config", to_json(fingerprint.config)},
                      {"redbud.data", to_hex(fingerprint.data)},
                      {"redbud.target", fingerprint.target},
                      {"redbud.version", fingerprint.version}};
  each_buffer(state, with_best,
              [&](const SegmentLayout& layout, const AlignedBuffer& memory, const std::string& prefix) {
                append_segments(content.tensors, layout, memory, prefix);
              });
  return content;
}

}  // namespace

CheckpointContent checkpoint_content(TrainState& state, const Fingerprint& fingerprint) {
  return content_of(state, fingerprint, state.progress.best_epoch > 0);
}

int64_t largest_checkpoint_bytes(TrainState& state, const Fingerprint& fingerprint) {
  constexpr int64_t kHistory = 64 * 1024;  // room for what is told of the epochs
  const CheckpointContent content = content_of(state, fingerprint, true);
  SafetensorsImage image;
  build_safetensors(image, content.metadata, content.tensors);
  return image.bytes + kHistory;
}

Checkpoint parse_checkpoint(std::vector<std::byte> bytes, const std::string& where) {
  Checkpoint checkpoint;
  checkpoint.where = where;
  checkpoint.file = parse_safetensors(
      std::move(bytes), {.where = where, .kind = ErrorKind::Verification, .checksums = Checksums::Required});
  try {
    read_metadata(checkpoint);
  } catch (const Error& e) {
    ErrorText text = e.text();
    text.where = where;
    throw Error(ErrorKind::Verification, text);
  }
  return checkpoint;
}

void restore(const Checkpoint& checkpoint, TrainState& state) {
  const TensorSource source{.file = checkpoint.file, .where = checkpoint.where, .kind = ErrorKind::Verification};
  const bool with_best = checkpoint.progress.best_epoch > 0;
  each_buffer(state, with_best, [&](const SegmentLayout& layout, const AlignedBuffer&, const std::string& prefix) {
    check_segments(source, layout, prefix);
  });
  std::vector<double> numbers;
  for (const Optimizer::StateNumber& number : state.optimizer.numbers()) {
    numbers.push_back(require(checkpoint.optimizer_numbers, number.name).as_number(number.name));
  }
  each_buffer(state, with_best, [&](const SegmentLayout& layout, AlignedBuffer& memory, const std::string& prefix) {
    copy_segments(source, layout, memory, prefix);
  });
  state.progress = checkpoint.progress;
  state.optimizer.set_steps(checkpoint.optimizer_steps);
  for (size_t i = 0; i < numbers.size(); ++i) *state.optimizer.numbers()[i].value = numbers[i];
}

}  // namespace redbud
