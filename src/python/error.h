// The engine's errors as Python's exceptions: one way over the border.
#pragma once

#include <string_view>

#include "base/error.h"
#include "http/exchange.h"
#include "python/ref.h"

namespace molotov::python {

class Engine;

// Sets the exception that molotov.exceptions has for the error of an exchange
// that has failed; `response` is asked for its request and its history.
void raise_error(Engine& engine, const http::Exchange& exchange,
                 PyObject* response);
// For another error of a request to that URL.
void raise_error(Engine& engine, const Error& error, const http::Url& url);
// The same where the URL itself, as given, is what is wrong.
void raise_error(Engine& engine, const Error& error, std::string_view url);

}  // namespace molotov::python
