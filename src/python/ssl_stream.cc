#include "python/ssl_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "net/tls_error.h"
#include "python/script_code.h"

namespace molotov::python {

namespace {

constexpr size_t kReadBytes = 32 * 1024;
constexpr size_t kWriteBytes = 64 * 1024;

// Keeps the raised exception, if there is one, while this exists.
class RaisedApart {
 public:
  RaisedApart() : raised_(take_raised()) {}
  RaisedApart(const RaisedApart&) = delete;
  RaisedApart& operator=(const RaisedApart&) = delete;
  ~RaisedApart() {
    PyErr_Clear();
    if (raised_) raise(std::move(raised_));
  }

 private:
  Ref raised_;
};

Ref attribute(PyObject* object, const char* name) {
  Ref found = Ref::steal(PyObject_GetAttrString(object, name));
  if (!found) PyErr_Clear();
  return found;
}

// As a number; 0 where it is none.
long number(PyObject* object, const char* name) {
  const Ref found = attribute(object, name);
  const long value = found ? PyLong_AsLong(found.get()) : 0;
  if (PyErr_Occurred()) PyErr_Clear();
  return std::max(value, 0L);
}

// What an exception says: an OSError's strerror, else its text, else its type.
std::string text_of(PyObject* exception) {
  Ref text = attribute(exception, "strerror");
  if (!text || !PyUnicode_Check(text.get()))
    text = Ref::steal(PyObject_Str(exception));
  std::string said(text ? utf8_of(text.get()) : std::string_view());
  PyErr_Clear();
  return said.empty() ? Py_TYPE(exception)->tp_name : said;
}

}  // namespace

SslStream::SslStream(io::EpollLoop& loop,
                     std::unique_ptr<net::Stream> transport,
                     std::string server_name, uint16_t port)
    : loop_(loop),
      transport_(std::move(transport)),
      server_name_(std::move(server_name)),
      peer_(fmt::format("TLS handshake with {}:{}", server_name_, port)) {
  // Certificates are for names without it.
  while (server_name_.ends_with('.')) server_name_.pop_back();
  transport_->set_listener(this);
}

SslStream::~SslStream() {
  const ScriptCode code;
  const RaisedApart apart;
  if (secure_ && !broken_) {
    // Says good-bye, and does not wait for the peer's.
    Ref::steal(PyObject_CallMethod(ssl_.get(), "unwrap", nullptr));
    PyErr_Clear();
    flush();
  }
  ssl_.reset();
  outgoing_.reset();
  incoming_.reset();
}

void SslStream::begin(PyObject* context) {
  if (context == Py_None)
    return finish(molotov::fail(ErrorCode::tls_configuration,
                                "the request's SSLContext is gone"));
  if (!context || !wrap(context)) {
    // Of a context that is a server's, the ssl module says it as of a
    // handshake.
    judge();
    return fail_handshake();
  }
  shake_hands();
}

bool SslStream::wrap(PyObject* context) {
  const ScriptCode code;
  ssl_module_ = Ref::steal(PyImport_ImportModule("ssl"));
  if (!ssl_module_) return false;
  const auto memory = [&] {
    return Ref::steal(
        PyObject_CallMethod(ssl_module_.get(), "MemoryBIO", nullptr));
  };
  incoming_ = memory();
  outgoing_ = memory();
  if (!incoming_ || !outgoing_) return false;
  const Ref wrap = Ref::steal(PyObject_GetAttrString(context, "wrap_bio"));
  const Ref arguments =
      Ref::steal(PyTuple_Pack(2, incoming_.get(), outgoing_.get()));
  // As asyncio calls it: contexts may have one of their own.
  const Ref named = Ref::steal(Py_BuildValue(
      "{sOss#}", "server_side", Py_False, "server_hostname",
      server_name_.data(), static_cast<Py_ssize_t>(server_name_.size())));
  if (!wrap || !arguments || !named) return false;
  ssl_ = Ref::steal(PyObject_Call(wrap.get(), arguments.get(), named.get()));
  return bool(ssl_);
}

void SslStream::shake_hands() {
  switch (try_handshake()) {
    case Step::wants_input:
      return;
    case Step::done:
      secure_ = true;
      // The peer may have sent more behind its handshake, of which the loop
      // will not tell again.
      if (!holds_nothing()) loop_.post(*this);
      return finish({});
    case Step::ended:
    case Step::failed:
      return fail_handshake();
  }
}

// As far as what has come allows.
SslStream::Step SslStream::try_handshake() {
  const ScriptCode code;
  for (;;) {
    const Ref done =
        Ref::steal(PyObject_CallMethod(ssl_.get(), "do_handshake", nullptr));
    const Step step = done ? Step::done : judge();
    // An alert of ours goes out too.
    if (!flush() && step != Step::failed) return Step::failed;
    if (step == Step::done) break;
    if (step != Step::wants_input) return step;
    if (!take_in()) return broken_ ? Step::failed : Step::wants_input;
  }
  const Ref chosen = Ref::steal(
      PyObject_CallMethod(ssl_.get(), "selected_alpn_protocol", nullptr));
  if (chosen && PyUnicode_Check(chosen.get())) alpn_ = utf8_of(chosen.get());
  PyErr_Clear();
  return Step::done;
}

// The awaiting task may destroy the stream: to be called last.
void SslStream::finish(Result<> how) {
  handshake_.set(std::move(how));
}

void SslStream::fail_handshake() {
  broken_ = true;
  if (error_.code == ErrorCode::none)  // the peer said good-bye in it
    error_ = net::error_of_handshake({}, peer_);
  finish(std::unexpected(std::move(error_)));
}

// What the raised exception means, which is taken.
SslStream::Step SslStream::judge() {
  const ScriptCode code;
  const Ref raised = take_raised();
  const auto is = [&](const char* name) {
    const Ref type = ssl_module_ ? attribute(ssl_module_.get(), name) : Ref();
    return type && PyErr_GivenExceptionMatches(raised.get(), type.get());
  };
  if (is("SSLWantReadError") || is("SSLWantWriteError"))
    return Step::wants_input;
  if (is("SSLZeroReturnError")) return Step::ended;
  if (ended_ && is("SSLEOFError")) {
    // Many peers close without TLS's own end; HTTP's framing tells what is
    // missing.
    if (secure_) return Step::ended;
    return fail(net::error_of_handshake({}, peer_));
  }
  if (is("SSLCertVerificationError")) {
    const auto code = static_cast<int>(number(raised.get(), "verify_code"));
    return fail({net::code_of_refusal(code), 0, text_of(raised.get()), code});
  }
  // Is not for us: it comes back where Python code runs.
  if (PyErr_GivenExceptionMatches(raised.get(), PyExc_KeyboardInterrupt))
    PyErr_SetInterrupt();
  std::string text = text_of(raised.get());
  if (!ssl_ && !is("SSLError"))
    return fail({ErrorCode::tls_configuration, 0, std::move(text)});
  return fail({secure_ ? ErrorCode::tls_failed : ErrorCode::tls_handshake, 0,
               std::move(text)});
}

void SslStream::fail_as(const Error& of_transport) {
  fail(secure_ ? of_transport : net::error_of_handshake(of_transport, peer_));
}

SslStream::Step SslStream::fail(Error error) {
  broken_ = true;
  error_ = std::move(error);
  return Step::failed;
}

// Gives TLS what the transport has, or its end. False where that is nothing
// for now, or it failed.
bool SslStream::take_in() {
  if (drained_) return false;
  char bytes[kReadBytes];
  const net::IoResult result = transport_->read(bytes);
  Ref taken;
  switch (result.status) {
    case net::IoStatus::would_block:
      drained_ = true;
      return false;
    case net::IoStatus::failed:
      fail_as(transport_->error());
      return false;
    case net::IoStatus::closed:
      ended_ = drained_ = true;
      taken = Ref::steal(
          PyObject_CallMethod(incoming_.get(), "write_eof", nullptr));
      break;
    case net::IoStatus::ok:
      drained_ = result.drained;
      arrival_ = result.arrival;
      taken = Ref::steal(
          PyObject_CallMethod(incoming_.get(), "write", "y#", bytes,
                              static_cast<Py_ssize_t>(result.bytes)));
      break;
  }
  if (taken) return has_input_ = true;
  judge();
  return false;
}

// Sends what TLS has to be sent, as far as the transport takes it. False where
// that failed.
bool SslStream::flush() {
  const ScriptCode code;
  const Ref made =
      Ref::steal(PyObject_CallMethod(outgoing_.get(), "read", nullptr));
  if (!made) {
    judge();
    return false;
  }
  unsent_.append(view_of(made.get()));
  while (!unsent_.empty()) {
    const net::IoResult result = transport_->write(unsent_.view());
    if (result.status == net::IoStatus::would_block) return true;
    if (result.status != net::IoStatus::ok) {
      fail_as(transport_->error());
      return false;
    }
    unsent_.consume(result.bytes);
  }
  unsent_.reset();
  return true;
}

bool SslStream::holds_nothing() const {
  const ScriptCode code;
  return drained_ && number(incoming_.get(), "pending") == 0 && [&] {
    const Ref pending =
        Ref::steal(PyObject_CallMethod(ssl_.get(), "pending", nullptr));
    const long count = pending ? PyLong_AsLong(pending.get()) : 0;
    PyErr_Clear();
    return count == 0;
  }();
}

net::IoResult SslStream::read(std::span<char> into) {
  CHECK(!into.empty());
  const ScriptCode code;
  for (;;) {
    if (broken_) return {.status = net::IoStatus::failed};
    if (!has_input_ && !take_in()) {
      if (broken_) continue;
      return {.status =
                  ended_ ? net::IoStatus::closed : net::IoStatus::would_block};
    }
    const Ref room = Ref::steal(PyMemoryView_FromMemory(
        into.data(), static_cast<Py_ssize_t>(into.size()), PyBUF_WRITE));
    const Ref got = room
                        ? Ref::steal(PyObject_CallMethod(
                              ssl_.get(), "read", "nO",
                              static_cast<Py_ssize_t>(into.size()), room.get()))
                        : Ref();
    const Step step = got ? Step::done : judge();
    if (!flush()) continue;
    if (step == Step::ended) return {.status = net::IoStatus::closed};
    if (step == Step::failed) continue;
    if (step == Step::wants_input) {
      has_input_ = false;
      continue;
    }
    const long bytes = PyLong_AsLong(got.get());
    if (bytes <= 0) return {.status = net::IoStatus::closed};
    arrival_.read_at = MonotonicClock::now();  // decrypted, too
    const bool drained = holds_nothing();
    if (drained) has_input_ = false;
    return {.status = net::IoStatus::ok,
            .drained = drained && !hung_up_,
            .bytes = static_cast<size_t>(bytes),
            .arrival = arrival_};
  }
}

net::IoResult SslStream::write(std::string_view bytes) {
  if (bytes.empty()) return {.status = net::IoStatus::ok};
  const ScriptCode code;
  if (broken_ || !flush()) return {.status = net::IoStatus::failed};
  if (!unsent_.empty()) return {};
  bytes = bytes.substr(0, kWriteBytes);
  const Ref sent =
      Ref::steal(PyObject_CallMethod(ssl_.get(), "write", "y#", bytes.data(),
                                     static_cast<Py_ssize_t>(bytes.size())));
  const Step step = sent ? Step::done : judge();
  switch (step) {
    case Step::wants_input:
      return {};
    case Step::ended:
      fail({ErrorCode::reset, EPIPE, "write: the peer has closed"});
      return {.status = net::IoStatus::failed};
    case Step::failed:
      return {.status = net::IoStatus::failed};
    case Step::done:
      break;
  }
  if (!flush()) return {.status = net::IoStatus::failed};
  return {.status = net::IoStatus::ok,
          .bytes = static_cast<size_t>(PyLong_AsLong(sent.get()))};
}

void SslStream::shut_down_write() {
  if (broken_) return;
  const ScriptCode code;
  Ref::steal(PyObject_CallMethod(ssl_.get(), "unwrap", nullptr));
  PyErr_Clear();  // that the peer has not closed yet
  // Behind what the transport would not take yet, the end must not come.
  if (flush() && unsent_.empty()) transport_->shut_down_write();
}

std::string SslStream::peer_certificate() const {
  const ScriptCode code;
  const Ref certificate =
      Ref::steal(PyObject_CallMethod(ssl_.get(), "getpeercert", "O", Py_True));
  PyErr_Clear();
  if (!certificate || !PyBytes_Check(certificate.get())) return {};
  return std::string(view_of(certificate.get()));
}

void SslStream::on_readable(bool hung_up) {
  drained_ = false;
  hung_up_ |= hung_up;
  if (!handshake_.is_set()) return shake_hands();
  tell_readable(hung_up_);
}

void SslStream::on_writable() {
  if (!handshake_.is_set()) return shake_hands();
  const bool failed = broken_ || !flush();
  // A write then tells of the failure.
  if ((failed || unsent_.empty()) && listener_) listener_->on_writable();
}

}  // namespace molotov::python
