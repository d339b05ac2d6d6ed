#pragma once

#include "config/serve_plan.hpp"
#include "serve_handler.hpp"

#include <fairlead/server.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::command {

/// The places at which a server listens, and their handlers: before it runs, and at each reload.
///
///     add · remove · replace ──▶ open ──▶ commit        after a failure, also of a step after `open`: undo
///
/// URLs of WebSocket with one host and port are paths of one listener. If a removed place and an added one
/// have the same host and port, the sockets stay open.
///
/// Thread safety: one call at a time.
class listen_places {
public:
    using preparation = std::function<void(planned_listener&)>;

    /// `prepare` is called for each listener before its handler is made.
    explicit listen_places(preparation prepare) : prepare_{std::move(prepare)} {}

    /// Errors: as `make_handler`.
    void add(const std::shared_ptr<planned_listener>& listener, const std::optional<user_identity>& user);
    void remove(const planned_listener& listener);

    /// Puts `next`, which has the same URLs, in the places of a listener that is open. Errors: as `make_handler`.
    void replace(const planned_listener& listener, const std::shared_ptr<planned_listener>& next);

    /// Opens new listeners, and changes those whose places have changed. Errors: as `server::listen` and
    /// `server::change`; call `undo` then.
    void open(server& server, const std::optional<user_identity>& user);

    /// Closes the listeners without places. Returns the URLs that were added to listeners which stay open.
    std::vector<std::string> commit(server& server);

    /// Restores the state of the last `commit`. Logs the listeners that cannot be restored.
    void undo(server& server);

    /// Returns the addresses of a listener that is open; the paths of one port have one.
    std::vector<endpoint> addresses_of(const planned_listener& listener) const;

    /// Sets the limits at all places of a listener. Errors: as `server::set_limits`; `set_proxies` likewise.
    void set_limits(server& server, const planned_listener& listener, const limits& bounds);
    void set_proxies(server& server, const planned_listener& listener, const proxy_server_options& proxies);

    /// Ends the objects that the handlers share. Call it after the server has stopped.
    void end() const { shared_.end(); }

private:
    struct place {
        std::string url;
        std::shared_ptr<const planned_listener> listener;
        handler answers;
    };

    /// A listener of the server. Without places, `commit` closes it.
    struct port {
        std::string url;
        std::vector<place> places;
        fairlead::limits limits;
        proxy_server_options proxies;
        std::optional<endpoint> at = {}; ///< empty: it is not open yet

        bool has(const planned_listener& listener) const;
    };

    handler begin_later(planned_listener& listener, const std::optional<user_identity>& user);
    port& port_for(const place& added);
    static endpoint listen(server& server, const port& opened, const std::optional<user_identity>& user);
    static void change_back(server& server, port& before);
    static bool differ(const port& one, const port& other);

    const preparation prepare_;
    shared_by_handlers shared_;
    std::vector<place> waiting_;
    std::vector<std::function<void(server&)>> beginnings_; // of new handlers, called by `open`
    std::vector<port> ports_, before_;                     // now, and at the last commit
    shared_by_handlers shared_before_;
};

} // namespace fairlead::command
