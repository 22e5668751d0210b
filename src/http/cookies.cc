#include "http/cookies.h"

#include <arpa/inet.h>
#include <libpsl.h>

#include <algorithm>

#include "http/syntax.h"

namespace molotov::http {

namespace {

bool is_ip_address(std::string_view host) {
  if (host.contains(':')) return true;  // no name has a colon
  in_addr bytes;
  return inet_pton(AF_INET, std::string(host).c_str(), &bytes) == 1;
}

// RFC 6265 section 5.1.3; both lower case, `domain` not empty.
bool domain_matches(std::string_view host, std::string_view domain) {
  if (host == domain) return true;
  return host.size() > domain.size() && host.ends_with(domain) &&
         host[host.size() - domain.size() - 1] == '.' && !is_ip_address(host);
}

// Whether hosts below it belong to different owners.
bool is_public_suffix(const std::string& domain) {
  return psl_is_public_suffix(psl_builtin(), domain.c_str());
}

// RFC 6265 section 5.1.4.
bool path_matches(std::string_view path, std::string_view of_cookie) {
  return path.starts_with(of_cookie) &&
         (path.size() == of_cookie.size() || of_cookie.ends_with('/') ||
          path[of_cookie.size()] == '/');
}

std::string_view default_path(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == 0 || slash == path.npos ? "/" : path.substr(0, slash);
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), to_lower);
  return out;
}

// Whether "a=1; b=2" has a cookie of that name.
bool names_cookie(std::string_view own, std::string_view name) {
  while (!own.empty()) {
    const size_t end = std::min(own.find(';'), own.size());
    const std::string_view pair = trim(own.substr(0, end));
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) {
      return true;
    }
    own.remove_prefix(std::min(end + 1, own.size()));
  }
  return false;
}

std::string_view without_quotes(std::string_view value) {
  const bool quoted =
      value.size() >= 2 && value.starts_with('"') && value.ends_with('"');
  return quoted ? value.substr(1, value.size() - 2) : value;
}

}  // namespace

bool CookieJar::is_for(const Cookie& cookie, const Url& url) const {
  if (cookie.secure && !url.is_https() &&
      std::ranges::find(options_.secure_origins, url.origin()) ==
          options_.secure_origins.end())
    return false;
  if (!path_matches(url.path(), cookie.path)) return false;
  if (cookie.domain.empty()) return true;
  return cookie.host_only ? url.host == cookie.domain
                          : domain_matches(url.host, cookie.domain);
}

bool CookieJar::store(std::string_view set_cookie, const Url& url,
                      WallInstant now) {
  const bool from_ip = is_ip_address(url.host);
  if (from_ip && !options_.accept_ip_hosts) return false;
  const std::optional<SetCookie> parsed = parse_set_cookie(set_cookie, now);
  if (!parsed) return false;

  Cookie cookie;
  cookie.domain = lowered(parsed->domain);
  if (cookie.domain.empty()) {
    cookie.domain = url.host;
    cookie.host_only = true;
  } else if (!domain_matches(url.host, cookie.domain)) {
    return false;
  } else if (is_public_suffix(cookie.domain)) {  // RFC 6265 section 5.3, 5.
    if (url.host != cookie.domain) return false;
    cookie.host_only = true;
  }
  cookie.host_only |= from_ip;
  cookie.name = parsed->name;
  cookie.value =
      options_.keep_quotes ? parsed->value : without_quotes(parsed->value);
  cookie.path = parsed->path.empty() ? default_path(url.path()) : parsed->path;
  cookie.expires = parsed->expires;
  cookie.secure = parsed->secure;
  cookie.http_only = parsed->http_only;

  add(std::move(cookie), now);
  return true;
}

void CookieJar::add(Cookie cookie, WallInstant now) {
  if (cookie.expires > now && find(cookie) == cookies_.end()) {
    make_room(cookie.domain, now);
  }
  put(std::move(cookie));
  drop_expired(now);
}

void CookieJar::set_shared(std::string_view name, std::string_view value) {
  Cookie cookie;
  cookie.name = name;
  cookie.value = value;
  cookie.path.assign(1, '/');
  put(std::move(cookie));
}

std::vector<Cookie>::iterator CookieJar::find(const Cookie& cookie) {
  return std::ranges::find_if(cookies_, [&](const Cookie& other) {
    return other.name == cookie.name && other.domain == cookie.domain &&
           other.path == cookie.path;
  });
}

// In the place of the one that it replaces, whose age it takes over.
void CookieJar::put(Cookie cookie) {
  const auto same = find(cookie);
  cookie.used = ++sequence_;
  if (same != cookies_.end()) {
    cookie.created = same->created;
    *same = std::move(cookie);
  } else {
    cookie.created = sequence_;
    cookies_.push_back(std::move(cookie));
  }
}

// So that one more cookie of that domain is within the bounds.
void CookieJar::make_room(std::string_view domain, WallInstant now) {
  const auto of_domain = [&] {
    return size_t(std::ranges::count(cookies_, domain, &Cookie::domain));
  };
  if (cookies_.size() < kCookiesPerDomainMax) return;
  if (of_domain() < kCookiesPerDomainMax && cookies_.size() < kCookiesMax) {
    return;
  }
  drop_expired(now);
  if (of_domain() >= kCookiesPerDomainMax) {
    evict_one(domain);
  } else if (cookies_.size() >= kCookiesMax) {
    evict_one("");
  }
}

void CookieJar::evict_one(std::string_view domain) {
  auto oldest = cookies_.end();
  for (auto it = cookies_.begin(); it != cookies_.end(); ++it) {
    if (!domain.empty() && it->domain != domain) continue;
    if (oldest == cookies_.end() || it->used < oldest->used) oldest = it;
  }
  if (oldest != cookies_.end()) cookies_.erase(oldest);
}

void CookieJar::drop_expired(WallInstant now) {
  std::erase_if(cookies_,
                [=](const Cookie& cookie) { return cookie.expires <= now; });
}

std::vector<const Cookie*> CookieJar::matching(const Url& url,
                                               WallInstant now) {
  drop_expired(now);
  std::vector<const Cookie*> chosen;
  for (Cookie& cookie : cookies_) {
    if (!is_for(cookie, url)) continue;
    cookie.used = ++sequence_;
    chosen.push_back(&cookie);
  }
  std::ranges::sort(chosen, [](const Cookie* a, const Cookie* b) {
    if (a->path.size() != b->path.size())
      return a->path.size() > b->path.size();
    return a->created < b->created;
  });
  return chosen;
}

std::string CookieJar::header_for(const Url& url, WallInstant now,
                                  std::string_view own) {
  std::string out;
  for (const Cookie* cookie : matching(url, now)) {
    if (names_cookie(own, cookie->name)) continue;
    if (!out.empty()) out += "; ";
    out.append(cookie->name).append("=").append(cookie->value);
  }
  if (!own.empty()) {
    if (!out.empty()) out += "; ";
    out += own;
  }
  return out;
}

}  // namespace molotov::http
