// The HTTP client: contexts, one a loop, and clients, one a worker's session.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "http/connection.h"
#include "http/cookie_keeper.h"
#include "http/cookies.h"
#include "http/exchange.h"
#include "http/head_memo.h"
#include "http/pool.h"
#include "http/websocket_deflate.h"
#include "http/websocket_frame.h"
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

// The request line from its target on, and the fields that go with the URL, as
// Target has them; `host` is what the Host field says. Of HTTP/1.0 or 1.1.
std::string line_and_host_of(const Url& url, const Origin& origin,
                             std::string_view host, int minor_version = 1);

// What the clients of one loop share. Made after a fork.
class Context {
 public:
  // `loop` and `connector` are borrowed; they outlive the context.
  Context(io::EpollLoop& loop, net::Connector& connector,
          net::TlsClientOptions tls);
  ~Context();

  io::EpollLoop& loop() { return loop_; }
  net::Connector& connector() { return connector_; }

  // The origin of a URL. Fails with tls_configuration.
  Result<const Origin*> origin_of(const Url& url, const Security& security = {},
                                  const Route& route = {});
  // What a request to `url` needs. Fails as origin_of().
  Result<Target> make_target(Url url, const Security& security = {},
                             const Route& route = {});
  // The proxy, for a Route. `tls`: it is spoken to by TLS, under its own name.
  // Its own `tls` is ignored. Fails as origin_of().
  Result<const Proxy*> intern(Proxy proxy, bool tls,
                              const Security& security = {});

 private:
  friend class Client;
  friend class Connection;
  friend class Exchange;
  friend class Pool;
  friend class WebSocket;

  struct OriginHash {
    size_t operator()(const Origin& origin) const;
  };

  struct ProxyHash {
    size_t operator()(const Proxy& proxy) const;
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
  Result<net::TlsPeer> peer_of(const Security& security);
  Result<const net::TlsContext*> tls(bool verify);

  io::EpollLoop& loop_;
  net::Connector& connector_;
  net::TlsClientOptions tls_options_;
  std::unique_ptr<net::TlsContext> verifying_tls_;
  std::unique_ptr<net::TlsContext> trusting_tls_;
  std::unordered_set<Origin, OriginHash> origins_;
  std::unordered_set<Proxy, ProxyHash> proxies_;
  // Shared by all connections, which use them within one call.
  std::unique_ptr<char[]> read_scratch_;
  std::string write_scratch_;
  HeadMemo heads_;
  MaskKeys mask_keys_;
  AwakeDeflaters awake_deflaters_;
  Graveyard graveyard_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;  // all of them
  std::vector<Exchange*> spare_exchanges_;
};

// One user's client: its connections and cookies, which are its own unless it
// is given others.
class Client {
 public:
  // `observer` may be nullptr; both outlive the client.
  Client(Context& context, ExchangeObserver* observer);
  // REQUIRES: no exchange of it is under way; those that have ended may still
  // be held.
  ~Client();

  Context& context() { return context_; }

  // Starts an exchange, whose end is told to `listener`. All that `parts`
  // refers to outlives the exchange. It is so much later than it should be.
  Exchange& start(const RequestParts& parts, const ExchangeOptions& options,
                  ExchangeListener* listener, Duration late = Duration(0));

  // Made when first asked for; one that is off keeps and sends nothing.
  // REQUIRES: no keeper was set.
  CookieJar& cookies();
  // There may be some to be sent.
  bool has_cookies() const {
    return cookies_ ? !cookies_->empty() : keeper_ != nullptr;
  }
  // The Cookie field's value of a request, with `own` of that request.
  std::string cookies_for(const Url& url, std::string_view own);
  // Takes up the Set-Cookie fields of an answer from `url`.
  void keep_cookies(const Url& url, std::span<const Field> fields);
  void set_cookies_off();
  // These are used, and not its own; they outlive the client's exchanges.
  void set_cookies(CookieJar& jar);
  void set_cookies(CookieKeeper& keeper);
  // Its own jar, maybe nullptr; to be followed by a set_cookies().
  std::unique_ptr<CookieJar> take_cookies();

  // Its own, with PoolOptions as they are, or the one that it was given.
  Pool& pool() { return *pool_; }
  const Pool& pool() const { return *pool_; }
  // Is used from now on, and outlives the client's exchanges. Those that wait
  // in its own go on waiting there.
  void set_pool(Pool& pool);

 private:
  friend class Connection;
  friend class Exchange;

  Context& context_;
  ExchangeObserver* observer_;
  std::unique_ptr<Pool> own_pool_;
  Pool* pool_;  // its own, or one that it was given
  std::unique_ptr<CookieJar> own_cookies_;
  CookieJar* cookies_ = nullptr;  // its own, or one that it was given
  CookieKeeper* keeper_ = nullptr;
  bool cookies_off_ = false;
  size_t under_way_ = 0;  // exchanges that have not ended
};

}  // namespace molotov::http
