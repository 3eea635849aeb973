// The table of all keys. Its order is that of --help and of docs/run_file.md.
#include "redbud/cli/config/keys.h"

#include "redbud/cli/config/toml.h"
#include "redbud/graph/initializer.h"
#include "redbud/layers/activation_config.h"
#include "redbud/losses/registry.h"
#include "redbud/optim/momentum_schedule.h"
#include "redbud/optim/optimizer.h"
#include "redbud/optim/schedule.h"
#include "redbud/train/monitor.h"

namespace redbud::cli {
namespace {

// clang-format off

std::vector<Key> data_keys() {
  using enum KeyKind;
  return {
      {.section = "data", .name = "path", .kind = Text, .value_name = "PATH",
       .meaning = "what to learn from: CSV (plain or .gz), folder of IDX files (train-*, t10k-*; plain or .gz), "
                  ".npy, .npz; on the command line the argument DATA",
       .example = "\"adult.csv\""},
      {.section = "data", .name = "target", .kind = Columns, .default_text = "-1", .value_name = "NAME",
       .meaning = "the column to predict: its name or its number from 0 on (-1 = the last); a list for several",
       .example = "\"income\""},
      {.section = "data", .name = "task", .kind = Choice, .default_text = "\"auto\"", .value_name = "WORD",
       .meaning = "auto: text, booleans, or integers with at most 20 distinct values are classes",
       .words = {"auto", "classification", "regression"}},
      {.section = "data", .name = "validation", .kind = Portion, .default_text = "0.2", .value_name = "PART",
       .meaning = "rows that choose the best epoch: a share (stratified for classes), a count when 1 or more, or a "
                  "path",
       .range = above(0)},
      {.section = "data", .name = "test", .kind = Portion, .value_name = "PART",
       .meaning = "rows scored once, with the best weights: a share, a count or a path; default none, but the t10k-* "
                  "files of a folder of IDX files",
       .example = "\"adult-test.csv\"", .range = above(0)},
      {.section = "data", .name = "header", .kind = Choice, .default_text = "\"auto\"", .value_name = "WORD",
       .meaning = "whether a CSV's first line names its columns; no: they are x0, x1, ... and matched by position",
       .words = {"auto", "yes", "no"}},
      {.section = "data", .name = "missing", .kind = Choice, .default_text = "\"mean\"", .value_name = "WORD",
       .meaning = "an empty cell, ?, NA, N/A, nan, null: error, mean (the mode for categories), or drop the row",
       .words = {"error", "mean", "drop"}},
      {.section = "data", .name = "missing_target", .kind = Choice, .default_text = "\"error\"", .value_name = "WORD",
       .meaning = "a row without a target: error, or drop it", .words = {"error", "drop"},
       .later_words = {"unlabelled"}},
      {.section = "data", .name = "unseen", .kind = Choice, .default_text = "\"zeros\"", .value_name = "WORD",
       .meaning = "a category at prediction that training never saw: zeros in all its features, or error",
       .words = {"zeros", "error"}},
      {.section = "data", .name = "ignore", .kind = Texts, .default_text = "[]", .value_name = "NAMES",
       .meaning = "columns left out", .example = "[\"customerID\"]"},
      {.section = "data", .name = "sample_weight", .kind = Text, .default_text = "\"\"", .value_name = "NAME",
       .meaning = "the column that says what each row weighs in the loss (at least 0); it is left out of the inputs; "
                  "metrics don't weigh",
       .example = "\"fnlwgt\""},
      {.section = "data", .name = "skip_bad_rows", .kind = Boolean, .default_text = "false",
       .meaning = "leave out rows that can't be read, count them, and write them to rejects.csv in the run's folder"},
      {.section = "data", .name = "unlabelled", .kind = Text, .default_text = "\"\"", .value_name = "PATH",
       .meaning = "rows without labels, for pretraining", .later = true},
  };
}

std::string listed(std::string text, const std::vector<std::string>& names, std::string_view end) {
  for (const std::string& name : names) text += " " + name;
  return text.append(end);
}

std::vector<Key> model_keys() {
  using enum KeyKind;
  static const std::string activations =
      listed("of the hidden layers:", activation_names(), ", or a table with its constants");
  static const std::string initializers =
      listed("of the weights; auto: by the activation;", initializer_names(),
             ", or a table: gain; fan (in, out, average); sigma of normal, limit of uniform, value of constant");
  return {
      {.section = "model", .name = "hidden", .kind = Integers, .default_text = "\"auto\"", .value_name = "UNITS",
       .meaning = "units of each hidden layer; auto: from rows and features", .example = "[300, 100]",
       .range = from_to(1, 1 << 20), .words = {"auto"}},
      {.section = "model", .name = "activation", .kind = Named, .default_text = "\"elu\"", .value_name = "NAME",
       .meaning = activations, .example = "{ name = \"elu\", alpha = 1.0 }", .name_key = "name",
       .table_keys = activation_keys()},
      {.section = "model", .name = "initializer", .kind = Named, .default_text = "\"auto\"", .value_name = "NAME",
       .meaning = initializers, .example = "{ name = \"he_normal\", fan = \"out\" }", .name_key = "name",
       .table_keys = {"name", "gain", "fan", "sigma", "limit", "value"}},
      {.section = "model", .name = "batch_norm", .kind = Named, .default_text = "\"before\"", .value_name = "PLACE",
       .meaning = "before or after the activation, or none; momentum (weight of the old) 0.99, epsilon 1e-3; scale, center: "
                  "false leaves out gamma, beta; output: also normalise the scores",
       .example = "{ place = \"before\", momentum = 0.9, output = true }", .name_key = "place",
       .table_keys = {"place", "momentum", "epsilon", "scale", "center", "output"}},
      {.section = "model", .name = "layer_norm", .kind = Named, .default_text = "\"none\"", .value_name = "PLACE",
       .meaning = "instead of batch norm: before or after the activation, or none; epsilon 1e-5; scale, center: false leaves "
                  "out gamma, beta",
       .example = "{ place = \"before\", epsilon = 1e-5 }", .name_key = "place",
       .table_keys = {"place", "epsilon", "scale", "center"}},
      {.section = "model", .name = "weight_standardization", .kind = Boolean, .default_text = "false",
       .meaning = "standardise the weights of each hidden unit over its inputs before the product"},
      {.section = "model", .name = "dropout", .kind = Rate, .default_text = "\"auto\"", .value_name = "RATE",
       .meaning = "of each hidden layer's output; auto: from width and rows a parameter, at most 0.5; kind: standard, alpha "
                  "(for selu), or gaussian",
       .example = "{ rate = 0.1, kind = \"alpha\" }", .range = share(), .words = {"auto"}, .name_key = "rate",
       .table_keys = {"rate", "kind"}},
      {.section = "model", .name = "input_dropout", .kind = Number, .default_text = "0.0", .value_name = "RATE",
       .meaning = "of the inputs", .range = share()},
      {.section = "model", .name = "input_noise", .kind = Number, .default_text = "0.0", .value_name = "SIGMA",
       .meaning = "standard deviation of normal noise that is added to the inputs in training", .range = at_least(0)},
  };
}

std::vector<Key> learning_keys() {
  using enum KeyKind;
  return {
      {.section = "train", .name = "recipe", .kind = Choice, .default_text = "\"auto\"", .value_name = "WORD",
       .meaning = "chapter: He, ELU, batch norm before, dropout 0.5, Adam, no schedule, nothing else; what is given "
                  "beside it wins",
       .words = {"auto", "chapter"}},
      {.section = "train", .name = "optimizer", .kind = Named, .default_text = "\"adam\"", .value_name = "NAME",
       .meaning = "sgd momentum nesterov rmsprop centered_rmsprop adagrad adadelta adam adamw adamax nadam amsgrad radam lion "
                  "lamb muon schedule_free_adamw ftrl, or a table with its constants; lookahead (steps) goes with any",
       .example = "{ name = \"momentum\", momentum = 0.9, nesterov = true }", .name_key = "name",
       .table_keys = {"name", "momentum", "nesterov", "beta1", "beta2", "rho", "epsilon", "beta", "max_overhead",
                      "lookahead", "lookahead_rate"}},
      {.section = "train", .name = "learning_rate", .kind = Number, .default_text = "\"auto\"", .value_name = "RATE",
       .meaning = "auto: the optimizer's own (sgd, momentum, nesterov, adagrad 0.01; adamax 0.002; adadelta 1; lion 0.0001; "
                  "schedule_free_adamw 0.0025; ftrl 0.05; all others 0.001)",
       .example = "0.001", .range = above(0), .words = {"auto"}},
      {.section = "train", .name = "schedule", .kind = Named, .default_text = "\"none\"", .value_name = "NAME",
       .meaning = "of the learning rate: none piecewise plateau exponential power polynomial cosine one_cycle, or a "
                  "table with its constants; any with warmup (epochs); one_cycle with momentum = [0.95, 0.85]",
       .example = "{ name = \"cosine\", warmup = 2, end = 0.01 }", .name_key = "name",
       .table_keys = schedule_keys()},
      {.section = "train", .name = "momentum_schedule", .kind = Named, .default_text = "\"none\"", .value_name = "TABLE",
       .meaning = "of the optimizer's momentum or beta1: none piecewise exponential power polynomial cosine from start to "
                  "end, or sutskever, as a table",
       .example = "{ name = \"polynomial\", start = 0.5, end = 0.99, over = 10 }", .name_key = "name",
       .table_keys = momentum_schedule_keys()},
      {.section = "train", .name = "batch_size", .kind = Integer, .default_text = "\"auto\"", .value_name = "N",
       .meaning = "rows a step; auto: from the number of rows", .example = "32", .range = from_to(1, 1 << 24),
       .words = {"auto"}},
      {.section = "train", .name = "epochs", .kind = Integer, .default_text = "50", .value_name = "N",
       .meaning = "passes over the training rows, at most", .range = at_least(1)},
      {.section = "train", .name = "patience", .kind = Integer, .default_text = "10", .value_name = "N",
       .meaning = "stop after so many epochs without a better validation score; 0 = off", .range = at_least(0)},
      {.section = "train", .name = "monitor", .kind = Choice, .default_text = "\"loss\"", .value_name = "WORD",
       .meaning = "what of the validation rows tells the best epoch, for patience and plateaus, too: a metric as the log "
                  "names it, of those the task has",
       .words = monitor_names()},
      {.section = "train", .name = "min_change", .kind = Number, .default_text = "0.0", .value_name = "X",
       .meaning = "patience begins anew only where the monitored score is better by more than X; the best weights are kept "
                  "all the same",
       .range = at_least(0)},
      {.section = "train", .name = "exact_statistics", .kind = Boolean, .default_text = "\"auto\"", .value_name = "WORD",
       .meaning = "whether batch norm's statistics are recomputed over the training rows for the weights that are judged and "
                  "saved; auto: where steps were few or the network drops",
       .words = {"auto"}},
      {.section = "train", .name = "weight_average", .kind = Average, .default_text = "0.999", .value_name = "DECAY",
       .meaning = "decay a step of an average of the weights, which is judged beside them; the better of both is kept; "
                  "0 = off; swa: an equal average of the last quarter of the run",
       .example = "{ kind = \"swa\", start = 0.75, each = \"epoch\" }", .range = share(), .words = {"swa"},
       .name_key = "kind", .table_keys = {"kind", "decay", "start", "each"}},
  };
}

/// Limits and penalties of gradients and weights.
std::vector<Key> penalty_keys() {
  using enum KeyKind;
  return {
      {.section = "train", .name = "clip_norm", .kind = Number, .default_text = "0.0", .value_name = "X",
       .meaning = "scale gradients down to this global norm; 0 = off", .range = at_least(0)},
      {.section = "train", .name = "clip_tensor_norm", .kind = Number, .default_text = "0.0", .value_name = "X",
       .meaning = "scale each parameter tensor's gradient down to this norm; 0 = off", .range = at_least(0)},
      {.section = "train", .name = "clip_value", .kind = Number, .default_text = "0.0", .value_name = "X",
       .meaning = "cut each gradient to [-X, X]; 0 = off", .range = at_least(0)},
      {.section = "train", .name = "l1", .kind = Number, .default_text = "0.0", .value_name = "X",
       .meaning = "after each step takes learning rate * X off each weight's magnitude: weights become exactly 0 (ftrl: its own)", .range = at_least(0)},
      {.section = "train", .name = "l2", .kind = Number, .default_text = "0.0", .value_name = "X",
       .meaning = "adds X * weight to the gradient", .range = at_least(0)},
      {.section = "train", .name = "weight_decay", .kind = Number, .default_text = "0.0", .value_name = "X",
       .meaning = "decoupled: takes learning rate * X * weight off the weight", .range = at_least(0)},
      {.section = "train", .name = "max_norm", .kind = Number, .default_text = "0.0", .value_name = "X",
       .meaning = "greatest l2 norm of each unit's incoming weights, kept after every step; 0 = off",
       .range = at_least(0)},
      {.section = "train", .name = "layer", .kind = Tables, .default_text = "[]", .value_name = "TABLES",
       .meaning = "[[train.layer]], once a table: what is different for the layers or parameters of a name (with * and ?): "
                  "learning_rate_factor, decay_factor (of l1, l2, weight_decay), l1, l2, weight_decay, max_norm; a later one wins",
       .example = "[{ name = \"hidden*\", learning_rate_factor = 0.1 }]"},
  };
}

std::vector<Key> objective_keys() {
  using enum KeyKind;
  return {
      {.section = "train", .name = "loss", .kind = Named, .default_text = "\"auto\"", .value_name = "NAME",
       .meaning = "auto: by the task; classes: softmax_cross_entropy focal hinge; several labels of 0 and 1: "
                  "sigmoid_cross_entropy sigmoid_focal binary_hinge; numbers: mean_squared_error mae huber quantile "
                  "poisson; vectors: cosine; or a table with its constants",
       .example = "{ name = \"huber\", delta = 1.0 }", .words = {"auto"}, .name_key = "name",
       .table_keys = loss_keys()},
      {.section = "train", .name = "label_smoothing", .kind = Number, .default_text = "0.0", .value_name = "X",
       .meaning = "share of each row's 1 that is spread evenly over all classes (over 0 and 1 of a label)",
       .range = share()},
      {.section = "train", .name = "class_weights", .kind = Numbers, .default_text = "\"none\"", .value_name = "WORD",
       .meaning = "what the rows of each class weigh in the loss: none (1); balanced: rows / (classes * rows of the "
                  "class); or a list, in the order of the classes",
       .example = "[1.0, 5.0]", .range = at_least(0), .words = {"none", "balanced"}},
      {.section = "train", .name = "mixup", .kind = Number, .default_text = "0.0", .value_name = "ALPHA",
       .meaning = "each row is mixed with another of its batch, inputs and targets alike, by a share drawn from "
                  "Beta(ALPHA, ALPHA); 0 = off",
       .range = from_to(0, 100)},
  };
}

std::vector<Key> run_time_keys() {
  using enum KeyKind;
  return {
      {.section = "train", .name = "seed", .kind = Integer, .default_text = "42", .value_name = "N",
       .meaning = "of all random numbers; the same seed gives the same bits", .range = at_least(0)},
      {.section = "train", .name = "threads", .kind = Integer, .default_text = "0", .value_name = "N",
       .meaning = "0 = what the process is granted (affinity, cgroup, OMP_NUM_THREADS, SLURM_CPUS_PER_TASK), never "
                  "more; the result is the same for any number",
       .range = from_to(0, 4096)},
      {.section = "train", .name = "disable_pass", .kind = Texts, .default_text = "[]", .value_name = "NAMES",
       .meaning = "passes of the plan that are left out; `redbud plan` names them"},
      {.section = "train", .name = "tensorboard", .kind = Boolean, .default_text = "false",
       .meaning = "also write what TensorBoard reads to the run's folder: tensorboard --logdir RUN_DIR"},
      {.section = "train", .name = "precision", .kind = Choice, .default_text = "\"fp32\"", .value_name = "WORD",
       .meaning = "of the products; auto: fp32", .words = {"fp32", "auto"}, .later_words = {"bf16"}},
      {.section = "train", .name = "time_limit_s", .kind = Number, .default_text = "0.0", .value_name = "S",
       .meaning = "stop after so many seconds of training, all parts of the run together; 0 = off",
       .range = at_least(0)},
      {.section = "train", .name = "checkpoint_every_s", .kind = Number, .default_text = "10.0", .value_name = "S",
       .meaning = "at the next step border; and at an epoch's end if a second has passed since the last; always at "
                  "the end",
       .range = at_least(0)},
      {.section = "train", .name = "health", .kind = Boolean, .default_text = "true",
       .meaning = "look once an epoch how each layer fares (gradients, updates, dead and saturated units), write it to "
                  "log.jsonl, and say what ails the network; --set train.health=false turns it off"},
  };
}

// clang-format on

}  // namespace

std::string Key::path() const { return std::string(section) + "." + std::string(name); }

std::string Key::option() const {
  std::string text = "--" + std::string(name);
  for (char& c : text) {
    if (c == '_') c = '-';
  }
  return text;
}

const std::vector<Section>& sections() {
  static const std::vector<Section> all = {
      {"data", "What is learned from."},
      {"model", "The short form of a network: a multi-layer perceptron of the guidelines."},
      {"train", "How it is trained."},
  };
  return all;
}

const std::vector<Key>& run_keys() {
  static const std::vector<Key> all = [] {
    std::vector<Key> keys = data_keys();
    for (std::vector<Key> more : {model_keys(), learning_keys(), penalty_keys(), objective_keys(), run_time_keys()}) {
      keys.insert(keys.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
    return keys;
  }();
  return all;
}

const Key* find_key(std::string_view section, std::string_view name) {
  for (const Key& key : run_keys()) {
    if (key.section == section && key.name == name) return &key;
  }
  return nullptr;
}

ConfigValue default_value(const Key& key) {
  return key.default_text.empty() ? ConfigValue() : parse_toml_value(key.default_text, std::string(key.name));
}

}  // namespace redbud::cli
