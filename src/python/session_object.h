// The Python type `_engine.Session`: a worker's HTTP session.
// molotov.session.ClientSession extends it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/intrusive_list.h"
#include "http/client.h"
#include "python/cookie_jar_object.h"
#include "python/ref.h"

namespace molotov::python {

class Engine;
class WebSocketState;

// Of every request: what is in its Host field in place of its URL's, its field
// lines, and its cookies beside those of the jar.
struct SessionFields {
  std::string host;
  std::string fields;
  std::string own_cookies;
  std::string last_fields;  // behind the cookies
};

// The native half of a session.
struct Session {
  Engine& engine;
  Ref connector;  // whose pool the client uses; nothing: it has its own
  http::Client client;
  // Whenever they are changed there are new ones: requests under way have views
  // into the old ones.
  std::vector<std::unique_ptr<SessionFields>> all_fields;
  http::ExchangeOptions options;
  http::HeadLimits head_limits{};
  bool raise_for_status = false;
  // A request whose only keyword is `json` needs no Python to be prepared: the
  // session says nothing of its own of how JSON is sent.
  bool plain_json = false;
  // The charset of a body whose answer does not say it is Python's to know.
  bool asks_charset = false;
  // Of requests without options: see read_route() and read_security().
  Ref route{};
  Ref security_object{};
  http::Security security{};  // as that is read
  // Python is asked what any request of it means.
  bool prepares = false;
  Ref base_urls{};  // a dict: relative ones, and what they are together with
                    // the base URL; nothing where there is none
  Ref jar{};        // that the client uses in place of its own
  std::unique_ptr<ForeignJar> foreign_jar{};
  Ref eventer{};          // an EventSender, once there is one
  bool observed = false;  // its listeners are told of each request
  bool closed = false;
  bool owns_connector = true;  // and closes it
  // Of its worker's run, if it is a worker's: see WorkerTask::late().
  Duration* late = nullptr;
  // Those that were opened by it; they go before it does.
  IntrusiveList<WebSocketState> websockets{};

  const SessionFields& fields() const { return *all_fields.back(); }
  bool is_closed() const { return closed || client.pool().closed(); }
};

// What the caller has checked to be a session.
Session& session_of(PyObject* object);
// nullptr where the object is none of ours, or is not set up yet.
Session* native_session(PyObject* object);
// Of a session that may not be set up yet: nullptr then, with a Python error
// set.
Session* checked_session(PyObject* object);
bool add_session_type(PyObject* module);

}  // namespace molotov::python
