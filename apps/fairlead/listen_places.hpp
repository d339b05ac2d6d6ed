#pragma once

#include "config/serve_plan.hpp"
#include "serve_handler.hpp"

#include <fairlead/server.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::command {

/// Makes the handlers of listeners, and opens these: before a server runs, and at a reload.
///
/// Thread safety: one call at a time.
class listen_places {
public:
    using preparation = std::function<void(planned_listener&)>;

    /// `prepare` is called for each listener before its handler is made.
    explicit listen_places(preparation prepare) : prepare_{std::move(prepare)} {}

    /// Errors: as `make_handler`.
    void add(planned_listener& listener, const std::optional<user_identity>& user);

    using notice = std::function<void(const endpoint& at, const planned_listener& listener)>;

    /// Opens those that were added since the last call, and calls `opened` for each URL. Errors: as `server::listen`; those that
    /// are open stay so.
    void open(server& server, const std::optional<user_identity>& user, const notice& opened);

    /// Forgets those that were added since the last call of `open` that succeeded.
    void forget() noexcept;

    /// Ends the handlers, after the server has stopped.
    void end() const;

private:
    struct place {
        std::string url;
        const planned_listener* listener;
        handler answers;
    };

    static endpoint open(server& server, const place& at, const std::optional<user_identity>& user);

    const preparation prepare_;
    shared_by_handlers shared_, shared_before_; // with those that wait, and without
    std::vector<place> waiting_;
    std::vector<std::function<void(server&)>> beginnings_; // of those that wait
    std::vector<std::function<void()>> ends_;
    std::size_t ends_before_ = 0; // without those that wait
};

} // namespace fairlead::command
