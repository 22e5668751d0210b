// A client's cookies (RFC 6265): taken from Set-Cookie, kept, chosen for a
// request. Times are given by the caller. Belongs to one client; not shared
// between threads. A jar that holds nothing has allocated nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "http/url.h"

namespace molotov::http {

// Of a cookie that goes when its jar does.
inline constexpr WallInstant kNeverExpires = WallInstant::max();

// What one Set-Cookie field says (RFC 6265 section 5.2), as views into it.
// Attributes that cannot be used are as if they were not there.
struct SetCookie {
  std::string_view name;
  std::string_view value;   // with its quotes, where it has them
  std::string_view domain;  // without a leading dot, case as received
  std::string_view path;    // "" or beginning with '/'
  WallInstant expires = kNeverExpires;  // by Max-Age, else by Expires
  bool secure = false;
  bool http_only = false;
};

// Nothing where there is no name, or a control character is in it. A quoted
// value may hold a ';', as Python's and aiohttp's may.
std::optional<SetCookie> parse_set_cookie(std::string_view field,
                                          WallInstant now);

// The date of an Expires attribute by the lenient rules of RFC 6265
// section 5.1.1; what the clock cannot hold is its nearest end.
std::optional<WallInstant> parse_cookie_date(std::string_view text);

struct Cookie {
  std::string name;
  std::string value;
  std::string domain;  // lower case; "" for all hosts (set_shared())
  std::string path;
  WallInstant expires = kNeverExpires;
  bool host_only = false;  // not sent to subdomains
  bool secure = false;     // sent by https only
  bool http_only = false;  // of no consequence here
  uint64_t created = 0;    // order of creation, kept when replaced
  uint64_t used = 0;       // order of last use
};

struct CookieJarOptions {
  // Whether hosts that are IP addresses may set cookies. Off as in aiohttp.
  bool accept_ip_hosts = false;
  // Whether quotes around a value that a server sets are sent back.
  bool keep_quotes = true;
  // Url::origin() of those whose http is as good as https.
  std::vector<std::string> secure_origins = {};
};

class CookieJar {
 public:
  // As browsers and aiohttp bound theirs. Over it, cookies that have expired
  // go first, then those not used for longest.
  static constexpr size_t kCookiesMax = 3000;
  static constexpr size_t kCookiesPerDomainMax = 150;

  CookieJar() = default;
  explicit CookieJar(CookieJarOptions options) : options_(std::move(options)) {}

  bool empty() const { return cookies_.empty(); }
  size_t size() const { return cookies_.size(); }
  // In no particular order; maybe with some that have expired.
  std::span<const Cookie> cookies() const { return cookies_; }

  // Takes up a Set-Cookie field of an answer from `url`. False: ignored, as
  // unusable or not for that host to set. An expired one deletes. A Domain that
  // is a public suffix ("co.uk") would send it to strangers: it is ignored, but
  // from the host of that very name, which alone is sent it then.
  bool store(std::string_view set_cookie, const Url& url, WallInstant now);

  // A cookie for every host, IP addresses too, that does not expire: what a
  // session is given at the start. REQUIRES: a token, and a value without
  // controls, ';' or white space at its ends.
  void set_shared(std::string_view name, std::string_view value);

  // Any cookie, taken as it is: for a jar that a script fills. One that has
  // expired deletes.
  void add(Cookie cookie, WallInstant now);

  // Those for a request, as header_for() orders them. Valid until the jar
  // changes.
  std::vector<const Cookie*> matching(const Url& url, WallInstant now);

  // Removes each of which `is_gone(const Cookie&)` is true.
  template <typename Predicate>
  void remove_if(Predicate is_gone) {
    std::erase_if(cookies_, is_gone);
  }

  // The value of the Cookie field for a request, "" for none: longer paths
  // first, then older cookies. `own` ("a=1; b=2") are cookies of that request
  // alone: they come last and replace those of the same names.
  std::string header_for(const Url& url, WallInstant now,
                         std::string_view own = {});

  void clear() { cookies_.clear(); }

 private:
  // The one that a cookie of the same name, domain and path replaces.
  std::vector<Cookie>::iterator find(const Cookie& cookie);
  void put(Cookie cookie);
  void make_room(std::string_view domain, WallInstant now);
  // The least recently used; of that domain, or of any where it is "".
  void evict_one(std::string_view domain);
  void drop_expired(WallInstant now);
  bool is_for(const Cookie& cookie, const Url& url) const;

  CookieJarOptions options_;
  std::vector<Cookie> cookies_;
  uint64_t sequence_ = 0;
};

}  // namespace molotov::http
