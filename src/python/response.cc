#include "python/response.h"

#include <algorithm>
#include <cstddef>
#include <new>
#include <utility>

#include "python/body_read.h"
#include "python/engine.h"
#include "python/error.h"
#include "python/script_code.h"
#include "python/spares.h"
#include "python/worker.h"

namespace molotov::python {

namespace {

// The status lies right behind the head (see `members`).
struct ResponseObject {
  PyObject_HEAD PyObject* status;
  ResponseState state;
};

PyTypeObject* response_type = nullptr;
Spares<ResponseObject> spares;

ResponseObject* object_of(PyObject* self) {
  return reinterpret_cast<ResponseObject*>(self);
}

http::Exchange& exchange_of(PyObject* self) {
  return response_of(self).call.exchange();
}

// How late a request is: the first one of a run as late as that began. The
// session may be the worker's, wherever it is used, or one of the script's own.
Duration take_lateness(const Session& session) {
  Duration* late = session.late;
  WorkerTask* const worker = session.engine.current_worker();
  if (!late && worker) late = &worker->late();
  return late ? std::exchange(*late, Duration(0)) : Duration(0);
}

PyObject* ok(PyObject* self, void*) {
  return PyBool_FromLong(exchange_of(self).status() < 400);
}

PyObject* reason(PyObject* self, void*) {
  return str_of(exchange_of(self).fields().reason).release();
}

PyObject* method(PyObject* self, void*) {
  return str_of(exchange_of(self).method()).release();
}

PyObject* closed(PyObject* self, void*) {
  const http::Exchange& exchange = exchange_of(self);
  return PyBool_FromLong(exchange.done() || exchange.failed());
}

PyObject* url_text(PyObject* self, void*) {
  const http::Url& url = exchange_of(self).url();
  std::string text = url.to_string();
  return str_of(text).release();
}

PyObject* session(PyObject* self, void*) {
  return response_of(self).session.new_ref();
}

PyObject* request(PyObject* self, void*) {
  PyObject* told = response_of(self).request.get();
  return Py_NewRef(told ? told : Py_None);
}

PyObject* raw_fields(std::span<const http::Field> fields) {
  Ref list = Ref::steal(PyList_New(0));
  for (const http::Field& field : fields) {
    const Ref name = bytes_of(field.name);
    const Ref value = bytes_of(field.value);
    const Ref pair = Ref::steal(
        name && value ? PyTuple_Pack(2, name.get(), value.get()) : nullptr);
    if (!list || !pair || PyList_Append(list.get(), pair.get()) < 0)
      return nullptr;
  }
  return list.release();
}

// [(name, value)], as bytes, as they came.
PyObject* raw_headers(PyObject* self, void*) {
  const Ref list = Ref::steal(raw_fields(exchange_of(self).fields().fields));
  return list ? PyList_AsTuple(list.get()) : nullptr;
}

PyObject* headers(PyObject* self, void*) {
  ResponseState& state = response_of(self);
  if (!state.headers) {
    const Ref fields =
        Ref::steal(raw_fields(exchange_of(self).fields().fields));
    if (!fields) return nullptr;
    state.headers = Ref::steal(PyObject_CallOneArg(
        state.call.engine().imports().make_headers.get(), fields.get()));
  }
  return state.headers.new_ref();
}

// The request's head as it was sent.
PyObject* request_head(PyObject* self, void*) {
  static std::string rendered;  // the GIL guards it
  rendered.clear();
  exchange_of(self).render_head(rendered);
  return bytes_of(rendered).release();
}

// How many bytes were sent for it, all in all.
PyObject* bytes_sent(PyObject* self, void*) {
  return PyLong_FromUnsignedLongLong(exchange_of(self).bytes_sent());
}

// Of its body, as far as it has come.
PyObject* decoded_bytes(PyObject* self, void*) {
  const http::Exchange& exchange = exchange_of(self);
  return PyLong_FromUnsignedLongLong(exchange.consumed_bytes() +
                                     exchange.body().size());
}

// Of its body, before it was decoded; None where it is not.
PyObject* coded_bytes(PyObject* self, void*) {
  const std::optional<uint64_t> bytes = exchange_of(self).coded_bytes();
  return bytes ? PyLong_FromUnsignedLongLong(*bytes) : Py_NewRef(Py_None);
}

// Of HTTP/1.x.
PyObject* minor_version(PyObject* self, void*) {
  return PyLong_FromLong(exchange_of(self).fields().info.minor_version);
}

// What read() keeps; None before.
PyObject* kept_body(PyObject* self, void*) {
  const Ref& body = response_of(self).body;
  return body ? body.new_ref() : Py_NewRef(Py_None);
}

// Whether it was let go.
PyObject* released(PyObject* self, void*) {
  return PyBool_FromLong(response_of(self).call.released());
}

// How far from the next byte to be read the next chunk of HTTP's ends, as far
// as it has come; -1 where that is not known. Those further back are forgotten.
PyObject* chunk_end(PyObject* self, PyObject* kept_object) {
  const Py_ssize_t kept = PyLong_AsSsize_t(kept_object);
  if (PyErr_Occurred()) return nullptr;
  http::Exchange& exchange = exchange_of(self);
  std::vector<uint64_t>& ends = exchange.chunk_ends();
  const uint64_t at = exchange.consumed_bytes() - static_cast<uint64_t>(kept);
  const auto next = std::ranges::lower_bound(ends, at);
  ends.erase(ends.begin(), next);
  if (ends.empty()) return PyLong_FromLong(-1);
  return PyLong_FromUnsignedLongLong(ends.front() - at);
}

// It was told of.
PyObject* forget_chunk_end(PyObject* self, PyObject*) {
  std::vector<uint64_t>& ends = exchange_of(self).chunk_ends();
  if (!ends.empty()) ends.erase(ends.begin());
  Py_RETURN_NONE;
}

// The hops before this answer: [(status, url, method, reason, fields, the
// request's head, minor version)].
PyObject* hops(PyObject* self, void*) {
  Ref list = Ref::steal(PyList_New(0));
  for (const http::Hop& hop : exchange_of(self).history()) {
    http::ResponseHead head;
    const auto parsed = http::parse_response_head(hop.head, false, {}, head);
    Ref fields = Ref::steal(parsed ? raw_fields(head.fields) : nullptr);
    const Ref entry = Ref::steal(
        fields ? Py_BuildValue("(is#s#s#Oy#i)", hop.status, hop.url.data(),
                               static_cast<Py_ssize_t>(hop.url.size()),
                               hop.method.data(),
                               static_cast<Py_ssize_t>(hop.method.size()),
                               head.reason.data(),
                               static_cast<Py_ssize_t>(head.reason.size()),
                               fields.get(), hop.request_head.data(),
                               static_cast<Py_ssize_t>(hop.request_head.size()),
                               int{head.info.minor_version})
               : nullptr);
    if (!list || !entry || PyList_Append(list.get(), entry.get()) < 0)
      return nullptr;
  }
  return list.release();
}

// What Python computes: molotov._response.NAME(response). The closure is NAME.
PyObject* computed(PyObject* self, void* closure) {
  const Ref client = Ref::steal(PyImport_ImportModule("molotov._response"));
  if (!client) return nullptr;
  return PyObject_CallMethod(client.get(), static_cast<const char*>(closure),
                             "O", self);
}

void* name(const char* text) {
  return const_cast<char*>(text);
}

PyObject* raise_for_status(PyObject* self, PyObject*) {
  if (exchange_of(self).status() < 400) Py_RETURN_NONE;
  if (!response_of(self).in_block) response_of(self).call.cancel(self);
  return computed(self, name("raise_for_status"));
}

PyObject* get_encoding(PyObject* self, PyObject*) {
  return computed(self, name("encoding_of"));
}

PyObject* read(PyObject* self, PyObject*) {
  if (PyObject* trail = response_of(self).trail.get())
    return PyObject_CallMethod(trail, "read", "O", self);
  return make_body_read(self, BodyRead::all, -1, nullptr);
}

// _read_untold(): the whole body, whatever the trail.
PyObject* read_untold(PyObject* self, PyObject*) {
  return make_body_read(self, BodyRead::all, -1, nullptr);
}

// text() and json() hand their arguments on to the decoding function.
PyObject* read_and_decode(PyObject* self, BodyRead kind, PyObject* args,
                          PyObject* keywords) {
  if (PyTuple_GET_SIZE(args) == 0 && !keywords)
    return make_body_read(self, kind, -1, nullptr);
  const Ref arguments =
      Ref::steal(PyTuple_Pack(2, args, keywords ? keywords : Py_None));
  return arguments ? make_body_read(self, kind, -1, arguments.get()) : nullptr;
}

PyObject* text(PyObject* self, PyObject* args, PyObject* keywords) {
  if (PyObject* trail = response_of(self).trail.get())
    return PyObject_CallMethod(trail, "text", "OOO", self, args,
                               keywords ? keywords : Py_None);
  return read_and_decode(self, BodyRead::text, args, keywords);
}

PyObject* json(PyObject* self, PyObject* args, PyObject* keywords) {
  if (PyObject* trail = response_of(self).trail.get())
    return PyObject_CallMethod(trail, "json", "OOO", self, args,
                               keywords ? keywords : Py_None);
  return read_and_decode(self, BodyRead::json, args, keywords);
}

// _read_some(n): at most n bytes (negative: all), b"" at the end.
PyObject* read_some(PyObject* self, PyObject* size_object) {
  const Py_ssize_t size = PyLong_AsSsize_t(size_object);
  if (PyErr_Occurred()) return nullptr;
  return make_body_read(self, size < 0 ? BodyRead::rest : BodyRead::some, size,
                        nullptr);
}

// _await_body(n): waits for n bytes of the body, or for its end. Takes none.
PyObject* await_body(PyObject* self, PyObject* size_object) {
  const Py_ssize_t size = PyLong_AsSsize_t(size_object);
  if (PyErr_Occurred()) return nullptr;
  return make_body_read(self, BodyRead::none, size, nullptr);
}

// _peek(n): up to n bytes of the body that are there, which can be read all the
// same, and whether they are all of it.
PyObject* peek(PyObject* self, PyObject* size_object) {
  const size_t size = PyLong_AsSize_t(size_object);
  if (PyErr_Occurred()) return nullptr;
  const ResponseState& state = response_of(self);
  const http::Exchange& exchange = exchange_of(self);
  std::string_view there = exchange.body();
  if (state.body) there = view_of(state.body.get());
  const Ref bytes = bytes_of(there.substr(0, size));
  const bool whole = exchange.done() && there.size() <= size;
  return bytes ? PyTuple_Pack(2, bytes.get(), whole ? Py_True : Py_False)
               : nullptr;
}

PyObject* trail(PyObject* self, void*) {
  PyObject* trail = response_of(self).trail.get();
  return Py_NewRef(trail ? trail : Py_None);
}

// _set_trail(trail, request)
PyObject* set_trail(PyObject* self, PyObject* args) {
  PyObject *trail, *told;
  if (!PyArg_ParseTuple(args, "OO:_set_trail", &trail, &told)) return nullptr;
  response_of(self).trail = Ref::borrow(trail);
  response_of(self).request = Ref::borrow(told);
  Py_RETURN_NONE;
}

// _raise_buffer(n): reading does not pause before that much waits.
PyObject* raise_buffer(PyObject* self, PyObject* size_object) {
  const size_t size = PyLong_AsSize_t(size_object);
  if (PyErr_Occurred()) return nullptr;
  response_of(self).call.engine().enter();
  exchange_of(self).raise_read_buffer(size);
  Py_RETURN_NONE;
}

// Nothing is buffered and nothing will come.
PyObject* at_eof(PyObject* self, PyObject*) {
  const http::Exchange& exchange = exchange_of(self);
  return PyBool_FromLong(exchange.body().empty() &&
                         (exchange.done() || exchange.failed()));
}

PyObject* release(PyObject* self, PyObject*) {
  response_of(self).call.cancel(self);
  return make_ready(Py_NewRef(Py_None));
}

PyObject* close(PyObject* self, PyObject*) {
  response_of(self).call.cancel(self);
  Py_RETURN_NONE;
}

PyObject* enter(PyObject* self, PyObject*) {
  response_of(self).in_block = true;
  return make_ready(Py_NewRef(self));
}

PyObject* exit(PyObject* self, PyObject*) {
  response_of(self).call.cancel(self);
  return make_ready(Py_NewRef(Py_None));
}

PyObject* repr(PyObject* self) {
  const Ref url = Ref::steal(url_text(self, nullptr));
  const Ref phrase = Ref::steal(reason(self, nullptr));
  if (!url || !phrase) return nullptr;
  return PyUnicode_FromFormat("<ClientResponse(%S) [%d %S]>", url.get(),
                              exchange_of(self).status(), phrase.get());
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  ResponseState& state = response_of(self);
  Py_VISIT(state.session.get());
  Py_VISIT(state.headers.get());
  Py_VISIT(state.content.get());
  Py_VISIT(state.request.get());
  Py_VISIT(state.trail.get());
  if (state.extras) Py_VISIT(state.extras->keeper.get());
  return 0;
}

int clear(PyObject* self) {
  response_of(self).content.reset();
  response_of(self).request.reset();
  response_of(self).trail.reset();
  return 0;
}

// Nobody has it any more; its exchange may be the one that is served.
void live_on(PyObject* self, io::EpollLoop& loop) {
  Py_SET_REFCNT(self, 1);
  do_later(loop, Ref::steal(self), [] {});
}

void dealloc(PyObject* self) {
  if (Call& call = response_of(self).call; ScriptCode::runs() && call.started())
    return live_on(self, call.engine().loop());
  PyObject_GC_UnTrack(self);
  Py_XDECREF(object_of(self)->status);
  response_of(self).~ResponseState();
  spares.give_back(object_of(self));
}

PyObject* content(PyObject* self, void*) {
  ResponseState& state = response_of(self);
  if (!state.content)
    state.content = Ref::steal(computed(self, name("make_stream")));
  return state.content.new_ref();
}

PyMethodDef methods[] = {
    {"read", read, METH_NOARGS, "The whole body, as bytes."},
    {"text", as_method(text), METH_VARARGS | METH_KEYWORDS,
     "text(encoding=None, errors='strict'): the body as str."},
    {"json", as_method(json), METH_VARARGS | METH_KEYWORDS,
     "json(*, encoding=None, loads=json.loads, content_type=...)"},
    {"get_encoding", get_encoding, METH_NOARGS,
     "The charset that the body is decoded by."},
    {"raise_for_status", raise_for_status, METH_NOARGS,
     "Raises ClientResponseError for a status of 400 and more."},
    {"release", release, METH_NOARGS, "Lets the connection go."},
    {"wait_for_close", release, METH_NOARGS, "As release()."},
    {"close", close, METH_NOARGS, "Closes the connection."},
    {"_read_untold", read_untold, METH_NOARGS, nullptr},
    {"_set_trail", set_trail, METH_VARARGS, nullptr},
    {"_read_some", read_some, METH_O, nullptr},
    {"_at_eof", at_eof, METH_NOARGS, nullptr},
    {"_await_body", await_body, METH_O, nullptr},
    {"_peek", peek, METH_O, nullptr},
    {"_raise_buffer", raise_buffer, METH_O, nullptr},
    {"_chunk_end", chunk_end, METH_O, nullptr},
    {"_forget_chunk_end", forget_chunk_end, METH_NOARGS, nullptr},
    {"__aenter__", enter, METH_NOARGS, nullptr},
    {"__aexit__", exit, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef attributes[] = {
    {"ok", ok, nullptr, "Whether the status is below 400.", nullptr},
    {"reason", reason, nullptr, "The reason phrase.", nullptr},
    {"method", method, nullptr, nullptr, nullptr},
    {"closed", closed, nullptr, nullptr, nullptr},
    {"headers", headers, nullptr, "A CIMultiDictProxy.", nullptr},
    {"raw_headers", raw_headers, nullptr, nullptr, nullptr},
    {"content", content, nullptr, "The body, as a stream.", nullptr},
    {"request", request, nullptr, "The request, as listeners saw it.", nullptr},
    {"url", computed, nullptr, "A yarl.URL.", name("url_of")},
    {"real_url", computed, nullptr, nullptr, name("real_url_of")},
    {"version", computed, nullptr, nullptr, name("version_of")},
    {"connection", computed, nullptr, nullptr, name("connection_of")},
    {"host", computed, nullptr, nullptr, name("host_of")},
    {"history", computed, nullptr, nullptr, name("history_of")},
    {"cookies", computed, nullptr, nullptr, name("cookies_of")},
    {"content_type", computed, nullptr, nullptr, name("content_type_of")},
    {"charset", computed, nullptr, nullptr, name("charset_of")},
    {"content_length", computed, nullptr, nullptr, name("content_length_of")},
    {"content_disposition", computed, nullptr, nullptr,
     name("content_disposition_of")},
    {"links", computed, nullptr, nullptr, name("links_of")},
    {"url_obj", computed, nullptr, nullptr, name("url_obj_of")},
    {"output_size", computed, nullptr, nullptr, name("output_size_of")},
    {"request_info", computed, nullptr, nullptr, name("request_info_of")},
    {"_url_text", url_text, nullptr, nullptr, nullptr},
    {"_hops", hops, nullptr, nullptr, nullptr},
    {"_request_head", request_head, nullptr, nullptr, nullptr},
    {"_bytes_sent", bytes_sent, nullptr, nullptr, nullptr},
    {"_decoded_bytes", decoded_bytes, nullptr, nullptr, nullptr},
    {"_coded_bytes", coded_bytes, nullptr, nullptr, nullptr},
    {"_minor_version", minor_version, nullptr, nullptr, nullptr},
    {"_kept_body", kept_body, nullptr, nullptr, nullptr},
    {"_released", released, nullptr, nullptr, nullptr},
    {"_trail", trail, nullptr, nullptr, nullptr},
    {"_session", session, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

// What nearly every scenario looks at: the interpreter reads a member by
// itself, without a call.
PyMemberDef members[] = {
    {"status", kObjectEx, sizeof(PyObject), kReadOnly, "The status code."},
    {nullptr, 0, 0, 0, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("An answer, as aiohttp's ClientResponse.")},
    {Py_tp_repr, reinterpret_cast<void*>(repr)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(clear)},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {Py_tp_members, members},
    {0, nullptr}};

PyType_Spec spec = {
    "molotov._engine.Response", sizeof(ResponseObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    slots};

}  // namespace

Call::~Call() {
  end_upload();
  if (!exchange_) return;
  engine_.enter();
  exchange_->release();
}

void Call::set_upload(BodyQueue& queue) {
  upload_ = &queue;
  queue.attach(*exchange_);
}

void Call::end_upload() {
  if (BodyQueue* queue = std::exchange(upload_, nullptr)) queue->abandon();
}

void Call::cancel(PyObject* response) {
  engine_.enter();
  released_ = true;
  if (!ScriptCode::runs()) return end();
  do_later(engine_.loop(), Ref::borrow(response), [this] { end(); });
}

void Call::end() {
  end_upload();
  exchange_->cancel();
  wake();  // those who wait for its body
}

void Call::on_progress(http::Exchange& exchange) {
  if (exchange.done() || exchange.failed()) end_upload();
  if (waiters_.empty()) return;
  wake();
  exchange.let_reader_come();
}

void Call::on_failed(http::Exchange&) {
  end_upload();
  wake();
}

void Call::start(Session& session, const http::RequestParts& parts,
                 const http::ExchangeOptions& options) {
  exchange_ =
      &session.client.start(parts, options, this, take_lateness(session));
}

void Call::wake() {
  while (Waiter* waiter = waiters_.front()) waiter->wake(engine_);
}

PyObject* make_response(Engine& engine, PyObject* session, PyObject* target) {
  ResponseObject* response = spares.take(response_type);
  if (!response) return nullptr;
  response->status = nullptr;
  new (&response->state) ResponseState(engine, session, target);
  PyObject_GC_Track(response);
  return reinterpret_cast<PyObject*>(response);
}

bool set_status(PyObject* response) {
  PyObject* const status = PyLong_FromLong(exchange_of(response).status());
  Py_XSETREF(object_of(response)->status, status);
  return status != nullptr;
}

bool is_response(PyObject* object) {
  return Py_TYPE(object) == response_type;
}

ResponseState& response_of(PyObject* response) {
  return object_of(response)->state;
}

void raise_error(PyObject* object) {
  ResponseState& response = response_of(object);
  const http::Exchange& exchange = response.call.exchange();
  const BodyQueue* upload = response.extras ? response.extras->queue : nullptr;
  if (upload && upload->failure()) {
    raise(Ref::borrow(upload->failure().get()));
    return;
  }
  raise_error(response.call.engine(), exchange, object);
}

bool add_response_types(PyObject* module) {
  response_type = add_type(module, spec);
  return response_type && add_body_read_type(module) && add_ready_type(module);
}

}  // namespace molotov::python
