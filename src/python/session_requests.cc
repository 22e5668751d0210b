#include "python/session_requests.h"

#include <memory>
#include <string>

#include "python/engine.h"
#include "python/json_encode.h"
#include "python/prepared_request.h"
#include "python/request.h"
#include "python/session_object.h"

namespace molotov::python {

namespace {

// molotov.client.request_coroutine.NAME(first, second)
PyObject* made_of(const char* name, PyObject* first, PyObject* second) {
  const Ref module =
      Ref::steal(PyImport_ImportModule("molotov.client.request_coroutine"));
  return module ? PyObject_CallMethod(module.get(), name, "OO", first, second)
                : nullptr;
}

// What raises the error that is set once it is awaited, as aiohttp's does.
PyObject* failed() {
  const Ref raised = take_raised();
  return raised ? made_of("FailedRequest", raised.get(), Py_None) : nullptr;
}

// The keywords of a call: nothing with a Python error set.
Ref options_of(PyObject* const* values, PyObject* names) {
  Ref options = Ref::steal(PyDict_New());
  const Py_ssize_t count = names ? PyTuple_GET_SIZE(names) : 0;
  for (Py_ssize_t i = 0; options && i < count; i++)
    if (PyDict_SetItem(options.get(), PyTuple_GET_ITEM(names, i), values[i]) <
        0)
      return {};
  return options;
}

// Takes one out of them; nothing, and no error, where it is not there.
Ref taken(const Ref& options, const char* name) {
  Ref value = Ref::borrow(PyDict_GetItemString(options.get(), name));
  if (value && PyDict_DelItemString(options.get(), name) < 0) return {};
  return value;
}

// A request with options: Python works out what they mean.
PyObject* make_prepared(PyObject* self, Session& session, PyObject* method,
                        PyObject* url, const Ref& options,
                        bool follows = true) {
  if (!follows) {
    const Ref key = str_of("allow_redirects");
    if (!key || !PyDict_SetDefault(options.get(), key.get(), Py_False))
      return nullptr;
  }
  const Ref prepared = Ref::steal(PyObject_CallFunctionObjArgs(
      session.engine.imports().prepare_request.get(), self, method, url,
      options.get(), nullptr));
  if (!prepared) return nullptr;
  if (PyExceptionInstance_Check(prepared.get()))
    return made_of("FailedRequest", prepared.get(), Py_None);
  // Python drives it, by _staged().
  if (!PyTuple_Check(prepared.get())) return prepared.new_ref();
  PreparedRequest asked;
  if (!asked.read(session, prepared.get())) return failed();
  const Ref check = std::move(asked.extras->check);
  Ref request = Ref::steal(make_request(self, asked.method, asked.target.get(),
                                        std::move(asked.extras)));
  if (!check || !request) return request.release();
  return made_of("CheckedRequest", request.get(), check.get());
}

// The URL together with the session's base URL: a new reference; nothing with a
// Python error set.
Ref joined(PyObject* self, const Session& session, PyObject* url) {
  PyObject* const known = PyDict_GetItemWithError(session.base_urls.get(), url);
  if (known || PyErr_Occurred()) return Ref::borrow(known);
  return Ref::steal(PyObject_CallMethod(self, "_join", "O", url));
}

// Of `json=` alone, what Python would make of it. Nothing, and no Python error
// set, where that has to be asked.
std::unique_ptr<RequestExtras> prepare_json(const Session& session,
                                            PyObject* value) {
  thread_local std::string text;
  constexpr size_t kKeptBytes = size_t{1} << 20;
  if (value == Py_None || !encode_json(value, text)) return nullptr;
  auto extras = std::make_unique<RequestExtras>();
  extras->keeper = bytes_of(text);
  if (text.capacity() > kKeptBytes) text = {};
  if (!extras->keeper) return nullptr;
  extras->of_session = true;
  extras->body = view_of(extras->keeper.get());
  extras->told_body = extras->keeper.get();
  extras->content_fields = "Content-Type: application/json\r\n";
  extras->options = session.options;
  extras->raise_for_status = session.raise_for_status;
  return extras;
}

// A plain request, or one of `json=` alone, whose value that is: Python need
// not be asked. Nothing, without an error, where it has to be.
PyObject* make_plain(PyObject* self, Session& session, const char* method,
                     PyObject* url, PyObject* json = nullptr) {
  Ref whole;
  if (session.base_urls) {
    whole = joined(self, session, url);
    if (!whole) return failed();
    url = whole.get();
  }
  const Ref target = Ref::steal(session.engine.targets().find(
      url, session.security_object.get(), session.route.get()));
  if (!target) return failed();
  // With a user in it, it has to be told who that is.
  if (!target_in(target.get()).url.user_info.empty()) return nullptr;
  std::unique_ptr<RequestExtras> extras;
  if (json && !(extras = prepare_json(session, json))) return nullptr;
  return make_request(self, method, target.get(), std::move(extras));
}

bool is_json_alone(PyObject* names) {
  return names && PyTuple_GET_SIZE(names) == 1 &&
         PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "json") ==
             0;
}

}  // namespace

PyObject* request_by(const Method& asked, PyObject* self, PyObject* const* args,
                     Py_ssize_t count, PyObject* names) {
  Session* session = checked_session(self);
  if (!session) return nullptr;
  if (count > 1) {
    PyErr_Format(PyExc_TypeError,
                 "ClientSession.%s() takes 2 positional arguments but %zd were "
                 "given",
                 asked.function, count + 1);
    return nullptr;
  }
  const bool has_json_alone =
      session->plain_json && asked.follows && is_json_alone(names);
  const bool is_plain =
      count == 1 && ((!names && asked.is_plain) || has_json_alone);
  if (is_plain && PyUnicode_CheckExact(args[0]) && !session->prepares) {
    PyObject* const made = make_plain(self, *session, asked.name, args[0],
                                      has_json_alone ? args[1] : nullptr);
    if (made || PyErr_Occurred()) return made;
  }
  const Ref method = Ref::steal(PyUnicode_InternFromString(asked.name));
  const Ref options = options_of(args + count, names);
  if (!method || !options) return nullptr;
  const Ref url = count == 1 ? Ref::borrow(args[0]) : taken(options, "url");
  if (!url) {
    PyErr_Format(
        PyExc_TypeError,
        "ClientSession.%s() missing 1 required positional argument: 'url'",
        asked.function);
    return nullptr;
  }
  return make_prepared(self, *session, method.get(), url.get(), options,
                       asked.follows);
}

PyObject* request_by_name(PyObject* self, PyObject* const* args,
                          Py_ssize_t count, PyObject* names) {
  Session* session = checked_session(self);
  if (!session) return nullptr;
  const Ref options = options_of(args + count, names);
  if (!options) return nullptr;
  // request(method, url) may name both.
  const Ref method =
      count > 0 ? Ref::borrow(args[0]) : taken(options, "method");
  const Ref url = count > 1 ? Ref::borrow(args[1]) : taken(options, "url");
  if (count > 2 || !method || !url) {
    PyErr_SetString(PyExc_TypeError,
                    "request() takes a method and a URL, and options");
    return nullptr;
  }
  return make_prepared(self, *session, method.get(), url.get(), options);
}

PyObject* request_staged(PyObject* self, PyObject* prepared) {
  Session* session = checked_session(self);
  if (!session) return nullptr;
  PreparedRequest asked;
  if (!asked.read(*session, prepared)) return nullptr;
  return make_staged_request(self, asked.method, asked.target.get(),
                             std::move(asked.extras));
}

}  // namespace molotov::python
