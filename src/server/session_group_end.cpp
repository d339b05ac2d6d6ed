// The end of a session of a group, after its handler.

#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "server/end_cause.hpp"
#include "server/log_at_end.hpp"
#include "server/session_group.hpp"
#include "server/session_member.hpp"
#include "session/describe.hpp"

#include <fairlead/malformed_message.hpp>
#include <fairlead/statistics.hpp>

#include <boost/asio/co_spawn.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace fairlead {

namespace {

bool breaks_framing(std::uint64_t closed_sessions::*cause) {
    return cause == &closed_sessions::malformed || cause == &closed_sessions::message_too_large ||
           cause == &closed_sessions::truncated;
}

// Returns the close reason if the handler has refused a message; nullopt otherwise.
std::optional<close_reason> refusal_of(const std::exception_ptr& thrown) {
    try {
        if (thrown)
            std::rethrow_exception(thrown);
    } catch (const oversized_message& refused) {
        return close_reason{errc::message_too_large, closed_by::peer, escape(refused.what())};
    } catch (const malformed_message& refused) {
        return close_reason{errc::malformed, closed_by::peer, escape(refused.what())};
    } catch (...) { // `note_end` logs it
    }
    return {};
}

websocket_close told_for(const std::optional<close_reason>& refused) {
    if (!refused)
        return websocket_close::internal_error;
    return refused->code == errc::message_too_large ? websocket_close::message_too_large
                                                    : websocket_close::policy_violation;
}

} // namespace

// Ends a session whose handler has ended.
void session_group::finish(member& self, handler& serve, const std::exception_ptr& thrown) noexcept {
    const auto group = self.group().keep_alive();
    const std::shared_ptr<session_impl> alive = self.shared_peer();
    std::optional<close_reason> refused;
    log_exceptions([&] { refused = refusal_of(thrown); });
    group->note_end(self, thrown, refused);
    bool ends = false;
    log_exceptions([&] {
        if (thrown)
            alive->handler_failed(told_for(refused));
        if (!alive->close_without_waiting()) {
            const shard_executor executor = group->shard_.executor();
            boost::asio::co_spawn(executor, close_session(std::move(self), std::move(serve)), log_at_end{executor});
        }
        ends = true;
    });
    if (!ends) // there is no memory for it
        alive->abort(errc::closed);
}

boost::asio::awaitable<void> session_group::close_session(member self, [[maybe_unused]] handler serve) {
    try {
        co_await self.peer().close_gracefully();
    } catch (...) {
        log_exception(std::current_exception());
        self.peer().abort(errc::closed);
    }
}

void session_group::note_end(member& self, const std::exception_ptr& thrown,
                             const std::optional<close_reason>& refused) noexcept {
    const session_impl& peer = self.peer();
    log_exceptions([&] {
        if (thrown && !refused) {
            self.ends_for(&closed_sessions::handler_failed);
            log_error(log_topic::handler_failed,
                      describe(peer) + ": its handler threw: " + escape(describe_exception(thrown)), origin_of(peer));
        } else {
            const auto why = refused ? *refused : peer.close_reason();
            const auto cause = end_cause(why);
            self.ends_for(cause);
            if (breaks_framing(cause))
                log_warning(log_topic::framing_broken, describe(peer) + ": " + why.message(), origin_of(peer));
        }
    });
}

} // namespace fairlead
