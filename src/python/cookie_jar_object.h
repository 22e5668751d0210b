// The Python type `_engine.CookieJar`: the jar of one or several sessions.
// molotov.client.cookie_jar.CookieJar extends it. And the jars of others, which
// are asked through the methods that aiohttp's jars have.
#pragma once

#include <memory>

#include "http/cookie_keeper.h"
#include "http/cookies.h"
#include "python/ref.h"

namespace molotov::python {

// The native jar in an object of our type; nullptr for any other, without an
// error. It lives as long as the object.
http::CookieJar* jar_in(PyObject* object);
// Its contents become these.
void put_into_jar(PyObject* object, http::CookieJar cookies);

// A jar of aiohttp's, or one like it. What it raises is printed, as nobody is
// there to be told: see molotov.client.foreign_jar.
class ForeignJar final : public http::CookieKeeper {
 public:
  // The jar is borrowed, and outlives this.
  explicit ForeignJar(PyObject* jar) : jar_(jar) {}
  std::string header_for(const http::Url& url, std::string_view own) override;
  void store(const http::Url& url,
             std::span<const http::Field> fields) override;

 private:
  PyObject* const jar_;
};

bool add_cookie_jar_type(PyObject* module);

}  // namespace molotov::python
