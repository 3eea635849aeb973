#include "redbud/report/run_log.h"

#include "redbud/checkpoint/json.h"
#include "redbud/core/bytes.h"
#include "redbud/core/text.h"
#include "redbud/report/records.h"

namespace redbud {

RunLog::RunLog(Path path, ConfigValue start, std::function<void(const std::string&)> warn, double flush_every_s)
    : path_(std::move(path)), start_(std::move(start)), warn_(std::move(warn)), flush_every_s_(flush_every_s) {}

void RunLog::on_resume(const ResumeReport& report) {
  keep_bytes_ = report.log_bytes < 0 ? AppendLog::kKeepAll : report.log_bytes;
  resumed_ = true;
}

void RunLog::on_start(const Model&, const TrainConfig&, int64_t) {
  log_ = std::make_unique<AppendLog>(path_, keep_bytes_);
  if (!resumed_ || log_->bytes() == 0) add(start_);
  for (const ConfigValue& warning : early_) add(warning);
  early_.clear();
}

void RunLog::on_epoch(const EpochReport& report) {
  add(epoch_record(report));
  if (since_flush_.seconds() >= flush_every_s_) flush();
}

void RunLog::on_warning(const std::string& line) {
  ConfigValue record;
  record.set("event", "warning");
  record.set("text", line);
  // Before on_start it is not known yet from where the log goes on.
  log_ ? add(record) : early_.push_back(std::move(record));
}

void RunLog::note(const ConfigValue& record) {
  if (!record.is_null()) add(record);
}

int64_t RunLog::flush() {
  if (!log_) return -1;
  const IoStatus status = log_->flush();
  since_flush_.restart();
  if (!status.ok() && !warned_)
    warn_(path_.string() + ": can't be written (" + describe(status) + "); its lines are kept until it can");
  warned_ = !status.ok();
  return log_->bytes();
}

void RunLog::finish(const ConfigValue& done) {
  add(done);
  const IoStatus status = log_->flush();
  if (status.ok()) return;
  throw Error(ErrorKind::Environment,
              {.where = path_.string(), .fact = "the log could not be written", .found = describe(status)});
}

void RunLog::add(const ConfigValue& record) {
  if (!log_) log_ = std::make_unique<AppendLog>(path_, keep_bytes_);
  log_->add_line(to_json(record));
}

ConfigValue read_done_record(const Path& log) {
  FileInfo info;
  if (!file_system().info(log, info).ok() || info.type != FileType::Regular) return {};
  const std::vector<std::byte> bytes = read_file(log, {.kind = ErrorKind::Data, .limit_bytes = int64_t{1} << 30});
  std::string_view text = as_text(bytes);
  if (!text.ends_with('\n')) return {};
  text.remove_suffix(1);
  const std::string_view last = text.substr(text.rfind('\n') + 1);  // npos + 1 is 0
  if (!last.starts_with("{\"event\":\"done\"")) return {};
  return parse_json(last, {.where = log.string(), .kind = ErrorKind::Data});
}

}  // namespace redbud
