// How requests ended, to the letter.
#include "report/endpoints.h"

#include <gtest/gtest.h>

#include "metrics/testing.h"

namespace molotov::report {
namespace {

using Lines = std::vector<std::string>;
using metrics::ErrorKind;

TEST(EndpointLines, NoRequestsNoLines) {
  EXPECT_EQ(endpoint_lines({}), Lines{});
}

TEST(EndpointLines, OneOutcomeOrSeveral) {
  metrics::CountedRun run;
  run.answered("GET\tlocalhost:8080\t/", 200, 1034, 1ms);
  run.answered("GET\tlocalhost:8080\t/", 500, 2, 1ms);
  run.failed("GET\tlocalhost:8080\t/", ErrorKind::refused);
  run.answered("POST\ta\t/login", 200, 431, 1ms);
  EXPECT_EQ(endpoint_lines(run.after(1s)),
            Lines({"Requests per endpoint:",
                   "  1037  GET localhost:8080/  "
                   "200: 1034, 500: 2, refused: 1",
                   "   431  POST a/login         200"}));
}

TEST(EndpointLines, TheHostIsToldWhereThereAreSeveral) {
  metrics::CountedRun run;
  run.answered("GET\ta\t/1", 200, 1, 1ms);
  run.answered("my own", 200, 1, 1ms);
  EXPECT_EQ(endpoint_lines(run.after(1s)),
            Lines({"Requests per endpoint:", "  1  GET /1  200",
                   "  1  my own  200"}));
}

TEST(EndpointLines, TheTenBusiest) {
  metrics::CountedRun run;
  for (char name = 'a'; name < 'a' + 11; name++)
    run.answered("GET\ta\t/" + std::string(1, name), 200, 5, 1ms);
  Lines lines = endpoint_lines(run.after(1s));
  ASSERT_EQ(lines.size(), 12u);
  EXPECT_EQ(lines[10], "  5  GET /j  200");
  EXPECT_EQ(lines[11], "  5  of 1 other endpoint");
  run.answered("(other)", 200, 995, 1ms);
  lines = endpoint_lines(run.after(1s));
  EXPECT_EQ(lines[1], "     5  GET /a  200");
  EXPECT_EQ(lines[11], "  1000  of 2 other endpoints");
}

}  // namespace
}  // namespace molotov::report
