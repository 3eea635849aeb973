// The library in ten lines: reads a table, trains, saves the best model.
//
//   ten_lines                             adult.csv in this folder, target income
//   ten_lines digits.csv digit            any other table; the model file is named after it
#include <redbud/redbud.h>

#include <filesystem>
#include <iostream>
#include <string>

namespace {

void train(const std::filesystem::path& path, const std::string& target) {
  auto data = redbud::read_table(path, {.target = target});
  auto [train, validation] = redbud::split(data, {.validation = 0.2, .seed = 1});
  auto model = redbud::mlp({.hidden = {64, 64}, .activation = redbud::elu()}, data.schema());
  auto result =
      redbud::fit(model, train, validation, {.optimizer = redbud::adam({.learning_rate = 1e-3}), .epochs = 20});
  redbud::save(result.best, path.stem().string() + ".redbud");
  std::cout << "validation loss " << result.validation.loss << " after epoch " << result.best_epoch << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  try {
    train(argc > 1 ? argv[1] : "adult.csv", argc > 2 ? argv[2] : "income");
  } catch (const redbud::Error& error) {
    std::cerr << "ten_lines: error: " << error.what() << "\n";
    return redbud::exit_code(error.kind());
  }
  return 0;
}
