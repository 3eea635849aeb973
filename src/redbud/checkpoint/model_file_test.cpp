#include "redbud/checkpoint/model_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "redbud/checkpoint/recipe_json.h"
#include "redbud/checkpoint/safetensors.h"
#include "redbud/core/bytes.h"
#include "redbud/core/rng.h"
#include "redbud/layers/dense.h"
#include "redbud/layers/mlp.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

/// A table with every kind of column and a recipe that looks fitted.
Recipe table_recipe() {
  Recipe recipe;
  recipe.schema.columns = {
      {.name = "age", .type = ColumnType::Number, .reason = "9 of 10 cells are numbers", .levels = {}, .missing = 1},
      {.name = "id", .type = ColumnType::LeftOut, .reason = "counts up", .levels = {}},
      {.name = "a \"b\",\nc", .type = ColumnType::Category, .reason = "", .levels = {"x", "y", "é"}},
      {.name = "ok", .type = ColumnType::Boolean, .reason = "", .levels = {"no", "yes"}},
      {.name = "income", .type = ColumnType::Category, .reason = "", .levels = {"<=50K", ">50K"}}};
  recipe.schema.targets = {4};
  recipe.schema.target_names = {"income"};
  recipe.schema.classes = {"<=50K", ">50K"};
  recipe.schema.sample_shape = {5};
  recipe.inputs = {{.column = 0, .mean = 1.0 / 3.0, .scale = 1e-30, .seen = {}},
                   {.column = 2, .seen = {1, 0, 1}, .mode = 2},
                   {.column = 3, .seen = {1, 1}, .mode = 1}};
  recipe.feature_names = {"age", "a=x", "a=y", "a=é", "ok"};
  recipe.number_limit = 4.5;
  recipe.missing = MissingPolicy::Error;
  recipe.unseen = UnseenPolicy::Error;
  return recipe;
}

Model small_model() {
  Model model = mlp({.hidden = {4}, .dropout = 0.25, .input_dropout = 0.125}, table_recipe().schema);
  model.recipe = table_recipe();
  model.values.initialize(7);
  for (size_t i = 0; i < model.values.buffers().segments().size(); ++i) {
    float v = 0.5F;
    for (float& b : model.values.buffer(static_cast<int>(i))) b = v += 0.25F;
  }
  model.training.set("optimizer", "adam");
  return model;
}

std::vector<std::byte> file_of(const Model& model) {
  const TempFolder folder;
  save(model, folder / "m.redbud");
  return read_file(folder / "m.redbud");
}

void expect_equal(const Model& a, const Model& b) {
  EXPECT_EQ(to_config(a.graph), to_config(b.graph));
  EXPECT_EQ(to_config(a.recipe), to_config(b.recipe));
  EXPECT_EQ(a.loss, b.loss);
  EXPECT_EQ(a.training, b.training);
  const auto same = [](const AlignedBuffer& x, const AlignedBuffer& y) {
    return std::ranges::equal(x.as<std::byte>(), y.as<std::byte>());
  };
  EXPECT_TRUE(same(a.values.parameter_memory(), b.values.parameter_memory()));
  EXPECT_TRUE(same(a.values.buffer_memory(), b.values.buffer_memory()));
}

TEST(ModelFile, LoadsWhatWasSaved) {
  const TempFolder folder;
  const Model model = small_model();
  save(model, folder / "m.redbud");
  expect_equal(load_model(folder / "m.redbud"), model);
  EXPECT_TRUE(check_model_file(folder / "m.redbud").empty());
  save(load_model(folder / "m.redbud"), folder / "again.redbud");
  EXPECT_EQ(text_of(folder / "m.redbud"), text_of(folder / "again.redbud"));
}

TEST(ModelFile, KeepsSharedLayersAndFrozenOnes) {
  Model model;
  model.graph.add_input("x", {5});
  model.graph.add("one", std::make_shared<Dense>(DenseConfig{.units = 5}));
  model.graph.add("two", std::make_shared<Dense>(DenseConfig{.units = 5}), {.inputs = {}, .shares = "one"});
  model.graph.add("out", std::make_shared<Dense>(DenseConfig{.units = 2}));
  model.graph.freeze("one");
  model.loss = "softmax_cross_entropy";
  model.values = model.graph.make_store();
  model.values.initialize(1);
  model.recipe = table_recipe();
  const Model back = parse_model(file_of(model), "m");
  expect_equal(back, model);
  EXPECT_FALSE(back.graph.parameter_layout()[0].trainable);
}

TEST(ModelFile, KeepsTheConstantsOfItsLoss) {
  Model model = small_model();
  model.loss = ConfigValue(ConfigValue::Table{});
  model.loss.set("name", "softmax_cross_entropy");
  model.loss.set("label_smoothing", 0.1);
  expect_equal(parse_model(file_of(model), "m"), model);
}

TEST(ModelFile, KeepsTheColumnOfWeights) {
  Model model = small_model();
  Schema& schema = model.recipe.schema;
  schema.columns.push_back({.name = "w", .type = ColumnType::LeftOut});
  schema.weight = static_cast<int>(schema.columns.size()) - 1;
  const Model back = parse_model(file_of(model), "m");
  EXPECT_EQ(back.recipe.schema.weight, schema.weight);
  expect_equal(back, model);
  schema.weight = 0;  // an input
  EXPECT_TRUE(throws_error([&] { parse_model(file_of(model), "m"); }, ErrorKind::Model,
                           "weight names a column that is used otherwise"));
}

TEST(ModelFile, KeepsTheTargetsOfAnArray) {
  Model model;
  model.recipe.schema = {.sample_shape = {2}, .task = Task::Regression, .target_names = {"y0", "y1"}};
  model.recipe.target_mean = model.recipe.target_scale = {1.0, 1.0};
  model.graph = mlp_graph({.hidden = {3}}, 2, 2);
  model.loss = "mean_squared_error";
  model.values = model.graph.make_store();
  const auto with = [&](std::vector<int> columns) {
    model.recipe.schema.array_targets = std::move(columns);
    return parse_model(file_of(model), "m").recipe.schema.array_targets;
  };
  EXPECT_EQ(with({3, 0}), (std::vector<int>{3, 0}));
  EXPECT_TRUE(with({}).empty());
  EXPECT_TRUE(throws_error([&] { with({4, 0}); }, ErrorKind::Model, "array_targets names a column that is not there"));
  EXPECT_TRUE(throws_error([&] { with({1, 1}); }, ErrorKind::Model, "or twice (1)"));
  EXPECT_TRUE(throws_error([&] { with({1}); }, ErrorKind::Model, "array_targets does not have one column a target"));
}

TEST(ModelFile, NamesItsTensorsByLayer) {
  const SafetensorsFile file = parse_safetensors(file_of(small_model()), {});
  for (const char* name : {"hidden1.weight", "hidden1_norm.gamma", "hidden1_norm.running_mean", "output.bias"}) {
    EXPECT_NE(file.find(name), nullptr) << name;
  }
  EXPECT_EQ(file.metadata.at("redbud.format"), "model 1");
}

TEST(ModelFile, FindsEveryFlippedBit) {
  const std::vector<std::byte> file = file_of(small_model());
  const SafetensorsFile good = parse_safetensors(file, {});
  const RandomKey key{.seed = 12};
  const auto bits = static_cast<int64_t>(file.size()) * 8;
  for (int64_t i = 0; i < 12'000; ++i) {
    // The first 64 are the length; beyond them a sample.
    const int64_t bit = i < 64 ? i : static_cast<int64_t>(random_word(key, i)) % bits;
    const auto byte = static_cast<size_t>(bit / 8);
    std::vector<std::byte> bytes = file;
    bytes[byte] ^= std::byte{1} << (bit % 8);
    std::string named;
    for (const NamedTensor& tensor : good.tensors) {
      const auto begin = static_cast<size_t>(tensor.bytes.data() - good.storage.data());
      if (byte >= begin && byte < begin + tensor.bytes.size())
        named = "tensor \"" + tensor.name + "\": the checksum differs";
    }
    try {
      parse_model(bytes, "m");
      FAIL() << "bit " << bit << " was missed";
    } catch (const Error& e) {
      if (!named.empty()) {
        EXPECT_EQ(e.kind(), ErrorKind::Verification);
      }
      ASSERT_NE(std::string(e.what()).find(named), std::string::npos) << e.what() << " bit " << bit;
    }
  }
}

/// The file of the sample with one part of its metadata changed, checksums and all.
std::vector<std::byte> with_metadata(const std::string& key, const std::string& value) {
  const SafetensorsFile file = parse_safetensors(file_of(small_model()), {});
  auto metadata = file.metadata;
  metadata.erase("redbud.checksums");
  metadata.erase("redbud.header_checksum");
  metadata.erase(key);
  if (!value.empty()) metadata.emplace(key, value);
  SafetensorsImage image;
  build_safetensors(image, metadata, file.tensors);
  std::vector<std::byte> bytes;
  for (const auto part : image.parts) bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}

std::string metadata_of_sample(const std::string& key) {
  return parse_safetensors(file_of(small_model()), {}).metadata.at(key);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ModelFile, RefusesPartsThatAreMissingOrUnknown) {
  const auto refuses = [](const std::string& key, const std::string& value, const char* text) {
    return throws_error([&] { parse_model(with_metadata(key, value), "m"); }, ErrorKind::Model, text);
  };
  const std::string graph = metadata_of_sample("redbud.graph");
  const std::string recipe = metadata_of_sample("redbud.recipe");
  EXPECT_TRUE(refuses("redbud.format", "checkpoint 1",
                      "m: holds something else than a model (\"checkpoint 1\"), expected \"model 1\""));
  EXPECT_TRUE(refuses("redbud.format", "", "m: the metadata lacks redbud.format"));
  EXPECT_TRUE(refuses("redbud.graph", "", "m: the metadata lacks redbud.graph"));
  EXPECT_TRUE(refuses("redbud.graph", "{", "m: redbud.graph: is not valid JSON at byte"));
  EXPECT_TRUE(refuses("redbud.graph", "{}", "m: redbud.graph: key graph has a value of the wrong type"));
  EXPECT_TRUE(
      refuses("redbud.graph", replaced(graph, "\"dense\"", "\"lambda\""), "unknown kind of layer (\"lambda\")"));
  EXPECT_TRUE(refuses("redbud.graph", replaced(graph, "\"units\":4", "\"units\":5"),
                      "m: tensor \"hidden1.weight\": has another type or shape than the network"));
  EXPECT_TRUE(refuses("redbud.loss", "zero_one", "m: redbud.loss: unknown loss (\"zero_one\"), expected one of"));
  EXPECT_TRUE(
      refuses("redbud.loss", "{\"name\":\"huber\",\"delta\":-1}", "m: redbud.loss: loss.delta is out of range (-1)"));
  EXPECT_TRUE(refuses("redbud.loss", "{\"name\":", "m: redbud.loss: is not valid JSON at byte"));
  EXPECT_TRUE(refuses("redbud.recipe", replaced(recipe, "\"mode\":2", "\"mode\":3"),
                      "m: redbud.recipe: recipe: mode is out of range (3)"));
  EXPECT_TRUE(refuses("redbud.recipe", replaced(recipe, "\"targets\":[4]", "\"targets\":[5]"),
                      "targets names a column that is not there (5)"));
  EXPECT_TRUE(refuses("redbud.recipe", replaced(recipe, "\"seen\":\"101\"", "\"seen\":\"10\""),
                      "seen does not have one digit a level"));
  EXPECT_TRUE(refuses("redbud.recipe", replaced(recipe, "\"task\":\"classification\"", "\"task\":\"x\""),
                      "task has an unknown value (\"x\")"));
  EXPECT_TRUE(refuses("redbud.recipe", replaced(recipe, "\"classes\":[\"<=50K\",\">50K\"]", "\"classes\":[\"a\"]"),
                      "m: the recipe has another number of outputs than the network (1), expected 2"));
  EXPECT_TRUE(refuses("redbud.recipe", "{}", "the key schema is missing"));
}

TEST(ModelFile, AsksForMemoryOnlyAfterTheFileWasSeenToHoldAsMuch) {
  const std::string graph = replaced(metadata_of_sample("redbud.graph"), "\"units\":4", "\"units\":16777216");
  EXPECT_TRUE(throws_error([&] { parse_model(with_metadata("redbud.graph", graph), "m"); }, ErrorKind::Model,
                           "has another type or shape than the network (F32 (5, 4)), expected F32 (5, 16777216)"));
}

TEST(ModelFile, RefusesTensorsThatAreMissingOrTooMany) {
  const SafetensorsFile file = parse_safetensors(file_of(small_model()), {});
  auto metadata = file.metadata;
  metadata.erase("redbud.checksums");
  metadata.erase("redbud.header_checksum");
  const auto refuses = [&](const std::vector<NamedTensor>& tensors, const char* text) {
    const TempFolder folder;
    write_safetensors(folder / "m", metadata, tensors);
    return throws_error([&] { load_model(folder / "m"); }, ErrorKind::Model, text);
  };
  for (const char* name : {"hidden1_norm.running_var", "hidden1.weight"}) {
    auto fewer = file.tensors;
    std::erase_if(fewer, [&](const NamedTensor& t) { return t.name == name; });
    EXPECT_TRUE(refuses(fewer, (std::string("tensor \"") + name + "\": is missing").c_str()));
  }
  auto more = file.tensors;
  more.push_back(more.front());
  more.back().name = "stray";
  EXPECT_TRUE(refuses(more, "tensor \"stray\" belongs to no layer"));
}

TEST(ModelFile, RefusesFilesThatAreNoModels) {
  const TempFolder folder;
  EXPECT_TRUE(throws_error([&] { load_model(folder / "none"); }, ErrorKind::Model, "no such file"));
  EXPECT_TRUE(throws_error([&] { load_model(folder.write("t.csv", "a,b\n1,2\n3,4\n")); }, ErrorKind::Model,
                           "the length of the header"));
  EXPECT_EQ(check_model_file(folder / "none").size(), 1u);
}

TEST(ModelFile, ListsEveryDamagedTensor) {
  const TempFolder folder;
  std::vector<std::byte> file = file_of(small_model());
  const SafetensorsFile good = parse_safetensors(file, {});
  for (const char* name : {"hidden1.weight", "output.bias"}) {
    file[static_cast<size_t>(good.find(name)->bytes.data() - good.storage.data())] ^= std::byte{1};
  }
  folder.write("m.redbud", as_text(file));
  const auto faults = check_model_file(folder / "m.redbud");
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_NE(faults[0].find("hidden1.weight"), std::string::npos);
  EXPECT_NE(faults[1].find("output.bias"), std::string::npos);
}

TEST(RecipeJson, KeepsPixelsAndArrays) {
  Recipe recipe;
  recipe.schema.sample_shape = {28, 28};
  recipe.schema.classes = {"0", "1"};
  recipe.pixel_mean = 33.3;
  recipe.pixel_scale = 1.0 / 255.0;
  EXPECT_EQ(to_config(recipe_from_config(to_config(recipe))), to_config(recipe));

  recipe.schema.sample_shape = {2};
  recipe.schema.task = Task::Regression;
  recipe.schema.classes.clear();
  recipe.schema.target_names = {"y"};
  recipe.target_mean = {3.5};
  recipe.target_scale = {0.1};
  recipe.inputs = {{.column = 0, .mean = 1.0, .seen = {}}, {.column = 1, .scale = 2.0, .seen = {}}};
  EXPECT_EQ(to_config(recipe_from_config(to_config(recipe))), to_config(recipe));
  recipe.target_scale.clear();
  EXPECT_TRUE(throws_error([&] { recipe_from_config(to_config(recipe)); }, ErrorKind::Model,
                           "do not have one number a target"));
}

}  // namespace
}  // namespace redbud
