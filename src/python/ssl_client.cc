#include "python/ssl_client.h"

#include <memory>
#include <new>
#include <utility>

#include "python/ssl_stream.h"

namespace molotov::python {

namespace {

// The context is not kept: whoever asks for a connection has it. So this little
// can stay for ever, and an address that was a client's never is another's.
class SslClient final : public net::TlsClient {
 public:
  explicit SslClient(Ref weak_context) : context_(std::move(weak_context)) {}

  io::Task<Result<std::unique_ptr<net::Stream>>> connect(
      io::EpollLoop& loop, std::unique_ptr<net::Stream> transport,
      std::string server_name, uint16_t port) const override;

 private:
  Ref context_;  // a weakref
};

io::Task<Result<std::unique_ptr<net::Stream>>> SslClient::connect(
    io::EpollLoop& loop, std::unique_ptr<net::Stream> transport,
    std::string server_name, uint16_t port) const {
  auto stream = std::make_unique<SslStream>(loop, std::move(transport),
                                            std::move(server_name), port);
  {
    const Ref context = Ref::steal(PyObject_CallNoArgs(context_.get()));
    stream->begin(context.get());
  }
  Result<> done = co_await stream->handshake();
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return std::unique_ptr<net::Stream>(std::move(stream));
}

struct SslClientObject {
  PyObject_HEAD SslClient client;
};

PyTypeObject* ssl_client_type = nullptr;

// SslClient(context)
PyObject* make(PyTypeObject* type, PyObject* args, PyObject*) {
  PyObject* context;
  if (!PyArg_ParseTuple(args, "O:SslClient", &context)) return nullptr;
  Ref weak = Ref::steal(PyWeakref_NewRef(context, nullptr));
  if (!weak) return nullptr;
  PyObject* self = type->tp_alloc(type, 0);
  if (self)
    new (&reinterpret_cast<SslClientObject*>(self)->client)
        SslClient(std::move(weak));
  return self;
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  std::destroy_at(&reinterpret_cast<SslClientObject*>(self)->client);
  type->tp_free(self);
  Py_DECREF(type);
}

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("TLS by an ssl.SSLContext.")},
    {Py_tp_new, reinterpret_cast<void*>(make)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
    {0, nullptr}};

PyType_Spec spec = {"molotov._engine.SslClient", sizeof(SslClientObject), 0,
                    Py_TPFLAGS_DEFAULT, slots};

}  // namespace

const net::TlsClient* ssl_client_of(PyObject* object) {
  if (Py_TYPE(object) != ssl_client_type) {
    PyErr_SetString(PyExc_TypeError, "an SslClient is needed");
    return nullptr;
  }
  return &reinterpret_cast<SslClientObject*>(object)->client;
}

bool add_ssl_client_type(PyObject* module) {
  ssl_client_type = add_type(module, spec);
  return ssl_client_type != nullptr;
}

}  // namespace molotov::python
