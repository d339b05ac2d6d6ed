#include "client/client_handshake.hpp"

#include "core/cancellation.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/name_lookup.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <string>

namespace fairlead {

boost::asio::awaitable<error_code> client_handshake::run() {
    if (give_up_ != name_lookup::never)
        shard_.arm(*this, give_up_);
    for (;;) {
        const auto done = tls_.handshake();
        if (done)
            co_return error_code{};
        if (done.error() != errc::would_block) {
            explain(done.error());
            tls_.shutdown(); // the alert goes first
            co_return done.error();
        }
        if (shard_.now() >= give_up_)
            co_return tls_errc::handshake_timeout;
        co_await tls_.readable().wait();
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (is_cancelled(state))
            co_return error_code{boost::asio::error::operation_aborted};
    }
}

// An error code has no room for the names and times of a certificate.
void client_handshake::explain(const error_code& why) const noexcept {
    log_exceptions([&] {
        const std::string words = tls_.explain();
        if (!words.empty())
            log_warning(log_topic::tls_failed, "the TLS handshake with " + tls_.remote().to_string() +
                                                   " failed: " + why.message() + " (" + words + ")");
    });
}

} // namespace fairlead
