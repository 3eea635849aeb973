#pragma once
/// All that a program which uses the library needs: data, networks, training, model files, prediction.
#include "redbud/checkpoint/model_file.h"
#include "redbud/core/error.h"
#include "redbud/data/read.h"
#include "redbud/data/split.h"
#include "redbud/layers/activation_config.h"
#include "redbud/layers/mlp.h"
#include "redbud/optim/optimizer.h"
#include "redbud/predict/predictor.h"
#include "redbud/train/metrics.h"
#include "redbud/train/trainer.h"
