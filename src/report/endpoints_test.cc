// The table of endpoints, to the letter.
#include "report/endpoints.h"

#include <gtest/gtest.h>

namespace molotov::report {
namespace {

using Lines = std::vector<std::string>;
using metrics::Endpoint;

TEST(EndpointLines, NoRequestsNoTable) {
  EXPECT_EQ(endpoint_lines({}), Lines{});
}

TEST(EndpointLines, OneOutcomeOrSeveral) {
  const auto refused = metrics::failed_outcome(metrics::ErrorKind::refused);
  EXPECT_EQ(endpoint_lines({.all = {{"GET localhost:8080/",
                                     12037,
                                     {{200, 12034}, {500, 2}, {refused, 1}}},
                                    {"POST a/login", 431, {{200, 431}}}}}),
            Lines({"Requests per endpoint:",
                   "  12037  GET localhost:8080/  "
                   "200: 12034, 500: 2, refused: 1",
                   "    431  POST a/login         200"}));
}

TEST(EndpointLines, TheTenBusiest) {
  metrics::Endpoints endpoints;
  for (int i = 0; i < 11; i++)
    endpoints.all.push_back({"GET a/" + std::to_string(i), 5, {{200, 5}}});
  Lines lines = endpoint_lines(endpoints);
  ASSERT_EQ(lines.size(), 12u);
  EXPECT_EQ(lines[10], "  5  GET a/9  200");
  EXPECT_EQ(lines[11], "  5  of 1 other endpoint");
  endpoints.all.push_back(endpoints.all.back());
  endpoints.others = 990;
  lines = endpoint_lines(endpoints);
  EXPECT_EQ(lines[1], "     5  GET a/0  200");
  EXPECT_EQ(lines[11], "  1000  of more than 2 other endpoints");
}

}  // namespace
}  // namespace molotov::report
