// The HTTP client: contexts, one a loop, and clients, one a worker's session.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "http/connection.h"
#include "http/cookies.h"
#include "http/exchange.h"
#include "http/head_memo.h"
#include "io/epoll_loop.h"
#include "net/connect.h"
#include "net/tls_context.h"

namespace molotov::http {

// Told of each request that has ended, redirected hops too; before the
// exchange's listener is. Must not start or end exchanges.
class ExchangeObserver {
 public:
  // The final answer's head is there: has_head().
  virtual void on_answer(const Exchange&) {}
  // `error` is nullptr when an answer came (its body may have been left).
  virtual void on_request_done(const Exchange& exchange,
                               const Error* error) = 0;

 protected:
  ~ExchangeObserver() = default;
};

// What the clients of one loop share. Made after a fork.
class Context {
 public:
  // `loop` and `connector` are borrowed; they outlive the context.
  Context(io::EpollLoop& loop, net::Connector& connector,
          net::TlsClientOptions tls);
  ~Context();

  io::EpollLoop& loop() { return loop_; }

  // The origin of a URL. `verify` false: its certificate is not looked at.
  // Fails with tls_configuration.
  Result<const Origin*> origin_of(const Url& url, bool verify = true,
                                  std::string_view unix_path = {});
  // What a request to `url` needs. Fails as origin_of().
  Result<Target> make_target(Url url, bool verify = true,
                             std::string_view unix_path = {});

 private:
  friend class Client;
  friend class Connection;
  friend class Exchange;

  struct OriginHash {
    size_t operator()(const Origin& origin) const;
  };

  // Frees what died in this turn, at its end or in the next.
  class Graveyard final : public io::Work {
   public:
    std::vector<std::unique_ptr<Connection>> dead;

   private:
    void on_turn() override { dead.clear(); }
  };

  Exchange& acquire();
  void give_back(Exchange& exchange);
  void bury(std::unique_ptr<Connection> connection);
  Result<const net::TlsContext*> tls(bool verify);

  io::EpollLoop& loop_;
  net::Connector& connector_;
  net::TlsClientOptions tls_options_;
  std::unique_ptr<net::TlsContext> verifying_tls_;
  std::unique_ptr<net::TlsContext> trusting_tls_;
  std::unordered_set<Origin, OriginHash> origins_;
  // Shared by all connections, which use them within one call.
  std::unique_ptr<char[]> read_scratch_;
  std::string write_scratch_;
  HeadMemo heads_;
  Graveyard graveyard_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;  // all of them
  std::vector<Exchange*> spare_exchanges_;
};

// One user's client: its own connections and cookies.
class Client {
 public:
  // `observer` may be nullptr; both outlive the client.
  Client(Context& context, ExchangeObserver* observer);
  // REQUIRES: no exchange of it is under way; those that have ended may still
  // be held.
  ~Client();

  Context& context() { return context_; }

  // Starts an exchange, whose end is told to `listener`. All that `parts`
  // refers to outlives the exchange.
  Exchange& start(const RequestParts& parts, const ExchangeOptions& options,
                  ExchangeListener* listener);

  // Made when first asked for; a jar that is off keeps and sends nothing.
  CookieJar& cookies();
  bool has_cookies() const {
    return !cookies_off_ && cookies_ && !cookies_->empty();
  }
  void set_cookies_off() { cookies_off_ = true; }

  // Closes the idle connections.
  void close_idle();

 private:
  friend class Connection;
  friend class Exchange;

  // An idle connection to that origin, the last used first; or nothing.
  std::unique_ptr<Connection> take(const Origin& origin);
  void put_back(std::unique_ptr<Connection> connection);
  void on_idle_closed(Connection& connection);

  Context& context_;
  ExchangeObserver* observer_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::unique_ptr<CookieJar> cookies_;
  bool cookies_off_ = false;
  size_t under_way_ = 0;  // exchanges that have not ended
};

}  // namespace molotov::http
