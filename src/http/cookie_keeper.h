// Who keeps a client's cookies in place of a CookieJar of ours.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "http/h1_parser.h"
#include "http/url.h"

namespace molotov::http {

// Called while an exchange is written or read: it must not start, end or
// release one.
class CookieKeeper {
 public:
  // The value of the Cookie field for a request, "" for none; `own` as of
  // CookieJar::header_for().
  virtual std::string header_for(const Url& url, std::string_view own) = 0;
  // An answer from `url` has Set-Cookie fields; `fields` are all of its own.
  virtual void store(const Url& url, std::span<const Field> fields) = 0;

 protected:
  ~CookieKeeper() = default;
};

}  // namespace molotov::http
