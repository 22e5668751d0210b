// molotarget as a program: sockets, certificate, processes, signals.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "target/options.h"

namespace molotov::target {

// What a client must know.
struct Access {
  std::string url;
  std::string authority_file;  // PEM; "" without TLS
};

// Serves until SIGINT, SIGTERM or SIGHUP, which end it in order: with success,
// and its files removed. Files are made in `temporary_directory`. `on_ready` is
// called once, when connections can be made.
//
// With more than one process it returns in each of them; what it has left
// behind is removed by the first, which fails if one of the others did.
Result<> run(const Options& options, const std::string& temporary_directory,
             const std::function<void(const Access&)>& on_ready);

}  // namespace molotov::target
