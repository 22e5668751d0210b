// Names as Molotov 2.7 has them, and none that breaks the protocol.
#include "session/metric_name.h"

#include <gtest/gtest.h>

namespace molotov::session {
namespace {

TEST(MetricName, PartsAreEscaped) {
  const struct {
    const char* text;
    const char* name;
  } rows[] = {
      {"", ""},
      {"example.com", "example.com"},
      {"::1", "__1"},
      {"a:b|c@d#e f", "a_b_c_d_e_f"},
      {"a\nb\tc\rd\x7f", "a_b_c_d_"},
      {"caf\u00e9", "caf\u00e9"},
      {"%3A", "%3A"},
  };
  for (const auto& row : rows) {
    std::string name = "x|";
    append_name_part(row.text, name);
    EXPECT_EQ(name, std::string("x|") + row.name);
  }
}

TEST(MetricName, PathsAreDecodedAsYarlDoes) {
  const struct {
    const char* path;
    const char* name;
  } rows[] = {
      {"/", "/"},
      {"/a/b.html", "/a/b.html"},
      {"/a%20b", "/a_b"},
      {"/a%3Ab%7cc", "/a_b_c"},
      {"/a%2Fb", "/a/b"},
      {"/a%0Ab", "/a_b"},
      {"/100%25", "/100%"},
      {"/a+b%2B", "/a+b+"},
      {"/caf%C3%A9", "/caf\u00e9"},
      {"/%E2%82%AC%F0%9F%98%80", "/\u20ac\U0001F600"},
      // What is no UTF-8 stays as it is.
      {"/%FF", "/%FF"},
      {"/%C3", "/%C3"},
      {"/%C3/%A9", "/%C3/%A9"},
      {"/%c3%28", "/%c3("},
      {"/%C0%AF", "/%C0%AF"},
      {"/%ED%A0%80", "/%ED%A0%80"},
      {"/%F4%90%80%80", "/%F4%90%80%80"},
      {"/%E2%82x", "/%E2%82x"},
      {"/%", "/%"},
      {"/%4", "/%4"},
      {"/%zz%41", "/%zzA"},
  };
  for (const auto& row : rows) {
    std::string name;
    append_path_part(row.path, name);
    EXPECT_EQ(name, row.name) << row.path;
  }
}

}  // namespace
}  // namespace molotov::session
