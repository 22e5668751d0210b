// Aim: each option arrives, and what cannot be used is refused with its name.
#include "target/options.h"

#include <gtest/gtest.h>

#include <vector>

namespace molotov::target {
namespace {

Result<Options> parse(std::vector<const char*> arguments) {
  return parse_options(arguments);
}

TEST(OptionsTest, Defaults) {
  const auto options = parse({});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->host, "127.0.0.1");
  EXPECT_EQ(options->port, 0);
  EXPECT_FALSE(options->tls);
  EXPECT_EQ(options->processes, 1u);
  EXPECT_FALSE(options->truth);
  EXPECT_EQ(options->seed, 1u);
}

TEST(OptionsTest, TakesValuesInBothForms) {
  const auto options =
      parse({"--host", "::1", "--port=8080", "--tls", "--name", "example.com",
             "--processes=2", "--certificate", "expired"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->host, "::1");
  EXPECT_EQ(options->port, 8080);
  EXPECT_TRUE(options->tls);
  EXPECT_EQ(options->name, "example.com");
  EXPECT_EQ(options->processes, 2u);
  EXPECT_EQ(options->certificate, CertificateKind::expired);
  EXPECT_EQ(parse({"--unix", "/tmp/x"})->unix_path, "/tmp/x");
  EXPECT_TRUE(parse({"-h"})->help);
  EXPECT_TRUE(parse({"--truth"})->truth);
  EXPECT_EQ(parse({"--seed=42"})->seed, 42u);
}

struct Refusal {
  std::vector<const char*> arguments;
  const char* problem;
};

TEST(OptionsTest, RefusesWhatItCannotUse) {
  const Refusal rows[] = {
      {{"--nope"}, "unknown argument '--nope'"},
      {{"8080"}, "unknown argument '8080'"},
      {{"--tls=yes"}, "unknown argument '--tls=yes'"},
      {{"--port"}, "--port: needs a value"},
      {{"--port", "x"}, "--port: 'x' is not a number from 0 to 65535"},
      {{"--port", "65536"}, "--port: '65536' is not a number from 0 to 65535"},
      {{"--port", "-1"}, "--port: '-1' is not a number from 0 to 65535"},
      {{"--processes", "0"}, "--processes: '0' is not a number from 1 to 256"},
      {{"--seed", "-1"},
       "--seed: '-1' is not a number from 0 to 18446744073709551615"},
      {{"--host", ""}, "--host: must not be empty"},
      {{"--name", "x"}, "--name needs --tls"},
      {{"--certificate", "expired"}, "--certificate needs --tls"},
      {{"--tls", "--certificate", "x"},
       "--certificate: 'x' is none of expired, wrong-host, self-signed"},
      {{"--unix", "/x", "--port", "1"}, "--unix excludes --port"},
      {{"--unix", "/x", "--host", "::1"}, "--unix excludes --host"},
  };
  for (const Refusal& row : rows) {
    const auto options = parse(row.arguments);
    ASSERT_FALSE(options) << row.problem;
    EXPECT_EQ(options.error().detail, row.problem);
  }
}

}  // namespace
}  // namespace molotov::target
