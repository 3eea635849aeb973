#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "redbud/core/file.h"
#include "redbud/graph/model.h"

namespace redbud {

/// A model file is a safetensors file: one tensor a parameter ("hidden1.weight") and a buffer; in the metadata
/// "redbud.format", "redbud.graph", "redbud.recipe", "redbud.loss", "redbud.training" as JSON, "redbud.checksums" (XXH3
/// a tensor) and "redbud.header_checksum" (of the header with this field zeroed). Throws  Error{Environment}
void save(const Model& model, const Path& path);

/// Throws  Error{Model}: missing, not one of ours, unsupported; Error{Verification}: a checksum differs, naming the
/// tensor
Model load_model(const Path& path);

/// The same from a file's bytes; `where` stands in messages.
Model parse_model(std::vector<std::byte> bytes, const std::string& where);

/// Every fault of a model file, one line each; empty: none.
std::vector<std::string> check_model_file(const Path& path);

}  // namespace redbud
