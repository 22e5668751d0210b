#include "http/idna.h"

#include <idn2.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "http/utf8.h"

namespace molotov::http {

namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Default_Ignorable_Code_Point of Unicode 15, for the most part: the mapping
// drops them.
constexpr std::array<Range, 17> kUnseen = {{{0xad, 0xad},
                                            {0x34f, 0x34f},
                                            {0x61c, 0x61c},
                                            {0x115f, 0x1160},
                                            {0x17b4, 0x17b5},
                                            {0x180b, 0x180f},
                                            {0x200b, 0x200f},
                                            {0x202a, 0x202e},
                                            {0x2060, 0x206f},
                                            {0x3164, 0x3164},
                                            {0xfe00, 0xfe0f},
                                            {0xfeff, 0xfeff},
                                            {0xffa0, 0xffa0},
                                            {0xfff0, 0xfff8},
                                            {0x1bca0, 0x1bca3},
                                            {0x1d173, 0x1d17a},
                                            {0xe0000, 0xe0fff}}};

// Takes a character off text that is UTF-8.
char32_t take_character(std::string_view& text) {
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(text[at]); };
  const uint8_t lead = byte(0);
  const size_t bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  char32_t character = bytes == 1 ? lead : lead & (0xffu >> (bytes + 1));
  for (size_t i = 1; i < bytes; i++)
    character = character << 6 | (byte(i) & 0x3fu);
  text.remove_prefix(bytes);
  return character;
}

bool has_unseen(std::string_view text) {
  while (!text.empty()) {
    const char32_t character = take_character(text);
    if (std::ranges::any_of(kUnseen, [=](const Range& range) {
          return character >= range.first && character <= range.last;
        })) {
      return true;
    }
  }
  return false;
}

struct Freed {
  void operator()(char* text) const { idn2_free(text); }
};

// The name, or libidn2's code for why there is none.
std::expected<std::string, int> converted(const std::string& host, int flags) {
  char* text = nullptr;
  const int status = idn2_to_ascii_8z(host.c_str(), &text, flags);
  if (status != IDN2_OK) return std::unexpected(status);
  const std::unique_ptr<char, Freed> freed(text);
  return std::string(text);
}

std::unexpected<Error> invalid(std::string what) {
  return fail(ErrorCode::http_invalid_url, std::move(what));
}

}  // namespace

Result<std::string> ascii_host(std::string_view host) {
  if (!is_utf8(host)) return invalid("host that is not UTF-8");
  if (has_unseen(host)) return invalid("character that is not seen");
  const std::string text(host);
  auto ascii = converted(text, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  if (!ascii) {
    auto older = converted(text, IDN2_NFC_INPUT | IDN2_TRANSITIONAL);
    if (!older)
      return invalid(std::string("no international name, ") +
                     idn2_strerror(ascii.error()));
    ascii = std::move(older);
  }
  if (ascii->starts_with('.') || ascii->contains(".."))
    return invalid("empty part of a host");
  return *std::move(ascii);
}

}  // namespace molotov::http
