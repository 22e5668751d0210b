// The Python type `_engine.WebSocket`: a client's end of a WebSocket, which
// molotov.client.websocket.ClientWebSocketResponse extends. What every message
// goes through is here; closing, and whatever is rare, is there.
#pragma once

#include <memory>

#include "base/intrusive_list.h"
#include "http/websocket.h"
#include "io/loop.h"
#include "python/ref.h"
#include "python/waiter.h"

namespace molotov::python {

class Engine;

// The native half of a WebSocket object; it goes when that does.
class WebSocketState final : public ListNode<>,
                             private http::WebSocketListener,
                             private io::Timer {
 public:
  // `kinds`: see molotov.client.websocket.Kinds. `heartbeat`: zero for none.
  WebSocketState(Engine& engine, PyObject* object, PyObject* session,
                 PyObject* kinds, http::Upgraded upgraded,
                 const http::WebSocketOptions& options, Duration heartbeat);
  ~WebSocketState();

  http::WebSocket& socket() { return socket_; }
  Engine& engine() { return engine_; }
  PyObject* kinds() const { return kinds_.get(); }
  // A member of the kinds, by its place.
  PyObject* kind(Py_ssize_t place) const {
    return PyTuple_GET_ITEM(kinds_.get(), place);
  }

  void add_reader(Waiter& waiter) { readers_.push_back(waiter); }
  void add_writer(Waiter& waiter) { writers_.push_back(waiter); }
  // Whoever receives is given that message in place of one of the server's.
  void inject(PyObject* message);
  Ref take_injected() { return std::move(injected_); }
  void stop_heartbeat();
  // Closes the connection.
  void shut();
  void wake_readers() { wake(readers_); }

  bool autoping = true;
  bool decodes_text = true;
  bool close_sent = false;  // a close frame was
  bool receiving = false;   // a receive() is under way
  Duration receive_timeout{0};

  int traverse(visitproc visit, void* arg) const;
  void clear();

 private:
  void on_readable() override { wake(readers_); }
  void on_written() override { wake(writers_); }
  void on_timer() override;
  void wake(IntrusiveList<Waiter>& waiters);
  void send_heartbeat();
  void tell_no_pong();

  Engine& engine_;
  PyObject* object_;  // borrowed: it owns this
  Ref session_;
  Ref kinds_;
  Ref injected_;
  IntrusiveList<Waiter> readers_;
  IntrusiveList<Waiter> writers_;
  Duration heartbeat_;
  Instant pinged_at_ = Instant::max();  // and nothing was heard since
  http::WebSocket socket_;
};

// Places in the kinds.
inline constexpr Py_ssize_t kMessageType = 0;
inline constexpr Py_ssize_t kTextBytesType = 1;
inline constexpr Py_ssize_t kText = 2;
inline constexpr Py_ssize_t kBinary = 3;
inline constexpr Py_ssize_t kPing = 4;
inline constexpr Py_ssize_t kPong = 5;
inline constexpr Py_ssize_t kClose = 6;
inline constexpr Py_ssize_t kClosing = 7;
inline constexpr Py_ssize_t kClosed = 8;
inline constexpr Py_ssize_t kAbnormalClosure = 9;
inline constexpr Py_ssize_t kKinds = 10;

// The head of every WebSocket object.
struct WebSocketObject {
  PyObject_HEAD WebSocketState* state;  // owned
  PyObject* weak_references;
  PyObject* close_wait;  // a future of who waits for the receive() to end
  PyObject* close_code;
  char closed;
  char closing;
};

inline WebSocketObject* websocket_of(PyObject* object) {
  return reinterpret_cast<WebSocketObject*>(object);
}

// What receive() (or iterating, or the closing's own reading) gives to await.
enum class Receiving : uint8_t { message, iteration, raw };
PyObject* make_receive(PyObject* websocket, Receiving how, Duration timeout);

// What sending a frame gives to await; `data` has a buffer, or is a str.
PyObject* make_send(PyObject* websocket, http::Opcode opcode, PyObject* data,
                    int deflate_bits);
// Raises that the connection is closed.
void raise_websocket_closed(Engine& engine, const char* what);

bool add_receive_type(PyObject* module);
bool add_send_type(PyObject* module);
bool add_websocket_type(PyObject* module);

}  // namespace molotov::python
