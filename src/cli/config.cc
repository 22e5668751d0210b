#include "cli/config.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/numerals.h"
#include "cli/assign.h"
#include "cli/literals.h"

namespace molotov::cli {
namespace {

using nlohmann::json;

constexpr std::string_view kDefaultScenario = "loadtest.py";
constexpr std::string_view kDefaultTest = "test";

// Thrown within this file only.
struct Unusable {
  ConfigMessages messages;
};

// Reads characters and counts the lines that it has passed.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, int* lines) : at_(at), lines_(lines) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    if (*at_++ == '\n') ++*lines_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const {
    return at_ == other.at_;
  }

 private:
  const char* at_;
  int* lines_;
};

// Notes the line of each key, by the JSON pointer to its value: the parser's
// own document does not know.
class LineFinder final : public nlohmann::json_sax<json> {
 public:
  explicit LineFinder(const int* line) : line_(line) {}

  std::map<std::string, int> lines;

  bool key(string_t& name) override {
    path_.back() = name;
    json::json_pointer pointer;
    for (const std::string& part : path_) pointer /= part;
    lines[pointer.to_string()] = *line_;
    return true;
  }
  bool start_object(size_t) override { return enter(); }
  bool start_array(size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool parse_error(size_t, const std::string&,
                   const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool enter() {
    path_.emplace_back();
    return true;
  }
  bool leave() {
    path_.pop_back();
    return true;
  }

  const int* line_;
  std::vector<std::string> path_;
};

std::map<std::string, int> find_lines(const std::string& text) {
  int line = 1;
  LineFinder finder(&line);
  json::sax_parse(CountingIterator(text.data(), &line),
                  CountingIterator(text.data() + text.size(), &line), &finder);
  return std::move(finder.lines);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  // A directory opens, and fails when it is read.
  if (file && (file.peek(), !file.bad())) {
    file.clear();
    content << file.rdbuf();
    return content.str();
  }
  const int error = errno;
  ConfigMessages messages{{fmt::format("Can't find {}", repr(path))}, {}};
  if (error != ENOENT)
    messages = {
        {},
        {fmt::format("Can't read {}: {}", repr(path), std::strerror(error))}};
  throw Unusable{messages};
}

json parse_file(const std::string& path, const std::string& text) {
  try {
    return json::parse(text);
  } catch (const json::exception& error) {  // also of a number too large
    // "[json.exception.parse_error.101] parse error at line 1, ...".
    std::string_view reason = error.what();
    if (const size_t end = reason.find("] "); end != std::string_view::npos)
      reason.remove_prefix(end + 2);
    throw Unusable{{{fmt::format("Can't parse {}", repr(path))},
                    {fmt::format("{}: {}", path, reason)}}};
  }
}

const char* kind_of(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return "null";
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
      return "a list";
    case json::value_t::string:
      return "a string";
    case json::value_t::boolean:
      return "true or false";
    default:
      return "a number";
  }
}

// Stores a value of the test in the member that the table names. Each call says
// what it wanted when the value is not that, otherwise nothing.
class Assign {
 public:
  Assign(const OptionSpec& spec, Options& options, const json& value)
      : spec_(spec), options_(options), value_(value) {}

  const char* operator()(bool Options::* member) {
    if (!value_.is_boolean()) return "true or false";
    options_.*member = value_.get<bool>();
    return nullptr;
  }
  const char* operator()(int64_t Options::* member) {
    // -v was counted, and true counts as one.
    const bool counts = spec_.action == Action::count && value_.is_boolean();
    if (counts) {
      options_.*member = int64_t{value_.get<bool>()};
    } else if (value_.is_number_integer()) {
      options_.*member = whole();
    } else if (spec_.type == ValueType::processes) {
      if (value_ != "auto") return "a whole number or 'auto'";
      options_.*member = *whole_number(spec_.type, "auto");
    } else {
      return "a whole number";
    }
    return nullptr;
  }
  const char* operator()(double Options::* member) {
    const auto number = real();
    if (number) options_.*member = *number;
    return number ? nullptr : wanted_real();
  }
  const char* operator()(std::optional<double> Options::* member) {
    options_.*member = real();
    return options_.*member || value_.is_null() ? nullptr : wanted_real();
  }
  const char* operator()(std::string Options::* member) {
    if (!value_.is_string()) return "a string";
    options_.*member = value_.get<std::string>();
    return nullptr;
  }
  const char* operator()(std::vector<std::string> Options::* member) {
    if (!is_list_of_strings()) return "a list of strings";
    options_.*member = value_.get<std::vector<std::string>>();
    return nullptr;
  }
  const char* operator()(std::optional<int64_t> Options::* member) {
    if (!value_.is_null() && !value_.is_number_integer())
      return "a whole number";
    options_.*member = value_.is_null() ? std::nullopt : std::optional(whole());
    return nullptr;
  }
  const char* operator()(std::optional<std::string> Options::* member) {
    if (!value_.is_null() && !value_.is_string()) return "a string";
    options_.*member = value_.is_null()
                           ? std::nullopt
                           : std::optional(value_.get<std::string>());
    return nullptr;
  }
  const char* operator()(
      std::optional<std::vector<std::string>> Options::* member) {
    if (!value_.is_null() && !is_list_of_strings()) return "a list of strings";
    (options_.*member).reset();
    if (!value_.is_null())
      options_.*member = value_.get<std::vector<std::string>>();
    return nullptr;
  }

 private:
  int64_t whole() const {
    constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
    if (value_.is_number_unsigned() && value_.get<uint64_t>() > kMost)
      return static_cast<int64_t>(kMost);
    return value_.get<int64_t>();
  }
  // A span with units is a string; in digits alone it is a number, unquoted.
  std::optional<double> real() const {
    if (value_.is_number()) return value_.get<double>();
    if (!value_.is_string()) return std::nullopt;
    const std::string text = value_.get<std::string>();
    if (spec_.type == ValueType::rate) return parse_rate(text);
    return is_duration(spec_.type) ? parse_span(text) : std::nullopt;
  }
  const char* wanted_real() const {
    if (spec_.type == ValueType::rate)
      return "a number or a rate such as '500/s'";
    return is_duration(spec_.type) ? "a number or a duration such as '1h30m'"
                                   : "a number";
  }
  bool is_list_of_strings() const {
    if (!value_.is_array()) return false;
    for (const json& item : value_)
      if (!item.is_string()) return false;
    return true;
  }

  const OptionSpec& spec_;
  Options& options_;
  const json& value_;
};

// The values of one test, each with its place in the file.
class TestReader {
 public:
  TestReader(const std::string& path, const std::string& text, std::string name)
      : path_(path), lines_(find_lines(text)), name_(std::move(name)) {}

  ConfigMessages apply(const json& test, Options& options) {
    if (!test.is_object())
      throw Unusable{{{},
                      {fmt::format("{}: the test {} must be an object, not {}",
                                   place({}), repr(name_), kind_of(test))}}};
    for (const auto& [key, value] : test.items()) take(key, value, options);
    if (!errors_.err.empty()) throw Unusable{errors_};
    return std::move(warnings_);
  }

 private:
  void take(const std::string& key, const json& value, Options& options) {
    const OptionSpec* spec = find_option(key);
    if (!spec) {
      options.extra[key] = value;
      warnings_.err.push_back(
          fmt::format("{}: warning: {} is no option of Molotov's{}", place(key),
                      repr(key), suggestion(key)));
      return;
    }
    if (key == "config" || key == "version") return;  // they did nothing ever
    if (const char* wanted =
            std::visit(Assign(*spec, options, value), spec->field))
      errors_.err.push_back(fmt::format("{}: {} must be {}, not {}", place(key),
                                        repr(key), wanted,
                                        shown(*spec, value)));
    options.given.insert(key);
    options.environment.erase(key);
    options.places[key] = place(key);
  }

  // Of a string where some strings will do, which one it is.
  static std::string shown(const OptionSpec& spec, const json& value) {
    const bool text = value.is_string() && (is_duration(spec.type) ||
                                            spec.type == ValueType::processes ||
                                            spec.type == ValueType::rate);
    return text ? repr(value.get<std::string>()) : kind_of(value);
  }

  // Keys are the dests: "max_runs", although the option is --max-runs.
  static std::string suggestion(std::string key) {
    for (char& c : key)
      if (c == '-') c = '_';
    return find_option(key) ? fmt::format("; did you mean {}?", repr(key)) : "";
  }

  // "molotov.json:12".
  std::string place(const std::string& key) const {
    json::json_pointer pointer("/molotov/tests");
    pointer /= name_;
    if (!key.empty()) pointer /= key;
    const auto found = lines_.find(pointer.to_string());
    if (found == lines_.end()) return path_;
    return fmt::format("{}:{}", path_, found->second);
  }

  const std::string& path_;
  std::map<std::string, int> lines_;
  std::string name_;
  ConfigMessages warnings_;
  ConfigMessages errors_;
};

const json& child_of(const json& parent, const std::string& name,
                     std::string_view complaint) {
  if (!parent.is_object() || !parent.contains(name))
    throw Unusable{{{std::string(complaint)}, {}}};
  return parent.at(name);
}

// {"NAME": "value"}: numbers are taken as they are written.
void read_variables(const json& variables, const std::string& path,
                    const std::string& text, Options& options) {
  if (variables.is_null()) return;
  const auto refuse = [&](const std::string& pointer, const json& value,
                          std::string_view wanted) {
    const auto lines = find_lines(text);
    const auto line = lines.find(pointer);
    const std::string place =
        line == lines.end() ? path : fmt::format("{}:{}", path, line->second);
    throw Unusable{
        {{},
         {fmt::format("{}: {} must be {}, not {}", place,
                      repr(pointer.substr(1)), wanted, kind_of(value))}}};
  };
  if (!variables.is_object())
    refuse("/molotov/env", variables, "an object of strings");
  for (const auto& [name, value] : variables.items()) {
    if (value.is_string())
      options.variables[name] = value.get<std::string>();
    else if (value.is_number())
      options.variables[name] = value.dump();
    else
      refuse((json::json_pointer("/molotov/env") / name).to_string(), value,
             "a string");
  }
}

ConfigMessages read_config(Options& options) {
  const std::string path = *options.config;
  const std::string text = read_file(path);
  const json document = parse_file(path, text);
  const json& top =
      child_of(document, "molotov", "Bad config -- no molotov key");
  const json& tests =
      child_of(top, "tests", "Bad config -- no molotov/tests key");
  const std::string name = options.scenario == kDefaultScenario
                               ? std::string(kDefaultTest)
                               : options.scenario;
  const json& test = child_of(
      tests, name, fmt::format("Can't find {} in the config", repr(name)));
  options.scenario = kDefaultScenario;
  if (const auto variables = top.find("env"); variables != top.end())
    read_variables(*variables, path, text, options);
  return TestReader(path, text, name).apply(test, options);
}

}  // namespace

std::expected<ConfigMessages, ConfigMessages> apply_config(Options& options) {
  try {
    return read_config(options);
  } catch (const Unusable& unusable) {
    return std::unexpected(unusable.messages);
  }
}

}  // namespace molotov::cli
