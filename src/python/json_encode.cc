#include "python/json_encode.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace molotov::python {

namespace {

constexpr int kDeepest = 64;
constexpr char kHex[] = "0123456789abcdef";
constexpr size_t kLongestNumber = 40;

// Of each ASCII character: whether it is sent as it is.
constexpr std::array<bool, 128> kPlain = [] {
  std::array<bool, 128> plain{};
  for (size_t c = ' '; c <= '~'; c++) plain[c] = c != '"' && c != '\\';
  return plain;
}();

void append_unit(std::string& out, unsigned unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4)
    out += kHex[(unit >> shift) & 15];
}

void append_escaped(std::string& out, Py_UCS4 c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      break;
  }
  if (c >= 0x10000) {
    append_unit(out, 0xd800 + ((c - 0x10000) >> 10));
    append_unit(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
  } else {
    append_unit(out, c);
  }
}

template <typename Unit>
void append_characters(std::string& out, const Unit* units, Py_ssize_t count) {
  for (Py_ssize_t i = 0; i < count; i++) {
    const auto c = static_cast<Py_UCS4>(units[i]);
    if (c < kPlain.size() && kPlain[c])
      out += static_cast<char>(c);
    else
      append_escaped(out, c);
  }
}

constexpr uint64_t kOnes = 0x0101010101010101;
constexpr uint64_t kHighs = 0x8080808080808080;

// Whether one of eight ASCII characters is to be escaped: below a space, a
// quote, a backslash, or DEL.
bool any_escaped(uint64_t eight) {
  const auto has_zero = [](uint64_t bytes) {
    return (bytes - kOnes) & ~bytes & kHighs;
  };
  const uint64_t below_space = (eight - kOnes * ' ') & ~eight & kHighs;
  return (below_space | has_zero(eight ^ (kOnes * '"')) |
          has_zero(eight ^ (kOnes * '\\')) | has_zero(eight ^ (kOnes * 127))) !=
         0;
}

// Where the first that is to be escaped is; size() where none is.
size_t find_escaped(std::string_view text) {
  size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    uint64_t eight;
    std::memcpy(&eight, text.data() + at, 8);
    if (any_escaped(eight)) break;
  }
  while (at < text.size() && kPlain[static_cast<unsigned char>(text[at])]) at++;
  return at;
}

// In runs, as most text is plain from end to end.
void append_ascii(std::string& out, std::string_view text) {
  while (true) {
    const size_t plain = find_escaped(text);
    out.append(text.substr(0, plain));
    if (plain == text.size()) return;
    append_escaped(out, static_cast<unsigned char>(text[plain]));
    text.remove_prefix(plain + 1);
  }
}

void append_text(std::string& out, PyObject* text) {
  const Py_ssize_t count = PyUnicode_GET_LENGTH(text);
  const void* const data = PyUnicode_DATA(text);
  out += '"';
  if (PyUnicode_IS_ASCII(text)) {
    append_ascii(out,
                 {static_cast<const char*>(data), static_cast<size_t>(count)});
  } else {
    switch (PyUnicode_KIND(text)) {
      case PyUnicode_1BYTE_KIND:
        append_characters(out, static_cast<const Py_UCS1*>(data), count);
        break;
      case PyUnicode_2BYTE_KIND:
        append_characters(out, static_cast<const Py_UCS2*>(data), count);
        break;
      default:
        append_characters(out, static_cast<const Py_UCS4*>(data), count);
    }
  }
  out += '"';
}

bool append_integer(std::string& out, PyObject* value) {
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
  if (overflow != 0) return false;
  std::array<char, kLongestNumber> text;
  const auto end = std::to_chars(text.begin(), text.end(), number).ptr;
  out.append(text.begin(), end);
  return true;
}

// As float.__repr__ writes it: the shortest digits that mean the number, which
// std::to_chars() finds too, with an exponent below 1e-4 and from 1e16 on.
void append_float(std::string& out, double number) {
  if (number != number) {
    out += "NaN";
    return;
  }
  if (number - number != 0) {
    out += number > 0 ? "Infinity" : "-Infinity";
    return;
  }
  const double size = number < 0 ? -number : number;
  const bool fixed = size == 0 || (size >= 1e-4 && size < 1e16);
  std::array<char, kLongestNumber> text;
  const auto end = std::to_chars(text.begin(), text.end(), number,
                                 fixed ? std::chars_format::fixed
                                       : std::chars_format::scientific)
                       .ptr;
  out.append(text.begin(), end);
  if (fixed && std::find(text.begin(), end, '.') == end) out += ".0";
}

bool append(std::string& out, PyObject* value, int depth);

bool append_dict(std::string& out, PyObject* dict, int depth) {
  out += '{';
  Py_ssize_t at = 0;
  PyObject *key, *value;
  for (bool first = true; PyDict_Next(dict, &at, &key, &value); first = false) {
    if (!PyUnicode_CheckExact(key)) return false;
    if (!first) out += ", ";
    append_text(out, key);
    out += ": ";
    if (!append(out, value, depth)) return false;
  }
  out += '}';
  return true;
}

bool append_sequence(std::string& out, PyObject* sequence, int depth) {
  out += '[';
  const Py_ssize_t count = PySequence_Fast_GET_SIZE(sequence);
  for (Py_ssize_t i = 0; i < count; i++) {
    if (i > 0) out += ", ";
    if (!append(out, PySequence_Fast_GET_ITEM(sequence, i), depth))
      return false;
  }
  out += ']';
  return true;
}

// No code of the script's runs here, so what is iterated over stays as it is.
bool append(std::string& out, PyObject* value, int depth) {
  if (PyUnicode_CheckExact(value)) {
    append_text(out, value);
    return true;
  }
  if (PyLong_CheckExact(value)) return append_integer(out, value);
  if (PyFloat_CheckExact(value)) {
    append_float(out, PyFloat_AS_DOUBLE(value));
    return true;
  }
  if (value == Py_None || PyBool_Check(value)) {
    out += value == Py_None ? "null" : value == Py_True ? "true" : "false";
    return true;
  }
  if (depth == 0) return false;
  if (PyDict_CheckExact(value)) return append_dict(out, value, depth - 1);
  if (PyList_CheckExact(value) || PyTuple_CheckExact(value))
    return append_sequence(out, value, depth - 1);
  return false;
}

}  // namespace

bool encode_json(PyObject* value, std::string& out) {
  out.clear();
  return append(out, value, kDeepest);
}

}  // namespace molotov::python
