// The Python type `_engine.Response`, as a scenario sees an answer; and the
// awaitable of its body.
#pragma once

#include <memory>

#include "http/exchange.h"
#include "python/ref.h"
#include "python/request.h"
#include "python/session_object.h"
#include "python/waiter.h"

namespace molotov::python {

// An exchange as Python holds it: wakes those who wait for it.
class Call final : private http::ExchangeListener {
 public:
  explicit Call(Engine& engine) : engine_(engine) {}
  ~Call();

  void start(Session& session, const http::RequestParts& parts,
             const http::ExchangeOptions& options);
  // REQUIRES: start() was called.
  http::Exchange& exchange() { return *exchange_; }
  bool started() const { return exchange_ != nullptr; }
  Engine& engine() { return engine_; }
  void add(Waiter& waiter) { waiters_.push_back(waiter); }
  // The body of its request is written there while it is sent.
  // REQUIRES: start() was called.
  void set_upload(BodyQueue& queue);
  // Ends the exchange, if it has not ended: nobody wants its body. The response
  // is the one whose call it is.
  void cancel(PyObject* response);
  // It was called.
  bool released() const { return released_; }

 private:
  void on_head(http::Exchange&) override { wake(); }
  void on_progress(http::Exchange& exchange) override;
  void on_failed(http::Exchange&) override;
  void on_placed(http::Exchange&) override { wake(); }
  void on_ready_to_send(http::Exchange&) override { wake(); }
  void wake();
  void end_upload();
  void end();

  Engine& engine_;
  http::Exchange* exchange_ = nullptr;
  IntrusiveList<Waiter> waiters_;
  BodyQueue* upload_ = nullptr;  // while it may be written to
  bool released_ = false;
};

struct ResponseState {
  ResponseState(Engine& engine, PyObject* session_object, PyObject* target_ref)
      : session(Ref::borrow(session_object)),
        target(Ref::borrow(target_ref)),
        call(engine) {}
  // The call refers to all the others, so it goes first: it is declared last.
  std::unique_ptr<RequestExtras> extras;
  Ref session;
  Ref target;
  Ref headers;  // made when asked for
  Ref body;     // read() keeps it
  Ref content;  // likewise
  Ref request;  // what listeners were told of; nothing where there are none
  bool in_block = false;  // an `async with` lets it go
  // Of a request that Python drove: molotov.client.stepped.Trail. Its body is
  // read through that.
  Ref trail;
  Call call;
};

// A new response whose exchange has not started; nullptr with an error set.
PyObject* make_response(Engine& engine, PyObject* session, PyObject* target);
bool is_response(PyObject* object);
ResponseState& response_of(PyObject* response);
// Its `status`, once its head is there. False with a Python error set.
bool set_status(PyObject* response);
// Sets the Python error for a failed exchange.
void raise_error(PyObject* response);
bool add_response_types(PyObject* module);

}  // namespace molotov::python
