#include "redbud/report/outcome.h"

#include <gtest/gtest.h>

#include <cmath>

#include "redbud/checkpoint/json.h"
#include "redbud/report/outcome_parts.h"
#include "redbud/report/record_fields.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/tolerance.h"
#include "redbud/train/toy_run_test.h"

namespace redbud {
namespace {

const double kTolerance = tolerance(DType::F32, {.terms_per_sum = 64});  // of two layers of 6 and 8 terms, squared

/// A network that was trained for a moment on toy data, and few rows that it has not seen.
struct Trained {
  explicit Trained(const Dataset& train_rows, const Dataset& validation_rows, const char* loss = "")
      : toy(train_rows, validation_rows),
        model(fit(start(train_rows, loss), train_rows, validation_rows,
                  {.epochs = 3, .patience = 0, .seed = 1, .threads = 1})
                  .best) {}
  static Model start(const Dataset& rows, const char* loss) {
    Model model = mlp({.hidden = {8}}, rows.schema());
    if (*loss != '\0') model.loss = loss;
    return model;
  }

  ConfigValue outcome() { return outcome_record(model, {.part = "test", .source = *toy.validation}, pool); }
  Metrics metrics() { return evaluate(model, *toy.validation, pool); }

  ThreadPool pool{1};
  Toy toy;
  Model model;
};

double sum_of_losses(const ConfigValue& outcome) {
  double sum = 0.0;
  for (const ConfigValue& line : list_in(outcome, "worst")) sum += number_in(line, "loss");
  return sum;
}

std::vector<std::vector<int64_t>> confusion_of(const ConfigValue& outcome) {
  std::vector<std::vector<int64_t>> matrix;
  for (const ConfigValue& line : list_in(outcome, "confusion")) {
    matrix.emplace_back();
    for (const ConfigValue& count : line.as_list("line")) matrix.back().push_back(count.as_integer("count"));
  }
  return matrix;
}

TEST(Outcome, OfClassesAgreesWithTheMetrics) {
  // 20 rows, so that all are among the worst: their mean loss is the loss. Noise, so that some are taken for others.
  Trained trained(toy_classes({.noise = 2.0}), toy_classes({.rows = 20, .noise = 2.0, .seed = 2}));
  const ConfigValue outcome = trained.outcome();
  const Metrics metrics = trained.metrics();
  EXPECT_LT(*metrics.accuracy, 1.0);
  EXPECT_EQ(confusion_of(outcome), metrics.confusion);
  ASSERT_EQ(list_in(outcome, "worst").size(), 20U);
  EXPECT_NEAR(sum_of_losses(outcome) / 20.0, metrics.loss, kTolerance * metrics.loss);
}

TEST(Outcome, OfClassesListsTheWorstFirst) {
  Trained trained(toy_classes({.noise = 2.0}), toy_classes({.rows = 90, .noise = 2.0, .seed = 2}));
  const ConfigValue outcome = trained.outcome();
  const ConfigValue::List& worst = list_in(outcome, "worst");
  ASSERT_EQ(worst.size(), 20U);
  for (size_t i = 0; i < worst.size(); ++i) {
    if (i > 0) EXPECT_GE(number_in(worst[i - 1], "loss"), number_in(worst[i], "loss"));
    EXPECT_DOUBLE_EQ(number_in(worst[i], "loss"), -std::log(number_in(worst[i], "p_truth")));
    EXPECT_GE(number_in(worst[i], "p"), number_in(worst[i], "p_truth"));
    EXPECT_EQ(text_in(worst[i], "truth"), "class " + std::to_string(integer_in(worst[i], "row") % 3));
  }
  EXPECT_NE(text_in(worst[0], "truth"), text_in(worst[0], "prediction"));
}

TEST(Outcome, OfScoresHasNoProbabilities) {
  Trained trained(toy_classes({.noise = 2.0}), toy_classes({.rows = 90, .noise = 2.0, .seed = 2}), "hinge");
  const ConfigValue outcome = trained.outcome();
  EXPECT_EQ(confusion_of(outcome), trained.metrics().confusion);
  for (const ConfigValue& line : list_in(outcome, "worst")) {
    EXPECT_EQ(line.find("p"), nullptr);
    const bool right = text_in(line, "truth") == text_in(line, "prediction");
    EXPECT_EQ(number_in(line, "loss") == 0.0, right) << to_json(line);
  }
}

TEST(Outcome, OfManyClassesIsBounded) {
  Trained trained(toy_classes({.rows = 300, .classes = 30}), toy_classes({.rows = 300, .classes = 30, .seed = 2}));
  const ConfigValue outcome = trained.outcome();
  const auto matrix = confusion_of(outcome);
  ASSERT_EQ(matrix.size(), 21U);
  EXPECT_EQ(list_in(outcome, "classes").size(), 20U);
  EXPECT_EQ(integer_in(outcome, "classes_left_out"), 10);
  // Whatever is merged, no row is lost: 10 rows of each of 20 classes and 100 of the others.
  for (size_t i = 0; i < 21; ++i) {
    int64_t sum = 0;
    for (const int64_t count : matrix[i]) sum += count;
    EXPECT_EQ(sum, i < 20 ? 10 : 100);
  }
}

TEST(Outcome, OfNumbersAgreesWithTheMetrics) {
  Trained trained(toy_numbers(), toy_numbers({.rows = 20, .seed = 2}));
  const ConfigValue outcome = trained.outcome();
  const Metrics metrics = trained.metrics();
  ASSERT_EQ(list_in(outcome, "targets").size(), 1U);
  const ConfigValue& target = list_in(outcome, "targets")[0];
  EXPECT_NEAR(std::hypot(number_in(target, "mean"), number_in(target, "deviation")), *metrics.rmse,
              kTolerance * *metrics.rmse);
  EXPECT_NEAR(sum_of_losses(outcome) / 20.0, metrics.loss, kTolerance * metrics.loss);
  int64_t rows = 0;
  for (const ConfigValue& count : list_in(target, "counts")) rows += count.as_integer("count");
  EXPECT_EQ(rows, 20);
  double absolute = 0.0;
  for (const ConfigValue& point : list_in(target, "points"))
    absolute += std::abs(point.as_list("point")[1].as_number("y") - point.as_list("point")[0].as_number("x"));
  EXPECT_NEAR(absolute / 20.0, *metrics.mae, tolerance(DType::F32) * 1000.0) << "in the target's units, near 1000";
}

TEST(Outcome, PlacesAreThoseOfTheFile) {
  Trained trained(toy_classes(), toy_classes({.rows = 4, .seed = 2}));
  const std::vector<int64_t> places = {11, 22, 33, 44};
  const ConfigValue outcome = outcome_record(
      trained.model, {.part = "test", .source = *trained.toy.validation, .places = places, .are_lines = true},
      trained.pool);
  for (const ConfigValue& line : list_in(outcome, "worst")) {
    const int64_t place = integer_in(line, "line");
    EXPECT_EQ(text_in(line, "truth"), "class " + std::to_string((place / 11 - 1) % 3));
  }
}

TEST(Outcome, IsTheSameForAnyNumberOfThreads) {
  Trained trained(toy_classes(), toy_classes({.rows = 3000, .seed = 2}));
  const ConfigValue one = trained.outcome();
  ThreadPool pool(3);
  EXPECT_EQ(outcome_record(trained.model, {.part = "test", .source = *trained.toy.validation}, pool), one);
}

TEST(Outcome, APictureIsAPicture) {
  // Rows of 2 x 2 pixels, class 1 where the first one is bright.
  TempFolder folder;
  const auto idx = [&](const char* name, const std::string& head, int rows, auto&& bytes_of_row) {
    std::string bytes = head;
    for (int i = 0; i < rows; ++i) bytes += bytes_of_row(i);
    folder.write(name, bytes);
  };
  const std::string images("\0\0\x08\x03\0\0\0\x50\0\0\0\x02\0\0\0\x02", 16);
  const std::string labels("\0\0\x08\x01\0\0\0\x50", 8);
  idx("train-images-idx3-ubyte", images, 80, [](int i) {
    return std::string{static_cast<char>(i % 2 == 0 ? 0 : 250), 0, static_cast<char>(125), static_cast<char>(250)};
  });
  idx("train-labels-idx1-ubyte", labels, 80, [](int i) { return std::string(1, static_cast<char>(i % 2)); });
  const Dataset data = read_data(folder.path());
  Trained trained(data, data);
  const ConfigValue outcome = trained.outcome();
  for (const ConfigValue& line : list_in(outcome, "worst")) {
    const ConfigValue& picture = table_in(line, "picture");
    EXPECT_EQ(integer_in(picture, "height"), 2);
    EXPECT_EQ(integer_in(picture, "width"), 2);
    EXPECT_EQ(text_in(picture, "levels"), text_in(line, "truth") == "0" ? "008f" : "f08f") << to_json(line);
  }
}

TEST(WorstRows, KeepsTheWorstAndOfEqualOnesTheFirst) {
  WorstRows worst(3);
  for (const auto& [row, loss] :
       std::vector<std::pair<int64_t, double>>{{0, 1.0}, {1, 5.0}, {2, 1.0}, {3, 1.0}, {4, NAN}})
    worst.add({.row = row, .loss = loss});
  std::vector<int64_t> rows;
  for (const WorstRows::Entry& entry : worst.sorted()) rows.push_back(entry.row);
  EXPECT_EQ(rows, (std::vector<int64_t>{4, 1, 0})) << "a loss that is not a number is the worst";
}

}  // namespace
}  // namespace redbud
