#include "net/resolver.h"

#include <fstream>
#include <iterator>
#include <sstream>

#include "net/caching_resolver.h"
#include "net/cares_source.h"
#include "net/nsswitch.h"
#include "net/thread_source.h"

namespace molotov::net {

bool hosts_need_system(std::string_view nsswitch_conf) {
  std::istringstream lines{std::string(nsswitch_conf)};
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string word;
    if (!(words >> word) || word != "hosts:") continue;
    while (words >> word)
      if (word != "files" && word != "dns") return true;
    return false;
  }
  return false;
}

std::unique_ptr<NameSource> Resolver::create_source(io::EpollLoop& loop) {
  std::ifstream file("/etc/nsswitch.conf");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (hosts_need_system(text)) return std::make_unique<ThreadSource>(loop);
  return std::make_unique<CaresSource>(loop);
}

std::unique_ptr<Resolver> Resolver::create(io::EpollLoop& loop) {
  return std::make_unique<CachingResolver>(loop, create_source(loop));
}

}  // namespace molotov::net
