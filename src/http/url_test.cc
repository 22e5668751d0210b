// Aim: a URL means here what it means to yarl, so that a script's requests go
// where they went; the rows of its quoting were taken from yarl 1.25's answers.
#include "http/url.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace molotov::http {
namespace {

std::string describe(const Result<Url>& url) {
  if (!url) return url.error().message();
  std::string out = fmt::format("{} {} {} {}", url->scheme, url->host,
                                url->port, url->target);
  if (!url->fragment.empty()) out += " #" + url->fragment;
  if (!url->user_info.empty()) out += " @" + url->user_info;
  return out;
}

struct Row {
  std::string_view text;
  std::string_view outcome;
};

TEST(ParseUrl, TakesItApart) {
  constexpr Row kRows[] = {
      {"http://host", "http host 80 /"},
      {"http://host/", "http host 80 /"},
      {"http://host?x=1", "http host 80 /?x=1"},
      {"http://host#x", "http host 80 / #x"},
      {"http://host:8080?x", "http host 8080 /?x"},
      {"HTTP://HoSt/P", "http host 80 /P"},
      {"https://host", "https host 443 /"},
      {"WS://host", "ws host 80 /"},
      {"wss://host", "wss host 443 /"},
      {"https://host:80/", "https host 80 /"},
      {"http://host:/x", "http host 80 /x"},
      {"http://host:0/", "http host 0 /"},
      {"http://host:00080/", "http host 80 /"},
      {"http://host:65535/", "http host 65535 /"},
      {"http://host_a.b-c./", "http host_a.b-c. 80 /"},
      {"http://1.2.3.4:5/", "http 1.2.3.4 5 /"},
      {"http://[::1]", "http ::1 80 /"},
      {"http://[::1]:8080/x", "http ::1 8080 /x"},
      {"http://[2001:DB8:0:0:0:0:0:1]:/", "http 2001:db8::1 80 /"},
      {"http://[fe80::1%25eth0]/", "http fe80::1%eth0 80 /"},
      {"http://[fe80::1%eth0]/", "http fe80::1%eth0 80 /"},
      {"http://u:p@host/", "http host 80 / @u:p"},
      {"http://u@host/", "http host 80 / @u"},
      {"http://u:@host/", "http host 80 / @u:"},
      {"http://@host/", "http host 80 /"},
      {"http://u%20v:p@x:y@host/", "http host 80 / @u%20v:p%40x%3Ay"},
      {"http://host?", "http host 80 /"},
      {"http://host/a?#", "http host 80 /a"},
      {"http://host/a?b#c?d#e", "http host 80 /a?b #c?d%23e"},
      {"http://host/a?b?c/d", "http host 80 /a?b?c/d"},
      {" \thttp://host/a\r\n", "http host 80 /a"},
      {"http://host/a ", "http host 80 /a%20"},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(describe(parse_url(row.text)), row.outcome) << row.text;
  }
}

TEST(ParseUrl, BringsTheEncodingIntoOneForm) {
  constexpr Row kRows[] = {
      {"/a b", "/a%20b"},
      {"/\xc3\xa9", "/%C3%A9"},
      {"/%e9%7euser", "/%E9~user"},
      {"/%zz%", "/%25zz%25"},
      {"/%4", "/%254"},
      {"/a\"b<c>d", "/a%22b%3Cc%3Ed"},
      {"/{}|\\^`[]", "/%7B%7D%7C%5C%5E%60%5B%5D"},
      {"/!$&'()*+,;=:@", "/!$&'()*+,;=:@"},
      {"/%41%2f%2B%3F%23%25%00", "/A%2F%2B%3F%23%25%00"},
      {"/%21%24%26%3b", "/!$&;"},
      {"/?q=a b", "/?q=a+b"},
      {"/?q=a+b%20c%2bd", "/?q=a+b%20c%2Bd"},
      {"/?a=%41&b=%26%3D%3b", "/?a=A&b=%26%3D%3B"},
      {"/?\xc3\xa9&\"<>'", "/?%C3%A9&%22%3C%3E'"},
      {"/?[]{}|\\^`", "/?%5B%5D%7B%7D%7C%5C%5E%60"},
      {"/?%3F%2F%23%3A",
       "/?"
       "?/%23:"},
      {"/?a=1&&b;c", "/?a=1&&b;c"},
  };
  for (const Row& row : kRows) {
    const std::string text = fmt::format("http://h{}", row.text);
    EXPECT_EQ(describe(parse_url(text)),
              fmt::format("http h 80 {}", row.outcome));
  }
}

TEST(ParseUrl, RemovesDotSegments) {
  constexpr Row kRows[] = {
      {"/a/../b", "/b"},
      {"/a/./b/..", "/a/"},
      {"/../..", "/"},
      {"/..", "/"},
      {"/.", "/"},
      {"/a/.", "/a/"},
      {"/a//b", "/a//b"},
      {"/a//../b", "/a/b"},
      {"/...", "/..."},
      {"/.a/..b", "/.a/..b"},
      {"/%2e%2E/x/%2e/y", "/x/y"},
      {"/a/b/../../../c", "/c"},
      {"/?x/../y", "/?x/../y"},
  };
  for (const Row& row : kRows) {
    const std::string text = fmt::format("http://h{}", row.text);
    EXPECT_EQ(describe(parse_url(text)),
              fmt::format("http h 80 {}", row.outcome));
  }
}

TEST(ParseUrl, SaysWhatIsWrongWhere) {
  constexpr Row kRows[] = {
      {"", "no http:// or https:// in front of \"\""},
      {"host/x", "no http:// or https:// in front of \"host/x\""},
      {"//host/x", "no http:// or https:// in front of \"//host/x\""},
      {"ftp://host/",
       "scheme other than http and https at byte 0 of "
       "\"ftp://host/\""},
      {"localhost:80/",
       "scheme other than http and https at byte 0 of "
       "\"localhost:80/\""},
      {"http:host", "no host at byte 5 of \"http:host\""},
      {"http://", "no host at byte 7 of \"http://\""},
      {"http:///x", "no host at byte 7 of \"http:///x\""},
      {"http://:80/", "no host at byte 7 of \"http://:80/\""},
      {"http://u@/", "no host at byte 9 of \"http://u@/\""},
      {"http://./", "no host at byte 7 of \"http://./\""},
      {"http://ho st/",
       "character that no host has at byte 9 of "
       "\"http://ho st/\""},
      {"http://ho%41/",
       "character that no host has at byte 9 of "
       "\"http://ho%41/\""},
      {"http://h\\x/",
       "character that no host has at byte 8 of "
       "\"http://h\\x/\""},
      {"http://h\xc3/",
       "host that is not UTF-8 at byte 7 of \"http://h\\xc3/\""},
      {"http://host:65536/",
       "port over 65535 at byte 12 of "
       "\"http://host:65536/\""},
      {"http://host:99999999999/",
       "port over 65535 at byte 12 of "
       "\"http://host:99999999999/\""},
      {"http://host:x/",
       "port that is not a number at byte 12 of "
       "\"http://host:x/\""},
      {"http://host:-1/",
       "port that is not a number at byte 12 of "
       "\"http://host:-1/\""},
      {"http://::1/", "no host at byte 7 of \"http://::1/\""},
      {"http://[::1", "[ without ] at byte 7 of \"http://[::1\""},
      {"http://[::1]x/",
       "unexpected text after ] at byte 12 of "
       "\"http://[::1]x/\""},
      {"http://[::1]x:80/",
       "unexpected text after ] at byte 12 of "
       "\"http://[::1]x:80/\""},
      {"http://[1.2.3.4]/",
       "bad IPv6 address at byte 8 of "
       "\"http://[1.2.3.4]/\""},
      {"http://[fe80::1%25]/",
       "bad IPv6 zone at byte 15 of "
       "\"http://[fe80::1%25]/\""},
      {"http://host/a\nb",
       "control character at byte 13 of "
       "\"http://host/a\\nb\""},
      {"http://host\r\nX: y/",
       "control character at byte 11 of "
       "\"http://host\\r\\nX: y/\""},
      {"http://host/\x7f",
       "control character at byte 12 of "
       "\"http://host/\\x7f\""},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(describe(parse_url(row.text)),
              fmt::format("http_invalid_url: {}", row.outcome));
  }
}

TEST(Url, WritesItsParts) {
  struct PartsRow {
    std::string_view text, authority, origin, whole;
  };
  constexpr PartsRow kRows[] = {
      {"http://u:p@Host:80/a?b#c", "host", "http://host", "http://host/a?b#c"},
      {"https://host:8443", "host:8443", "https://host:8443",
       "https://host:8443"},
      {"http://host?q", "host", "http://host", "http://host/?q"},
      {"http://host#f", "host", "http://host", "http://host#f"},
      {"http://host.:81/", "host:81", "http://host.:81", "http://host.:81/"},
      {"http://[::1]:8080/", "[::1]:8080", "http://[::1]:8080",
       "http://[::1]:8080/"},
      {"https://[::1]/", "[::1]", "https://[::1]", "https://[::1]/"},
      {"http://[fe80::1%25e0]:1/", "[fe80::1]:1", "http://[fe80::1%25e0]:1",
       "http://[fe80::1%25e0]:1/"},
  };
  for (const PartsRow& row : kRows) {
    const auto url = parse_url(row.text);
    ASSERT_TRUE(url) << row.text;
    EXPECT_EQ(url->authority(), row.authority);
    EXPECT_EQ(url->origin(), row.origin);
    EXPECT_EQ(url->to_string(), row.whole);
    EXPECT_EQ(parse_url(url->to_string())->to_string(), row.whole);
  }
  EXPECT_TRUE(parse_url("wss://h")->is_https());
  EXPECT_FALSE(parse_url("ws://h")->is_https());
  EXPECT_EQ(parse_url("http://h/a/b?c=d")->path(), "/a/b");
  EXPECT_EQ(parse_url("http://h/a/b?c=d")->query(), "c=d");
  EXPECT_EQ(parse_url("http://h/a/b")->query(), "");
}

TEST(ResolveUrl, AsTheRfcAndYarlDo) {
  constexpr Row kRows[] = {
      // RFC 3986 section 5.4, but that an http reference without a host is
      // relative.
      {"g", "http a 80 /b/c/g @u:p"},
      {"./g", "http a 80 /b/c/g @u:p"},
      {"g/", "http a 80 /b/c/g/ @u:p"},
      {"/g", "http a 80 /g @u:p"},
      {"//g", "http g 80 /"},
      {"?y", "http a 80 /b/c/d;p?y @u:p"},
      {"g?y", "http a 80 /b/c/g?y @u:p"},
      {"#s", "http a 80 /b/c/d;p?q #s @u:p"},
      {"g?y#s", "http a 80 /b/c/g?y #s @u:p"},
      {";x", "http a 80 /b/c/;x @u:p"},
      {"", "http a 80 /b/c/d;p?q @u:p"},
      {".", "http a 80 /b/c/ @u:p"},
      {"..", "http a 80 /b/ @u:p"},
      {"../g", "http a 80 /b/g @u:p"},
      {"../../g", "http a 80 /g @u:p"},
      {"../../../g", "http a 80 /g @u:p"},
      {"/./g", "http a 80 /g @u:p"},
      {"g;x=1/../y", "http a 80 /b/c/y @u:p"},
      {"g?y/../x", "http a 80 /b/c/g?y/../x @u:p"},
      {"http:g", "http a 80 /b/c/g @u:p"},
      {"http:/g", "http a 80 /g @u:p"},
      // What is dropped.
      {"http://o", "http o 80 /"},
      {"http://o#", "http o 80 /"},
      {"#", "http a 80 /b/c/d;p?q @u:p"},
      {"?", "http a 80 /b/c/d;p @u:p"},
      // Others.
      {"https://o:443/x?", "https o 443 /x"},
      {"//u2@O:99/x", "http o 99 /x @u2"},
      {"\xc3\xa9 \"", "http a 80 /b/c/%C3%A9%20%22 @u:p"},
      {" /g\n", "http a 80 /g @u:p"},
      {"\\g", "http a 80 /b/c/%5Cg @u:p"},
      {"https:g", "http_invalid_url: no host at byte 6 of \"https:g\""},
      {"mailto:x",
       "http_invalid_url: scheme other than http and https at byte "
       "0 of \"mailto:x\""},
      {"//", "http_invalid_url: no host at byte 2 of \"//\""},
      {"WS://o",
       "http_invalid_url: scheme other than http and https at byte "
       "0 of \"WS://o\""},
      {"/a\rb", "http_invalid_url: control character at byte 2 of \"/a\\rb\""},
  };
  const auto base = parse_url("http://u:p@a/b/c/d;p?q#f");
  ASSERT_TRUE(base);
  for (const Row& row : kRows) {
    EXPECT_EQ(describe(resolve_url(*base, row.text)), row.outcome) << row.text;
  }
}

TEST(ResolveUrl, KnowsWhetherThereIsAPath) {
  const auto base = parse_url("http://a");
  ASSERT_TRUE(base);
  EXPECT_EQ(resolve_url(*base, "")->to_string(), "http://a");
  EXPECT_EQ(resolve_url(*base, "/")->to_string(), "http://a/");
  EXPECT_EQ(resolve_url(*base, "//b")->to_string(), "http://b");
}

// As yarl has them that were made with encoded=True, but that what no request
// line holds is encoded all the same.
TEST(UrlAsIs, KeepsItsEncoding) {
  constexpr Row kRows[] = {
      {"http://H/%7e%2f?a=%41+b%20'#%7e", "http h 80 /%7e%2f?a=%41+b%20' #%7e"},
      {"http://h/a/../%2e/b", "http h 80 /a/../%2e/b"},
      {"http://h/\xc3\xa9 \"", "http h 80 /%C3%A9%20\""},
      {"http://%75:p%3a@h?x", "http h 80 /?x @%75:p%3a"},
      {"http://h/%zz", "http h 80 /%zz"},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(describe(parse_url(row.text, UrlForm::as_is)), row.outcome);
  }
  constexpr Row kReferences[] = {
      {"../%7e", "http a 80 /%7e"},
      {"/x/../%2f", "http a 80 /%2f"},
      {"?%7e", "http a 80 /b/~?%7e"},
      {"//o/../%7e", "http o 80 /../%7e"},
  };
  const auto base = parse_url("http://a/b/%7e");
  ASSERT_TRUE(base);
  for (const Row& row : kReferences) {
    EXPECT_EQ(describe(resolve_url(*base, row.text, UrlForm::as_is)),
              row.outcome);
  }
}

TEST(Query, IsAppended) {
  auto url = parse_url("http://h/a");
  append_query(*url, "");
  EXPECT_EQ(url->target, "/a");
  append_query(*url, "b=1");
  EXPECT_EQ(url->target, "/a?b=1");
  append_query(*url, "c=2&d");
  EXPECT_EQ(url->target, "/a?b=1&c=2&d");
}

TEST(Query, ComponentsAreEncodedAsYarlAndUrllibDo) {
  std::string printable;
  for (char c = ' '; c < 0x7f; ++c) printable += c;
  EXPECT_EQ(encode_query_component(printable),
            "+!%22%23$%25%26'()*%2B,-./0123456789:%3B%3C%3D%3E?@"
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ%5B%5C%5D%5E_%60"
            "abcdefghijklmnopqrstuvwxyz%7B%7C%7D~");
  EXPECT_EQ(encode_form_component(printable),
            "+%21%22%23%24%25%26%27%28%29%2A%2B%2C-.%2F0123456789%3A%3B%3C%3D"
            "%3E%3F%40ABCDEFGHIJKLMNOPQRSTUVWXYZ%5B%5C%5D%5E_%60"
            "abcdefghijklmnopqrstuvwxyz%7B%7C%7D~");
  EXPECT_EQ(encode_query_component({"\xc3\xa9\n\0", 4}), "%C3%A9%0A%00");
}

}  // namespace
}  // namespace molotov::http
