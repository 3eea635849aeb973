// Folders of IDX files, as MNIST and its kin come.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "redbud/core/bytes.h"
#include "redbud/core/checksum.h"
#include "redbud/core/text.h"
#include "redbud/data/read_arrays.h"
#include "redbud/data/sources/idx.h"

namespace redbud {
namespace {

void check_pair(const IdxPaths& paths, const Tensor& images, const Tensor& labels) {
  if (images.shape()[0] == labels.shape()[0]) return;
  throw Error(ErrorKind::Data, {.where = paths.labels.string(),
                                .fact = "not as many labels as images",
                                .found = with_thousands(labels.shape()[0]),
                                .expected = fmt::format("{}, as {} has", with_thousands(images.shape()[0]),
                                                        paths.images.filename().string())});
}

uint64_t joined_fingerprint(uint64_t images, uint64_t labels) {
  const uint64_t both[] = {images, labels};
  return checksum(std::as_bytes(std::span(both)));
}

}  // namespace

bool has_idx_files(const Path& folder, const std::string& part) { return !find_idx_files(folder, part).images.empty(); }

IdxRows read_idx_rows(const Path& folder, const std::string& part, bool with_labels) {
  const IdxPaths paths = find_idx_files(folder, part);
  for (const auto& [path, kind] :
       {std::pair(paths.images, "images-idx3-ubyte"), std::pair(paths.labels, "labels-idx1-ubyte")}) {
    if (!path.empty() || (!with_labels && path == paths.labels)) continue;
    throw Error(ErrorKind::Data,
                {.where = folder.string(),
                 .fact = fmt::format("the folder has no file {}-{} (nor .gz)", part, kind),
                 .expected = "a folder of IDX files: train-images-idx3-ubyte, train-labels-idx1-ubyte, ..."});
  }
  IdxRows rows;
  rows.file = paths.images.filename().string();
  rows.images = read_idx(paths.images, 3, rows.fingerprint);
  if (!with_labels) return rows;
  uint64_t labels_fingerprint = 0;
  const Tensor labels = read_idx(paths.labels, 1, labels_fingerprint);
  check_pair(paths, rows.images, labels);
  const auto values = labels.values<uint8_t>();
  rows.labels.assign(values.begin(), values.end());
  rows.fingerprint = joined_fingerprint(rows.fingerprint, labels_fingerprint);
  return rows;
}

Dataset read_idx_folder(const Path& folder, const std::string& part, ReadNotes& notes) {
  IdxRows rows = read_idx_rows(folder, part, true);
  const int32_t largest = *std::max_element(rows.labels.begin(), rows.labels.end());
  Schema schema;
  const Shape shape = rows.images.shape();
  schema.sample_shape = Shape{shape[1], shape[2]};
  schema.task = Task::Classification;
  schema.target_names = {"label"};
  for (int32_t label = 0; label <= largest; ++label) schema.classes.push_back(std::to_string(label));
  notes.facts.push_back(fmt::format("{}: {} pictures of {} x {} bytes, {} classes", rows.file, with_thousands(shape[0]),
                                    shape[1], shape[2], schema.classes.size()));
  auto arrays = std::make_shared<ArrayData>();
  arrays->inputs = std::move(rows.images);
  arrays->classes = std::move(rows.labels);
  Dataset data(std::move(schema), std::move(arrays));
  data.source = folder.string();
  data.fingerprint = rows.fingerprint;
  return data;
}

}  // namespace redbud
