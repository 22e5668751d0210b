// Aim: the jar takes and sends the cookies that RFC 6265 and aiohttp's default
// jar would, at whatever time it is told that it is.
#include "http/cookies.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace molotov::http {
namespace {

constexpr WallInstant kNow{std::chrono::seconds(1'800'000'000)};

constexpr int64_t seconds_of(WallInstant at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch())
      .count();
}

std::string describe(std::string_view field) {
  const auto cookie = parse_set_cookie(field, kNow);
  if (!cookie) return "ignored";
  std::string out = fmt::format("{}={}", cookie->name, cookie->value);
  if (!cookie->domain.empty()) out += fmt::format(" D:{}", cookie->domain);
  if (!cookie->path.empty()) out += fmt::format(" P:{}", cookie->path);
  if (cookie->expires != kNeverExpires)
    out += fmt::format(" E:{}", seconds_of(cookie->expires));
  if (cookie->secure) out += " S";
  if (cookie->http_only) out += " H";
  return out;
}

TEST(ParseSetCookie, NamesValuesAttributes) {
  struct Row {
    std::string_view field, outcome;
  };
  constexpr Row kRows[] = {
      {"a=b", "a=b"},
      {"  a  =  b  ", "a=b"},
      {"a=b=c", "a=b=c"},
      {"a=", "a="},
      {"a=b;", "a=b"},
      {"a=b;;;", "a=b"},
      {"a=\"b\"", "a=\"b\""},
      {"a=\"b;c\"; Path=/x", "a=\"b;c\" P:/x"},
      {"a=\"b\\\";c\" ; Path=/x", "a=\"b\\\";c\" P:/x"},
      {"a=\"b;c; Path=/x", "a=\"b P:/x"},
      {"a=\"b\"c;d\"; Path=/x", "a=\"b\"c P:/x"},
      {"a=\xc3\xa9", "a=\xc3\xa9"},
      {"", "ignored"},
      {"a", "ignored"},
      {"=b", "ignored"},
      {" =b", "ignored"},
      {"a; Path=/", "ignored"},
      {"; a=b", "ignored"},
      {"a=b\x01", "ignored"},
      {{"a=b\0c", 5}, "ignored"},
      {"a=b\r\nX: y", "ignored"},
      {"a=b; Domain=Example.com", "a=b D:Example.com"},
      {"a=b; domain=.example.com", "a=b D:example.com"},
      {"a=b; Domain=", "a=b"},
      {"a=b; Domain=example.com.", "a=b"},
      {"a=b; Domain=x; Domain=y", "a=b D:y"},
      {"a=b; Path=/x/y", "a=b P:/x/y"},
      {"a=b; Path=x", "a=b"},
      {"a=b; Path=/x; Path=", "a=b"},
      {"a=b; SECURE; httponly; SameSite=Lax; x", "a=b S H"},
      {"a=b; Secure=no", "a=b S"},
      {"a=b; Max-Age=60", "a=b E:1800000060"},
      {"a=b; Max-Age=0", "a=b E:0"},
      {"a=b; Max-Age=-1", "a=b E:0"},
      {"a=b; Max-Age=6x", "a=b"},
      {"a=b; Max-Age=", "a=b"},
      {"a=b; Max-Age=-", "a=b"},
      {"a=b; Max-Age=99999999999999999999", "a=b"},
      {"a=b; Expires=Wed, 01 Jan 2025 00:00:00 GMT", "a=b E:1735689600"},
      {"a=b; Expires=nonsense", "a=b"},
      {"a=b; Max-Age=60; Expires=Wed, 01 Jan 2025 00:00:00 GMT",
       "a=b E:1800000060"},
      {"a=b; Expires=Wed, 01 Jan 2025 00:00:00 GMT; Max-Age=60",
       "a=b E:1800000060"},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(describe(row.field), row.outcome) << row.field;
  }
}

TEST(ParseCookieDate, IsLenientAsTheRfcSays) {
  struct Row {
    std::string_view text;
    int64_t seconds;  // -1: not a date
  };
  constexpr Row kRows[] = {
      {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
      {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
      {"Sun Nov  6 08:49:37 1994", 784111777},
      {"8:49:37 6 november 94", 784111777},
      {"06-nov-1994 08:49:37xyz", 784111777},
      {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
      {"Fri, 29 Feb 2024 23:59:59 GMT", 1709251199},
      {"01 Jan 70 00:00:00", 0},
      {"01 Jan 69 00:00:00", 3124224000},
      {"01 Jan 1601 00:00:00", 0},  // held to the clock's beginning
      {"31 Dec 9999 23:59:59", seconds_of(kNeverExpires)},
      {"01 Jan 1600 00:00:00", -1},
      {"Sat, 29 Feb 2025 23:59:59 GMT", -1},
      {"32 Jan 2025 00:00:00", -1},
      {"01 Jan 2025 24:00:00", -1},
      {"01 Jan 2025 00:60:00", -1},
      {"01 Jan 2025 00:00:60", -1},
      {"01 Jan 2025 00:00", -1},
      {"01 Jan 2025", -1},
      {"Jan 2025 00:00:00", -1},
      {"01 Foo 2025 00:00:00", -1},
      {"01 Jan 00:00:00", -1},
      {"", -1},
      {",;  --", -1},
  };
  for (const Row& row : kRows) {
    const auto date = parse_cookie_date(row.text);
    EXPECT_EQ(date ? seconds_of(*date) : -1, row.seconds) << row.text;
  }
}

// Stores a field from one URL and says what goes to another.
std::string sent(std::string_view field, std::string_view from,
                 std::string_view to) {
  CookieJar jar;
  if (!jar.store(field, *parse_url(from), kNow)) return "ignored";
  return jar.header_for(*parse_url(to), kNow);
}

TEST(CookieJar, SendsToTheRightHostsAndPaths) {
  struct Row {
    std::string_view field, from, to, outcome;
  };
  constexpr Row kRows[] = {
      // Hosts.
      {"a=b", "http://x.com/", "http://x.com/", "a=b"},
      {"a=b", "http://X.com/", "http://x.COM:8080/", "a=b"},
      {"a=b", "http://x.com/", "http://y.x.com/", ""},
      {"a=b", "http://x.com/", "http://xx.com/", ""},
      {"a=b; Domain=x.com", "http://x.com/", "http://y.x.com/", "a=b"},
      {"a=b; Domain=X.COM", "http://y.x.com/", "http://x.com/", "a=b"},
      {"a=b; Domain=.x.com", "http://y.x.com/", "http://z.x.com/", "a=b"},
      {"a=b; Domain=x.com", "http://x.com/", "http://xx.com/", ""},
      {"a=b; Domain=y.x.com", "http://x.com/", "http://x.com/", "ignored"},
      {"a=b; Domain=z.com", "http://x.com/", "http://x.com/", "ignored"},
      {"a=b; Domain=.com", "http://com/", "http://com/", "a=b"},
      {"a=b", "http://localhost/", "http://localhost:99/", "a=b"},
      {"a=b", "http://1.2.3.4/", "http://1.2.3.4/", "ignored"},
      {"a=b", "http://[::1]/", "http://[::1]/", "ignored"},
      {"a=b; Domain=3.4", "http://1.2.3.4/", "http://1.2.3.4/", "ignored"},
      // Paths.
      {"a=b; Path=/p", "http://x/", "http://x/p", "a=b"},
      {"a=b; Path=/p", "http://x/", "http://x/p?q", "a=b"},
      {"a=b; Path=/p", "http://x/", "http://x/p/q", "a=b"},
      {"a=b; Path=/p", "http://x/", "http://x/pq", ""},
      {"a=b; Path=/p", "http://x/", "http://x/", ""},
      {"a=b; Path=/p/", "http://x/", "http://x/p", ""},
      {"a=b; Path=/p/", "http://x/", "http://x/p/q", "a=b"},
      {"a=b", "http://x/d/e", "http://x/d/f", "a=b"},
      {"a=b", "http://x/d/e", "http://x/d", "a=b"},
      {"a=b", "http://x/d/e", "http://x/", ""},
      {"a=b", "http://x/d", "http://x/", "a=b"},
      {"a=b; Path=nonsense", "http://x/d/e", "http://x/", ""},
      // Secure, and how it is set.
      {"a=b; Secure", "https://x/", "https://x/", "a=b"},
      {"a=b; Secure", "https://x/", "http://x/", ""},
      {"a=b; HttpOnly", "http://x/", "http://x/", "a=b"},
      {"a=\"b c\"", "http://x/", "http://x/", "a=\"b c\""},
      // Time.
      {"a=b; Max-Age=0", "http://x/", "http://x/", ""},
      {"a=b; Max-Age=1", "http://x/", "http://x/", "a=b"},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(sent(row.field, row.from, row.to), row.outcome)
        << row.field << " from " << row.from << " to " << row.to;
  }
}

TEST(CookieJar, TakesCookiesFromAddressesWhenTold) {
  CookieJar jar(CookieJarOptions{.accept_ip_hosts = true});
  const auto url = *parse_url("http://1.2.3.4/");
  EXPECT_TRUE(jar.store("a=b", url, kNow));
  EXPECT_TRUE(jar.store("c=d; Domain=1.2.3.4", url, kNow));
  EXPECT_FALSE(jar.store("e=f; Domain=3.4", url, kNow));
  EXPECT_EQ(jar.header_for(url, kNow), "a=b; c=d");
  EXPECT_EQ(jar.header_for(*parse_url("http://0.1.2.3.4/"), kNow), "");
}

TEST(CookieJar, OrdersByPathThenAge) {
  CookieJar jar;
  const auto url = *parse_url("http://x/a/b/c");
  for (const char* field :
       {"one=1; Path=/", "two=2; Path=/a/b", "three=3; Path=/",
        "four=4; Path=/a", "one=5; Path=/a/b"}) {
    ASSERT_TRUE(jar.store(field, url, kNow));
  }
  EXPECT_EQ(jar.header_for(url, kNow), "two=2; one=5; four=4; one=1; three=3");
  // A replaced cookie keeps its place.
  ASSERT_TRUE(jar.store("two=6; Path=/a/b", url, kNow));
  EXPECT_EQ(jar.header_for(url, kNow), "two=6; one=5; four=4; one=1; three=3");
  EXPECT_EQ(jar.size(), 5U);
}

TEST(CookieJar, ReplacesAndDeletes) {
  CookieJar jar;
  const auto url = *parse_url("http://x.com/");
  ASSERT_TRUE(jar.store("a=1", url, kNow));
  ASSERT_TRUE(jar.store("a=2; Domain=x.com", url, kNow));
  EXPECT_EQ(jar.header_for(url, kNow), "a=2");
  ASSERT_TRUE(jar.store("a=3; Path=/p", url, kNow));
  EXPECT_EQ(jar.size(), 2U);
  ASSERT_TRUE(jar.store("a=; Max-Age=0", url, kNow));
  EXPECT_EQ(jar.header_for(*parse_url("http://x.com/p"), kNow), "a=3");
  ASSERT_TRUE(
      jar.store("a=; Path=/p; Expires=01 Jan 1970 00:00:00", url, kNow));
  EXPECT_TRUE(jar.empty());
}

TEST(CookieJar, ForgetsWhatExpires) {
  CookieJar jar;
  const auto url = *parse_url("http://x/");
  ASSERT_TRUE(jar.store("a=1; Max-Age=10", url, kNow));
  ASSERT_TRUE(jar.store("b=2", url, kNow));
  EXPECT_EQ(jar.header_for(url, kNow + 9s), "a=1; b=2");
  // A replacement does not inherit the end of the one before.
  ASSERT_TRUE(jar.store("c=3; Max-Age=10", url, kNow));
  ASSERT_TRUE(jar.store("c=4", url, kNow));
  EXPECT_EQ(jar.header_for(url, kNow + 10s), "b=2; c=4");
  EXPECT_EQ(jar.size(), 2U);
}

TEST(CookieJar, SharedCookiesGoEverywhere) {
  CookieJar jar;
  EXPECT_TRUE(jar.empty());
  jar.set_shared("s", "1");
  ASSERT_TRUE(jar.store("a=b", *parse_url("http://x/"), kNow));
  EXPECT_EQ(jar.header_for(*parse_url("http://x/y"), kNow), "s=1; a=b");
  EXPECT_EQ(jar.header_for(*parse_url("https://1.2.3.4/"), kNow), "s=1");
  jar.clear();
  EXPECT_TRUE(jar.empty());
  EXPECT_EQ(jar.header_for(*parse_url("http://x/"), kNow), "");
}

TEST(CookieJar, TheRequestsOwnCookiesWin) {
  CookieJar jar;
  const auto url = *parse_url("http://x/");
  EXPECT_EQ(jar.header_for(url, kNow, "o=1"), "o=1");
  ASSERT_TRUE(jar.store("a=1", url, kNow));
  ASSERT_TRUE(jar.store("ab=2", url, kNow));
  EXPECT_EQ(jar.header_for(url, kNow, "b=3; a=4"), "ab=2; b=3; a=4");
  EXPECT_EQ(jar.header_for(url, kNow), "a=1; ab=2");
}

TEST(CookieJar, IsBoundedPerDomain) {
  CookieJar jar;
  const auto url = *parse_url("http://x/");
  const auto other = *parse_url("http://y/");
  ASSERT_TRUE(jar.store("other=1", other, kNow));
  ASSERT_TRUE(jar.store("old=1; Path=/old", url, kNow));
  ASSERT_TRUE(jar.store("used=1; Path=/used", url, kNow));
  for (size_t i = 2; i < CookieJar::kCookiesPerDomainMax; ++i) {
    ASSERT_TRUE(jar.store(fmt::format("c{}=1", i), url, kNow));
  }
  EXPECT_EQ(jar.size(), CookieJar::kCookiesPerDomainMax + 1);
  jar.header_for(*parse_url("http://x/used"), kNow);
  ASSERT_TRUE(jar.store("c2=again", url, kNow));  // replaces: nothing goes
  EXPECT_EQ(jar.size(), CookieJar::kCookiesPerDomainMax + 1);
  EXPECT_NE(jar.header_for(*parse_url("http://x/old"), kNow).find("old=1"),
            std::string::npos);
  jar.header_for(*parse_url("http://x/used"), kNow);
  ASSERT_TRUE(jar.store("new=1", url, kNow));
  EXPECT_EQ(jar.size(), CookieJar::kCookiesPerDomainMax + 1);
  // The one that was not used for longest has gone.
  EXPECT_EQ(jar.header_for(*parse_url("http://x/old"), kNow).find("old=1"),
            std::string::npos);
  EXPECT_TRUE(
      jar.header_for(*parse_url("http://x/used"), kNow).starts_with("used=1"));
  EXPECT_EQ(jar.header_for(other, kNow), "other=1");
}

TEST(CookieJar, KeepsQuotesUnlessToldOtherwise) {
  const auto url = *parse_url("http://h/");
  for (const bool keeps : {true, false}) {
    CookieJar jar({.keep_quotes = keeps});
    ASSERT_TRUE(jar.store("a=\"x y\"", url, kNow));
    EXPECT_EQ(jar.header_for(url, kNow), keeps ? "a=\"x y\"" : "a=x y");
  }
}

TEST(CookieJar, SendsSecureCookiesToOriginsThatAreAsGood) {
  const auto url = *parse_url("http://h:81/a");
  CookieJar jar({.secure_origins = {"http://h:81"}});
  ASSERT_TRUE(jar.store("a=1; Secure; Path=/", url, kNow));
  EXPECT_EQ(jar.header_for(url, kNow), "a=1");
  EXPECT_EQ(jar.header_for(*parse_url("http://h/a"), kNow), "");
}

TEST(CookieJar, IsFilledAndEmptiedByHand) {
  CookieJar jar;
  const auto url = *parse_url("http://sub.h/");
  for (const char* name : {"a", "b"}) {
    Cookie cookie;
    cookie.name = cookie.value = name;
    cookie.domain = "h";
    cookie.path = "/";
    jar.add(cookie, kNow);
  }
  EXPECT_EQ(jar.header_for(url, kNow), "a=a; b=b");
  jar.remove_if([](const Cookie& cookie) { return cookie.name == "a"; });
  ASSERT_EQ(jar.matching(url, kNow).size(), 1u);
  EXPECT_EQ(jar.matching(url, kNow)[0]->name, "b");
}

TEST(CookieJar, IsBoundedOverall) {
  CookieJar jar;
  for (size_t i = 0; i < CookieJar::kCookiesMax + 10; ++i) {
    const auto url = *parse_url(fmt::format("http://h{}/", i));
    ASSERT_TRUE(jar.store("a=1", url, kNow));
  }
  EXPECT_EQ(jar.size(), CookieJar::kCookiesMax);
  EXPECT_EQ(jar.header_for(*parse_url("http://h9/"), kNow), "");
  EXPECT_EQ(jar.header_for(*parse_url("http://h10/"), kNow), "a=1");
}

// RFC 6265 section 5.3, step 5.
TEST(CookieJar, KeepsNothingForPublicSuffixes) {
  struct Row {
    std::string_view host, domain;
    bool stored;
  };
  constexpr Row kRows[] = {
      {"example.co.uk", "co.uk", false},
      {"example.co.uk", "uk", false},
      {"example.com", ".COM", false},
      {"a.github.io", "github.io", false},
      {"example.co.uk", "example.co.uk", true},
      {"www.example.co.uk", "example.co.uk", true},
      {"a.b.compute.amazonaws.com", "b.compute.amazonaws.com", false},
      {"www.xn--85x722f.com.cn", "com.cn", false},
      {"www.xn--85x722f.com.cn", "xn--85x722f.com.cn", true},
      // Of suffixes that nobody has listed, only the last label is one.
      {"api.service.internal", "service.internal", true},
      {"service.internal", "internal", false},
      // From the suffix's own host it is for that host alone.
      {"github.io", "github.io", true},
      {"localhost", "localhost", true},
  };
  for (const Row& row : kRows) {
    CookieJar jar;
    const auto url = parse_url(fmt::format("http://{}/", row.host));
    const auto below = parse_url(fmt::format("http://x.{}/", row.host));
    const std::string field = fmt::format("a=b; Domain={}", row.domain);
    EXPECT_EQ(jar.store(field, *url, kNow), row.stored) << field;
    EXPECT_EQ(jar.header_for(*url, kNow), row.stored ? "a=b" : "") << field;
    const bool is_suffix = row.host == row.domain && !row.host.contains("ex");
    if (row.stored && is_suffix) {
      EXPECT_EQ(jar.header_for(*below, kNow), "") << field;
    }
  }
}

}  // namespace
}  // namespace molotov::http
