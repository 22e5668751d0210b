// The targets of URLs, kept from request to request: parsing one takes longer
// than asking for it.
#pragma once

#include "http/exchange.h"
#include "python/ref.h"

namespace molotov::python {

class Engine;

// Of one engine.
class Targets {
 public:
  explicit Targets(Engine& engine) : engine_(engine) {}
  bool init();  // false with a Python error set

  // The target of `url`, a str: a new reference to an object for target_in();
  // nullptr with a Python error set. `security`: see read_security(); `route`:
  // see read_route().
  PyObject* find(PyObject* url, PyObject* security = Py_None,
                 PyObject* route = Py_None,
                 http::UrlForm form = http::UrlForm::requoted);

  int traverse(visitproc visit, void* arg) const;

 private:
  PyObject* find_known(PyObject* url, PyObject* security, PyObject* route,
                       http::UrlForm form);
  PyObject* make(PyObject* url, PyObject* security, PyObject* route,
                 http::UrlForm form);
  bool keep_client(PyObject* security);

  Engine& engine_;
  Ref known_;    // a dict, by URL; bounded
  Ref clients_;  // a set of the SslClients that origins have
  // What was asked for last: most scripts ask for the very same again.
  Ref last_url_;
  Ref last_;
};

// What find() returned.
const http::Target& target_in(PyObject* object);
bool add_target_type(PyObject* module);

}  // namespace molotov::python
