// What HTTP syntax costs the engine a request: the head of a small answer, the
// body behind it, a URL.
#include <benchmark/benchmark.h>

#include <string>

#include "http/h1_parser.h"
#include "http/url.h"

namespace molotov::http {
namespace {

constexpr std::string_view kHead =
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\n"
    "Date: Mon, 23 Nov 2026 22:35:00 GMT\r\n"
    "Content-Type: application/json\r\nContent-Length: 27\r\n"
    "Connection: keep-alive\r\nLast-Modified: Mon, 23 Nov 2026\r\n\r\n";
constexpr std::string_view kBody = R"({"hello":"world","n":12345})";

void response_head(benchmark::State& state) {
  const std::string bytes = std::string(kHead) + std::string(kBody);
  const HeadLimits limits;
  ResponseHead head;
  for (auto _ : state) {
    auto used = parse_response_head(bytes, false, limits, head);
    benchmark::DoNotOptimize(used);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(kHead.size()));
}
BENCHMARK(response_head);

void chunked_body(benchmark::State& state) {
  constexpr std::string_view kChunks =
      "1b\r\n{\"hello\":\"world\",\"n\":12345}\r\n0\r\n\r\n";
  MessageInfo info;
  info.framing = Framing::chunked;
  for (auto _ : state) {
    BodyDecoder decoder(info);
    auto step = decoder.decode(kChunks);
    benchmark::DoNotOptimize(step);
  }
}
BENCHMARK(chunked_body);

void url(benchmark::State& state) {
  const std::string text = "http://127.0.0.1:8080/some/path?x=1&y=2";
  for (auto _ : state) {
    auto parsed = parse_url(text);
    benchmark::DoNotOptimize(parsed);
  }
}
BENCHMARK(url);

}  // namespace
}  // namespace molotov::http
