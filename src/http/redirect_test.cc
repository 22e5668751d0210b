// Aim: redirects lead where aiohttp's client goes, with the request that it
// makes of them.
#include "http/redirect.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace molotov::http {
namespace {

std::string follow(int status, std::string_view method,
                   std::vector<Field> fields,
                   std::string_view from = "http://a/b/c?q#f") {
  const auto next = next_request(status, method, *parse_url(from), fields);
  if (!next) return std::string(to_string(next.error().code));
  if (!*next) return "last";
  return fmt::format("{} {}{}{}", (*next)->method, (*next)->url.to_string(),
                     (*next)->drops_body ? " -body" : "",
                     (*next)->drops_credentials ? " -credentials" : "");
}

TEST(Redirect, StatusAndMethod) {
  struct Row {
    int status;
    std::string_view method;
    std::string_view outcome;
  };
  constexpr Row kRows[] = {
      {301, "GET", "GET http://a/x"},
      {301, "POST", "GET http://a/x -body"},
      {301, "PUT", "PUT http://a/x"},
      {301, "HEAD", "HEAD http://a/x"},
      {302, "GET", "GET http://a/x"},
      {302, "POST", "GET http://a/x -body"},
      {302, "DELETE", "DELETE http://a/x"},
      {303, "GET", "GET http://a/x -body"},
      {303, "POST", "GET http://a/x -body"},
      {303, "PUT", "GET http://a/x -body"},
      {303, "HEAD", "HEAD http://a/x"},
      {307, "POST", "POST http://a/x"},
      {308, "POST", "POST http://a/x"},
      {300, "GET", "last"},
      {304, "GET", "last"},
      {305, "GET", "last"},
      {306, "GET", "last"},
      {309, "GET", "last"},
      {200, "GET", "last"},
      {201, "POST", "last"},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(follow(row.status, row.method, {{"Location", "/x"}}), row.outcome)
        << row.status << " " << row.method;
    EXPECT_EQ(is_redirect_status(row.status), row.outcome != "last");
  }
}

TEST(Redirect, Location) {
  EXPECT_EQ(follow(302, "GET", {}), "last");
  EXPECT_EQ(follow(302, "GET", {{"Location", ""}}), "last");
  EXPECT_EQ(follow(302, "GET", {{"URI", "/u"}}), "GET http://a/u");
  EXPECT_EQ(follow(302, "GET", {{"Location", ""}, {"URI", "/u"}}),
            "GET http://a/u");
  EXPECT_EQ(follow(302, "GET", {{"URI", "/u"}, {"LOCATION", "/l"}}),
            "GET http://a/l");
  EXPECT_EQ(follow(302, "GET", {{"Location", "x y#z"}}),
            "GET http://a/b/x%20y#z");
  EXPECT_EQ(follow(302, "GET", {{"Location", "ftp://a/"}}),
            "http_invalid_redirect");
  EXPECT_EQ(follow(302, "GET", {{"Location", "http://"}}),
            "http_invalid_redirect");
  EXPECT_EQ(follow(302, "GET", {{"Location", "http://a:99999/"}}),
            "http_invalid_redirect");
}

TEST(Redirect, ErrorsSayFromWhereToWhere) {
  const std::vector<Field> fields = {{"Location", "mailto:x"}};
  EXPECT_EQ(
      next_request(302, "GET", *parse_url("http://a/b"), fields).error().detail,
      "http://a/b redirects to \"mailto:x\": scheme other than http and "
      "https at byte 0 of \"mailto:x\"");
}

TEST(Redirect, CredentialsStayWithTheirOrigin) {
  struct Row {
    std::string_view from, to;
    bool dropped;
  };
  constexpr Row kRows[] = {
      {"http://a/", "/x", false},
      {"http://a/", "http://A:80/x", false},
      {"https://a/", "https://a:443/", false},
      {"http://a/", "http://u:p@a/", false},
      {"http://a/", "http://b/", true},
      {"http://a/", "http://x.a/", true},
      {"http://a/", "http://a:81/", true},
      {"http://a/", "https://a/", true},
      {"https://a/", "http://a/", true},
      {"https://a/", "http://a:443/", true},
  };
  for (const Row& row : kRows) {
    const std::string next =
        follow(307, "GET", {{"Location", row.to}}, row.from);
    EXPECT_EQ(next.ends_with("-credentials"), row.dropped)
        << row.from << " to " << row.to;
  }
}

TEST(Redirect, NamesTheFieldsThatAreDropped) {
  EXPECT_TRUE(is_content_field("Content-Type"));
  EXPECT_TRUE(is_content_field("transfer-encoding"));
  EXPECT_FALSE(is_content_field("Accept"));
  EXPECT_TRUE(is_credential_field("AUTHORIZATION"));
  EXPECT_TRUE(is_credential_field("Cookie"));
  EXPECT_FALSE(is_credential_field("User-Agent"));
}

TEST(NextRequest, ToldAUserByTheLocation) {
  struct Row {
    std::string_view from, location, authorization;
  };
  constexpr Row kRows[] = {
      {"http://a/", "http://u:p%3a@a/", "Authorization: Basic dTpwOg==\r\n"},
      {"http://a/", "http://u@b/", "Authorization: Basic dTo=\r\n"},
      {"http://a/", "http://b/", ""},
      {"http://u:p@a/", "/x", ""},
      {"http://u:p@a/", "http://b/", ""},
      {"http://u:p@a/", "http://u:p@a/x", ""},
  };
  for (const Row& row : kRows) {
    const std::vector<Field> fields = {{"Location", row.location}};
    const auto next = next_request(302, "GET", *parse_url(row.from), fields);
    ASSERT_TRUE(next && *next) << row.location;
    EXPECT_EQ((*next)->authorization, row.authorization) << row.location;
  }
}

TEST(NextRequest, MayTakeTheLocationAsItIs) {
  const std::vector<Field> fields = {{"Location", "/%7e?a=%2f"}};
  const auto base = parse_url("http://a/b");
  EXPECT_EQ((*next_request(302, "GET", *base, fields))->url.target, "/~?a=/");
  EXPECT_EQ(
      (*next_request(302, "GET", *base, fields, UrlForm::as_is))->url.target,
      "/%7e?a=%2f");
}

}  // namespace
}  // namespace molotov::http
