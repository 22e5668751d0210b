// Codes, their names, and how an errno becomes one.
#include "base/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>
#include <string>

namespace molotov {
namespace {

TEST(Error, MessageIsNameAndDetail) {
  EXPECT_EQ((Error{ErrorCode::reset, 0, "while reading"}).message(),
            "reset: while reading");
  EXPECT_EQ((Error{ErrorCode::reset, 0, ""}).message(), "reset");
}

TEST(Error, EveryCodeHasANameOfItsOwn) {
  std::set<std::string_view> names;
  int codes = 0;
  for (int value = 0; value < 2000; value++) {
    const std::string_view name = to_string(static_cast<ErrorCode>(value));
    if (name == "unknown") continue;
    codes++;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  EXPECT_GE(codes, 29);
}

TEST(Error, CodeOfAnErrno) {
  const struct {
    int sys_errno;
    ErrorCode code;
  } rows[] = {
      {ECONNREFUSED, ErrorCode::connect_refused},
      {ENOENT, ErrorCode::connect_refused},
      {EHOSTUNREACH, ErrorCode::connect_unreachable},
      {ENETUNREACH, ErrorCode::connect_unreachable},
      {ETIMEDOUT, ErrorCode::connect_timeout},
      {ECONNRESET, ErrorCode::reset},
      {EPIPE, ErrorCode::reset},
      {EMFILE, ErrorCode::limit},
      {EADDRNOTAVAIL, ErrorCode::limit},
      {EINVAL, ErrorCode::system},
  };
  for (const auto& row : rows) {
    const Error error = error_from_errno(row.sys_errno, "connect to x");
    EXPECT_EQ(error.code, row.code) << row.sys_errno;
    EXPECT_EQ(error.sys_errno, row.sys_errno);
    EXPECT_EQ(error.detail.find("connect to x: "), 0u);
  }
  EXPECT_EQ(error_from_errno(ECONNREFUSED, "connect").message(),
            "connect_refused: connect: Connection refused");
}

TEST(Error, FailuresAreResults) {
  const auto failed = []() -> Result<int> {
    return fail(ErrorCode::limit, "no more");
  }();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::limit);

  errno = EPIPE;
  const auto of_errno = []() -> Result<> { return fail_errno("send"); }();
  ASSERT_FALSE(of_errno);
  EXPECT_EQ(of_errno.error().code, ErrorCode::reset);
}

}  // namespace
}  // namespace molotov
