// The way of a request, as Python works it out (molotov.client.routes).
#pragma once

#include <string_view>

#include "http/exchange.h"
#include "python/ref.h"

namespace molotov::python {

class Engine;

// What `route`, a Proxy, the path of a Unix socket as bytes, or None, says. The
// path is a view into it. False with a Python error set.
bool read_route(Engine& engine, PyObject* route, const http::Security& security,
                http::Route& read);

// Asks Python for the way of each redirected hop.
class PythonRouter final : public http::Router {
 public:
  // `way_of` is called with the hop's URL, and returns a route and a field
  // line, maybe b"". It is borrowed, as is `security`, which proxies are spoken
  // to with: whoever made it outlives the router.
  PythonRouter(Engine& engine, PyObject* way_of, const http::Security& security)
      : engine_(engine), way_of_(way_of), security_(security) {}

 private:
  Result<http::Way> way_to(const http::Url& url) override;
  bool ask(const http::Url& url, http::Way& way);

  Engine& engine_;
  PyObject* way_of_;
  const http::Security& security_;
  Ref last_;  // what the last way's views are into
};

}  // namespace molotov::python
