#include "listen_places.hpp"

#include "process_rights.hpp"
#include "serve_checks.hpp"

#include <fairlead/url.hpp>

#include <algorithm>
#include <utility>

namespace fairlead::command {

void listen_places::add(planned_listener& listener, const std::optional<user_identity>& user) {
    prepare_(listener);
    serve_handler made = make_handler(listener, user, shared_);
    ends_.push_back(std::move(made.end));
    beginnings_.push_back(std::move(made.begin));
    for (const std::string& url : listener.options.listen)
        waiting_.push_back({url, &listener, made.answers});
}

void listen_places::open(server& server, const std::optional<user_identity>& user, const notice& opened) {
    for (const auto& begin : std::exchange(beginnings_, {}))
        begin(server);
    std::vector<place> places = std::exchange(waiting_, {});
    // `[::]` takes IPv4 as well, unless `0.0.0.0` has the port already.
    std::stable_partition(places.begin(), places.end(),
                          [](const place& each) { return url::parse(each.url).host != "::"; });
    for (const place& each : places)
        opened(open(server, each, user), *each.listener);
    shared_before_ = shared_;
    ends_before_ = ends_.size();
}

void listen_places::forget() noexcept {
    waiting_.clear();
    beginnings_.clear();
    shared_ = shared_before_;
    ends_.erase(ends_.begin() + static_cast<std::ptrdiff_t>(ends_before_), ends_.end());
}

endpoint listen_places::open(server& server, const place& at, const std::optional<user_identity>& user) {
    const listener_options& options = at.listener->options;
    if (is_of_datagrams(at.url)) {
        udp_options udp = options.udp;
        udp.max_message = options.max_message.value_or(udp.max_message);
        udp.proxy = options.proxy;
        return server.listen(at.url, at.answers, udp, options.limits);
    }
    listen_options how{.limits = options.limits, .proxy = options.proxy};
    const url where = url::parse(at.url);
    const bool secure = where.tls;
    if (where.websocket)
        how.websocket = options.web.settings(options.listen);
    if (secure)
        how.tls = options.tls.settings(options.listen);
    const auto listen = [&] { return server.listen(at.url, framing_of(*at.listener, where), at.answers, how); };
    if (!socket_directory(at.url))
        return listen();
    return as_user(user, [&] {
        if (secure)
            require_readable(options.tls.files());
        return listen();
    });
}

void listen_places::end() const {
    for (const auto& each : ends_)
        each();
}

} // namespace fairlead::command
