// What `load` knows of the code that it runs: nothing but when it begins and
// how it ended. Python's front end implements this, and so can five lines of
// C++ in a test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace molotov::load {

enum class RunOutcome : uint8_t {
  succeeded,
  failed,     // the scenario raised; counted, the worker goes on
  cancelled,  // cut off by us; neither success nor failure
  died,     // the worker's code cannot go on (cancelled itself, picker raised)
  not_run,  // nothing was run and nothing counts; the worker ends
            // (session setup failed, which has been counted and said)
};

struct ScenarioInfo {
  std::string name;
  double weight = 1;
  Duration delay{0};  // after each successful run
};

// How a worker's code tells its worker that it has finished.
class WorkerCode;
class WorkerEvents {
 public:
  virtual void on_setup_done(bool ok) = 0;
  // `suspended`: the run waited for something at least once, so the next one
  // may begin at once; otherwise it takes its turn behind the others.
  virtual void on_run_done(RunOutcome outcome, bool suspended) = 0;
  virtual void on_teardown_done(bool ok) = 0;

 protected:
  ~WorkerEvents() = default;
};

// The code of one worker. Each begin_*() is answered by one call of the event,
// before it returns or later; only one is under way at a time.
class WorkerCode {
 public:
  virtual ~WorkerCode() = default;
  virtual void begin_setup() = 0;
  // `scenario` indexes Program::scenarios(); `step` counts from 1. `intended`
  // is when a schedule wanted it to begin, now or before; nothing where that is
  // whenever it begins.
  virtual void begin_run(size_t scenario, int64_t step,
                         std::optional<Instant> intended) = 0;
  // Sessions' teardown, then the worker's. Always called once a setup began.
  virtual void begin_teardown() = 0;
  // Cancels what is under way; it still ends by its event, soon.
  virtual void cancel() = 0;
};

constexpr size_t kNoScenario = SIZE_MAX;

// What was loaded from the user's script. Outlives all worker code.
class Program {
 public:
  virtual ~Program() = default;
  // In the order in which they are run once; at least one.
  virtual const std::vector<ScenarioInfo>& scenarios() const = 0;
  virtual std::unique_ptr<WorkerCode> make_worker(int worker_id,
                                                  WorkerEvents& events) = 0;
  // Uniform in [0, 1). Python's own generator, so that a script's random.seed
  // has its effect.
  virtual double random() = 0;
  // The script's own choice, where it has one: an index, kNoScenario when what
  // it returned is no scenario (said and counted as a failure by the caller),
  // or kPickerFailed when it raised (said by the program; the worker dies).
  virtual bool has_picker() const { return false; }
  virtual size_t pick(int /*worker_id*/, int64_t /*step*/) {
    return kNoScenario;
  }
};
constexpr size_t kPickerFailed = SIZE_MAX - 1;

// Lines for the person who watches, without their end of line.
class Console {
 public:
  virtual void print(std::string_view line) = 0;

 protected:
  ~Console() = default;
};

}  // namespace molotov::load
