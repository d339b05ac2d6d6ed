#include "server/web_session.hpp"

#include "server/handler_session.hpp"
#include "server/message_session.hpp"
#include "server/web_opening.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>

namespace fairlead {

/// As `handler_session::at_end`.
struct session_group::web_session::at_end {
    using executor_type = shard_executor;
    executor_type get_executor() const noexcept { return of->executor(); }
    void operator()(const std::exception_ptr& thrown, const handler* serve) const noexcept { of->end(thrown, serve); }
    std::unique_ptr<web_session> of;
};

void session_group::web_session::begin(member&& self, std::shared_ptr<opening_session> peer,
                                       std::shared_ptr<const session_rules> rules) {
    auto made = std::make_unique<web_session>(std::move(self), std::move(peer), std::move(rules));
    auto work = open_websocket(*made->peer_, *made->rules_->web, *made->rules_->bounds);
    const shard_executor executor = made->executor();
    boost::asio::co_spawn(executor, std::move(work), at_end{std::move(made)});
}

void session_group::web_session::end(const std::exception_ptr& thrown, const handler* serve) noexcept {
    if (thrown || !serve) {
        handler none{[](bytes_view, fairlead::peer&) {}};
        return finish(self_, none, thrown);
    }
    const auto group = self_.group().keep_alive();
    const endpoint remote = peer_->remote();
    try {
        hand_to(*serve, std::move(self_));
    } catch (...) {
        group->note_refusal(remote);
    }
}

} // namespace fairlead
