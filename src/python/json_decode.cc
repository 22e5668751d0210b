#include "python/json_decode.h"

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace molotov::python {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// Documents over this do not keep their memory for the next one.
constexpr size_t kKeptBytes = size_t{1} << 20;

bool is_ascii(std::string_view text) {
  constexpr uint64_t kHighs = 0x8080808080808080;
  uint64_t seen = 0;
  while (text.size() >= 8) {
    uint64_t eight;
    std::memcpy(&eight, text.data(), 8);
    seen |= eight;
    text.remove_prefix(8);
  }
  for (const char c : text) seen |= static_cast<unsigned char>(c);
  return (seen & kHighs) == 0;
}

// The names of a document: in most, the same few again and again.
class Names {
 public:
  Ref find(std::string_view name) {
    if (name.size() > kLongest) return make(name);
    Slot& slot = slots_[place(name)];
    if (!slot.object || slot.name != name) {
      Ref made = make(name);
      if (!made) return made;
      // The slot's text is what its str holds, which lives as long.
      slot.name = utf8_of(made.get());
      slot.object = std::move(made);
    }
    return Ref::borrow(slot.object.get());
  }

 private:
  struct Slot {
    std::string_view name;
    Ref object;
  };
  static constexpr size_t kLongest = 32;
  static constexpr size_t kSlots = 64;

  static Ref make(std::string_view name) {
    return Ref::steal(PyUnicode_FromStringAndSize(
        name.data(), static_cast<Py_ssize_t>(name.size())));
  }
  static size_t place(std::string_view name) {
    size_t mixed = name.size();
    if (!name.empty())
      mixed += static_cast<unsigned char>(name.front()) * size_t{5} +
               static_cast<unsigned char>(name.back()) * size_t{17} +
               static_cast<unsigned char>(name[name.size() / 2]) * size_t{29};
    return mixed % kSlots;
  }

  std::array<Slot, kSlots> slots_;
};

PyObject* make(const element& value, Names& names);

PyObject* make_list(const simdjson::dom::array& array, Names& names) {
  Ref list = Ref::steal(PyList_New(static_cast<Py_ssize_t>(array.size())));
  if (!list) return nullptr;
  Py_ssize_t at = 0;
  // From 0xFFFFFF on the size is not exact.
  const Py_ssize_t there = PyList_GET_SIZE(list.get());
  for (const element item : array) {
    PyObject* const made = make(item, names);
    if (!made) return nullptr;
    if (at < there) {
      PyList_SET_ITEM(list.get(), at++, made);
    } else {
      const Ref owned = Ref::steal(made);
      if (PyList_Append(list.get(), made) < 0) return nullptr;
    }
  }
  return list.release();
}

PyObject* make_dict(const simdjson::dom::object& object, Names& names) {
  Ref dict = Ref::steal(PyDict_New());
  for (const simdjson::dom::key_value_pair field : object) {
    const Ref name = names.find(field.key);
    const Ref value = Ref::steal(name ? make(field.value, names) : nullptr);
    if (!dict || !value ||
        PyDict_SetItem(dict.get(), name.get(), value.get()) < 0)
      return nullptr;
  }
  return dict.release();
}

PyObject* make_text(std::string_view text) {
  const auto size = static_cast<Py_ssize_t>(text.size());
  if (!is_ascii(text)) return PyUnicode_FromStringAndSize(text.data(), size);
  PyObject* const made = PyUnicode_New(size, 127);
  if (made && size > 0)
    std::memcpy(PyUnicode_1BYTE_DATA(made), text.data(), text.size());
  return made;
}

// As deep as the parser allows, 1,024.
PyObject* make(const element& value, Names& names) {
  switch (value.type()) {
    case element_type::ARRAY:
      return make_list(value.get_array().value_unsafe(), names);
    case element_type::OBJECT:
      return make_dict(value.get_object().value_unsafe(), names);
    case element_type::STRING:
      return make_text(value.get_string().value_unsafe());
    case element_type::INT64:
      return PyLong_FromLongLong(value.get_int64().value_unsafe());
    case element_type::UINT64:
      return PyLong_FromUnsignedLongLong(value.get_uint64().value_unsafe());
    case element_type::DOUBLE:
      return PyFloat_FromDouble(value.get_double().value_unsafe());
    case element_type::BOOL:
      return PyBool_FromLong(value.get_bool().value_unsafe());
    case element_type::NULL_VALUE:
      break;
  }
  return Py_NewRef(Py_None);
}

bool has_byte_order_mark(std::string_view body) {
  return body.starts_with("\xef\xbb\xbf");
}

}  // namespace

Ref decode_json(std::string_view body) {
  thread_local simdjson::dom::parser parser;
  if (has_byte_order_mark(body)) return {};
  element document;
  if (parser.parse(body.data(), body.size(), true).get(document) != 0)
    return {};
  Names names;
  Ref made = Ref::steal(make(document, names));
  if (parser.capacity() > kKeptBytes) parser = simdjson::dom::parser();
  return made;
}

}  // namespace molotov::python
