#include "session/endpoint_name.h"

#include <gtest/gtest.h>

namespace molotov::session {
namespace {

std::string folded(std::string_view path) {
  std::string name;
  append_folded(path, name);
  return name;
}

TEST(EndpointName, IdentifiersAreFolded) {
  for (const char* segment :
       {"0", "42", "-7", "3.14", "0042", "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        "F47AC10B-58CC-4372-A567-0E02B2C3D479",
        "507f1f77bcf86cd799439011",                  // MongoDB's
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",  // SHA-1
        "dGhpcyBpcyBhIHRlc3Qgb2YgYmFzZTY0",
        "Zm9vYmFyYmF6MTIzNDU2Nzg5MA==", "k3J9-xQ2_LmZ8vR1tYbW"})
    EXPECT_TRUE(is_identifier(segment)) << segment;
}

TEST(EndpointName, WordsStay) {
  for (const char* segment : {"",
                              "users",
                              "v1",
                              "v2.1",
                              "-",
                              ".",
                              "1.",
                              ".5",
                              "1.2.3",
                              "12abc",
                              "index.html",
                              "2024-01-01",
                              "deadbeef",
                              "facade",
                              "effacedeffacedeffaced",
                              "AnnualReport2024FinalVersion",
                              "getUserProfilePicture",
                              "a-very-long-slug-of-an-article-2024",
                              "%7Bid%7D",
                              "{}",
                              "f47ac10b-58cc-4372-a567-0e02b2c3d47",
                              "f47ac10bx58cc-4372-a567-0e02b2c3d479"})
    EXPECT_FALSE(is_identifier(segment)) << segment;
}

TEST(EndpointName, PathsKeepTheirShape) {
  EXPECT_EQ(folded("/"), "/");
  EXPECT_EQ(folded("/users/42"), "/users/{}");
  EXPECT_EQ(folded("/users/42/"), "/users/{}/");
  EXPECT_EQ(folded("//1//a"), "//{}//a");
  EXPECT_EQ(folded("*"), "*");
  EXPECT_EQ(folded(""), "");
}

}  // namespace
}  // namespace molotov::session
