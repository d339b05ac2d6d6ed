#pragma once

#include "runtime/deadline.hpp"
#include "runtime/shard_core.hpp"
#include "tls/secure_stream.hpp"

#include <fairlead/error.hpp>

#include <boost/asio/awaitable.hpp>

namespace fairlead {

/// Makes the TLS handshake of a connection that a client has made. Logs details of a failure that its error
/// code lacks: the names and times of a refused certificate, the protocol of a peer that does not speak TLS.
///
/// Thread safety: the thread of its shard. Lifetime: `tls` outlives it.
class client_handshake final : private shutdown_hook, private deadline {
public:
    /// `give_up`: `name_lookup::never` for no deadline.
    client_handshake(shard_core& shard, secure_stream& tls, ticks give_up) noexcept
        : shutdown_hook{shard}, shard_{shard}, tls_{tls}, give_up_{give_up} {}

    /// Makes the handshake, once. Errors: those of the stream; `tls_errc::handshake_timeout`;
    /// `boost::asio::error::operation_aborted`.
    boost::asio::awaitable<error_code> run();

private:
    void on_deadline(ticks) override { tls_.readable().notify(); }
    void on_shard_shutdown() override { tls_.readable().notify_later(shard_.executor()); }

    void explain(const error_code& why) const noexcept;

    shard_core& shard_;
    secure_stream& tls_;
    const ticks give_up_;
};

} // namespace fairlead
