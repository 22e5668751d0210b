// Several observers as one.
#pragma once

#include <vector>

#include "http/client.h"

namespace molotov::session {

class Observers final : public http::ExchangeObserver {
 public:
  // Borrowed.
  void add(http::ExchangeObserver& observer) { all_.push_back(&observer); }

  // What a client is to tell: nullptr where there is nobody, the only one by
  // itself. Whoever is added later is not told by clients that have it.
  http::ExchangeObserver* get() {
    if (all_.empty()) return nullptr;
    return all_.size() == 1 ? all_.front() : this;
  }

  void on_answer(const http::Exchange& exchange) override {
    for (http::ExchangeObserver* each : all_) each->on_answer(exchange);
  }
  void on_request_done(const http::Exchange& exchange,
                       const Error* error) override {
    for (http::ExchangeObserver* each : all_)
      each->on_request_done(exchange, error);
  }

 private:
  std::vector<http::ExchangeObserver*> all_;
};

}  // namespace molotov::session
