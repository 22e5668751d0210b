// The methods of a session that make requests: get(), post() and the like.
// What a call without options means is known here; of any other, Python is
// asked (molotov._request.prepare_request).
#pragma once

#include "python/ref.h"

namespace molotov::python {

// A method of HTTP's, and the session's that asks by it.
struct Method {
  const char* name;
  const char* function;
  bool is_plain;        // without options, Python need not be asked
  bool follows = true;  // redirects, unless it is said otherwise
};
inline constexpr Method kGet{"GET", "get", true};
inline constexpr Method kHead{"HEAD", "head", false, false};
inline constexpr Method kOptions{"OPTIONS", "options", true};
inline constexpr Method kPost{"POST", "post", false};
inline constexpr Method kPut{"PUT", "put", false};
inline constexpr Method kPatch{"PATCH", "patch", false};
inline constexpr Method kDelete{"DELETE", "delete", false};

// All of these are METH_FASTCALL | METH_KEYWORDS, but for request_staged().
// They give a Request, or what else is awaited in its place; nullptr with a
// Python error set.

// METHOD(url, **options)
PyObject* request_by(const Method& method, PyObject* self,
                     PyObject* const* args, Py_ssize_t count, PyObject* names);
template <const Method& kMethod>
PyObject* request_by(PyObject* self, PyObject* const* args, Py_ssize_t count,
                     PyObject* names) {
  return request_by(kMethod, self, args, count, names);
}

// request(method, url, **options)
PyObject* request_by_name(PyObject* self, PyObject* const* args,
                          Py_ssize_t count, PyObject* names);

// _staged(prepared): a request that stops at its gate, whoever listens.
PyObject* request_staged(PyObject* self, PyObject* prepared);

}  // namespace molotov::python
