#pragma once

#include "client/connect_attempt.hpp"
#include "client/connection_race.hpp"
#include "core/unique_descriptor.hpp"
#include "net/resolver.hpp"
#include "runtime/name_lookup.hpp"
#include "runtime/shard_core.hpp"

#include "tls/secure_stream.hpp"

#include <fairlead/connect.hpp>
#include <fairlead/transport/event.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace fairlead {

/// Makes a connected socket for a URL: look-up of the name, race between the addresses, deadline.
///
/// Thread safety: the thread of its shard. Lifetime: may be destroyed at any time, which ends the
/// attempts under way.
class connector final : private shutdown_hook, private deadline {
public:
    struct connection {
        unique_descriptor socket;
        endpoint remote;
    };

    connector(shard_core& shard, const connect_options& options);

    /// Returns the connected socket. Called once. Errors: as `connect`.
    boost::asio::awaitable<result<connection>> run(resolver& names, const url& url);

private:
    void on_deadline(ticks) override { changed_.notify(); }
    void on_shard_shutdown() override { changed_.notify_later(shard_.executor()); }

    bool overdue() const noexcept { return shard_.now() >= give_up_; }
    boost::asio::awaitable<void> wait_until(ticks due);
    void prepare(std::vector<endpoint> addresses);
    void begin_those_due();
    void begin(std::size_t which);
    void note(std::size_t which, const error_code& outcome);

    shard_core& shard_;
    const connect_options& options_;
    const ticks give_up_;
    event changed_;
    std::vector<endpoint> addresses_;
    std::vector<std::unique_ptr<connect_attempt>> attempts_; // one place for each address
    connection_race race_;
    std::optional<std::size_t> winner_;
};

/// As `connect`, with a resolver of the caller's own, which outlives the call. `tls` is needed for a URL of TLS.
boost::asio::awaitable<result<std::shared_ptr<session>>>
connect(shard_core& shard, resolver& names, url url, framing rules, connect_options options,
        std::shared_ptr<const tls_client_context> tls = nullptr);

} // namespace fairlead
