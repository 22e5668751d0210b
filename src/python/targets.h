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
  // nullptr with a Python error set. `verify` false: its certificate is not
  // looked at.
  PyObject* find(PyObject* url, bool verify);

  int traverse(visitproc visit, void* arg) const;

 private:
  PyObject* find_known(PyObject* url, bool verify);
  PyObject* make(PyObject* url, bool verify) const;

  Engine& engine_;
  Ref known_;  // a dict, by URL; bounded
  // What was asked for last: most scripts ask for the very same again.
  Ref last_url_;
  Ref last_;
};

// What find() returned.
const http::Target& target_in(PyObject* object);
bool add_target_type(PyObject* module);

}  // namespace molotov::python
