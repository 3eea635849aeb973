#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "redbud/train/trainer.h"

namespace redbud {

/// Tells all observers.
class Announcer {
 public:
  explicit Announcer(const std::vector<Observer*>& observers) : observers_(observers) {}

  template <class F>
  void tell(F&& f) const {
    for (Observer* observer : observers_) f(*observer);
  }
  void message(const std::string& line) const {
    tell([&](Observer& o) { o.on_message(line); });
  }
  void warning(const std::string& line) const {
    tell([&](Observer& o) { o.on_warning(line); });
  }
  /// The size of the log, -1 where nobody keeps one.
  int64_t flush() const {
    int64_t bytes = -1;
    tell([&](Observer& o) { bytes = std::max(bytes, o.flush()); });
    return bytes;
  }

 private:
  std::vector<Observer*> observers_;
};

}  // namespace redbud
