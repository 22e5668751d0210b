// A server on a loop of its own, and clients that talk to it byte by byte, all
// on the test's thread: what waits turns the loop.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/listener.h"
#include "target/server.h"

namespace molotov::target {

class TestServer {
 public:
  explicit TestServer(size_t truth_answers_max = 0)
      : truth_(std::move(*Truth::create(1, truth_answers_max))) {
    auto socket = net::listen_tcp(*net::parse_address("127.0.0.1", 0));
    EXPECT_TRUE(socket);
    address_ = *net::local_address(socket->get());
    server_ = std::move(*Server::create(*loop_, std::move(*socket), nullptr,
                                        {page_, truth_}, kSeed));
  }

  const net::Address& address() const { return address_; }
  // Turns the loop until `done`; false after ten seconds.
  bool turn_until(const std::function<bool()>& done) {
    const Instant end = MonotonicClock::now() + 10s;
    while (!done()) {
      if (MonotonicClock::now() > end) return false;
      loop_->turn(1ms);
    }
    return true;
  }
  void turn(int times = 1) {
    while (times-- > 0) loop_->turn(1ms);
  }
  size_t connections() const { return server_->connections(); }
  Totals totals() const { return page_.totals(); }
  Truth& truth() { return truth_; }

 private:
  static constexpr uint64_t kSeed = 1;
  std::unique_ptr<io::EpollLoop> loop_ = std::move(*io::EpollLoop::create());
  CounterPage page_ = std::move(*CounterPage::create(1));
  Truth truth_;
  net::Address address_;
  std::unique_ptr<Server> server_;
};

// What was answered to one request.
struct Answer {
  int status = 0;
  std::string head;  // with the status line
  std::string body;

  bool has(std::string_view line) const {
    return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
  }
};

class TestClient {
 public:
  explicit TestClient(TestServer& server)
      : server_(server), fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const net::Address& address = server.address();
    EXPECT_EQ(
        connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address.storage),
                address.size),
        0);
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(),
                                  MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) {
        bytes.remove_prefix(static_cast<size_t>(sent));
      } else {
        ASSERT_EQ(errno, EAGAIN);
        receive();
        server_.turn();
      }
    }
  }

  void get(std::string_view target, std::string_view fields = "") {
    request("GET", target, fields);
  }
  void request(std::string_view method, std::string_view target,
               std::string_view fields = "", std::string_view body = "") {
    send(std::string(method) + " " + std::string(target) +
         " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) + "\r\n" +
         std::string(body));
  }
  void finish_sending() { shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_.reset(); }

  // The next answer, of status 0 where none came.
  Answer answer(bool head_only = false) {
    Answer answer;
    size_t end = 0;
    if (!wait_for([&] {
          end = received_.find("\r\n\r\n");
          return end != received_.npos;
        }))
      return answer;
    answer.head = take(end + 4);
    std::from_chars(answer.head.data() + 9, answer.head.data() + 12,
                    answer.status);
    if (head_only || answer.status == 204 || answer.status < 200) return answer;
    if (answer.has("Transfer-Encoding: chunked"))
      answer.body = chunks();
    else
      answer.body = bytes(content_length(answer.head));
    return answer;
  }

  // The next `count` bytes, fewer where the connection ends before.
  std::string bytes(size_t count) {
    wait_for([&] { return received_.size() >= count; });
    return take(std::min(count, received_.size()));
  }

  // What comes until the server closes.
  std::string rest() {
    EXPECT_TRUE(server_.turn_until([&] { return ended_ || !receive(); }));
    return take(received_.size());
  }
  // Whether the connection ended by a reset. REQUIRES: it has ended.
  bool was_reset() const { return errno_ == ECONNRESET; }
  bool ended() {
    receive();
    return ended_;
  }

 private:
  static size_t content_length(std::string_view head) {
    constexpr std::string_view kName = "\r\nContent-Length: ";
    const size_t at = head.find(kName);
    if (at == head.npos) return 0;
    size_t length = 0;
    std::from_chars(head.data() + at + kName.size(), head.data() + head.size(),
                    length);
    return length;
  }

  std::string chunks() {
    std::string body;
    for (;;) {
      size_t end = 0;
      if (!wait_for([&] {
            end = received_.find("\r\n");
            return end != received_.npos;
          }))
        return body;
      const size_t size = std::stoul(take(end + 2), nullptr, 16);
      body += bytes(size);
      bytes(2);
      if (size == 0) return body;
    }
  }

  // Reads what has come; false when the connection has ended.
  bool receive() {
    char room[65536];
    for (;;) {
      const ssize_t got = recv(fd_.get(), room, sizeof room, MSG_DONTWAIT);
      if (got > 0) {
        received_.append(room, static_cast<size_t>(got));
        continue;
      }
      if (got < 0 && errno == EAGAIN) return true;
      errno_ = got < 0 ? errno : 0;
      ended_ = true;
      return false;
    }
  }

  bool wait_for(const std::function<bool()>& there) {
    bool found = false;
    EXPECT_TRUE(server_.turn_until([&] {
      if (!ended_) receive();
      found = there();
      return found || ended_;
    }));
    return found;
  }

  std::string take(size_t count) {
    std::string taken = received_.substr(0, count);
    received_.erase(0, count);
    return taken;
  }

  TestServer& server_;
  Fd fd_;
  std::string received_;
  bool ended_ = false;
  int errno_ = 0;
};

}  // namespace molotov::target
