// Crashes on purpose: proves that a replay of a corpus notices a read out of
// bounds and undefined behaviour. Not fuzzed.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  volatile int sink = 0;
  if (input.starts_with("address")) {
    const std::vector<char> bytes(input.begin(), input.end());
    sink = bytes.data()[bytes.size()];
  } else if (input.starts_with("undefined")) {
    sink = std::numeric_limits<int>::max();
    sink = sink + static_cast<int>(size);
  }
  return sink == 0 ? 0 : 0;
}
