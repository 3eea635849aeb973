#pragma once
#include <optional>
#include <string>

#include "redbud/core/config_value.h"
#include "redbud/train/trainer.h"

namespace redbud {

/// What a run says of itself in log.jsonl and with --json, one object a line.

/// {"event":"epoch","epoch":...,"step":...,"train_loss":...,"validation":{...},"best":...,"elapsed_s":...,"rows_per_s":...,
/// "health":[{"layer":...,...}, ...]} (train/layer_health.h)
ConfigValue epoch_record(const EpochReport& report);

/// {"event":"diverged","where":"step 27, layer hidden2 (dense), linear","fact":...,"found":...,"hint":...}
ConfigValue diverged_record(const Error& error);

/// {"event":"done","stop_reason":...,"best_epoch":...,"epochs":...,"wall_s":...,"train":{...},"validation":{...},"test":{...}};
/// a part that was not measured (no test rows; a run that a signal ended) is null.
ConfigValue done_record(const TrainResult& result, const std::optional<Metrics>& test);

}  // namespace redbud
