// The body of an answer as text and as JSON, where nothing about it is out of
// the ordinary: UTF-8, and no arguments to say otherwise.
#pragma once

#include "http/exchange.h"
#include "python/ref.h"

namespace molotov::python {

// What molotov._response.decode_text(response, body) returns, and
// decode_json(); `body` is bytes. Nothing, and no Python error set, where they
// are to be asked: of another charset, another content type, several of them,
// what is not JSON, or not UTF-8; where `asks_charset`, also of none.
Ref decode_plain_text(http::Exchange& exchange, const Ref& body,
                      bool asks_charset);
Ref decode_plain_json(http::Exchange& exchange, const Ref& body,
                      bool asks_charset);

}  // namespace molotov::python
