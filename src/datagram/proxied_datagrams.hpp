#pragma once

#include "datagram/datagram_counters.hpp"
#include "datagram/datagram_sink.hpp"

#include <fairlead/proxy.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace fairlead {

/// Reads the PROXY header (version 2) of datagrams from proxies and passes on the message behind it.
///
///     datagram ──▶ from a trusted proxy? ──▶ header whole? ──▶ message ──▶ sink
///                    └── no: dropped           └── no: dropped
///
/// Dropped datagrams are counted and logged. Replies go to the proxy, without a header.
///
/// Thread safety: the thread of the shard.
class proxied_datagrams final : public datagram_sink {
public:
    /// Messages have at most `max_message` bytes. Lifetime: the counters outlive this.
    proxied_datagrams(std::unique_ptr<datagram_sink> behind, proxy_server_options options, std::size_t max_message,
                      datagram_counters& counters)
        : behind_{std::move(behind)}, options_{std::move(options)}, max_message_{max_message}, counters_{counters} {}

    void on_datagram(bytes_view bytes, const datagram_path& path) override;
    void when_unused(std::function<void()> tell) override { behind_->when_unused(std::move(tell)); }

    /// Replaces the options for datagrams that come from now on.
    void use(const proxy_server_options& options) { options_ = options; }

private:
    static void drop(const endpoint& from, counter& counted, std::string_view why);

    const std::unique_ptr<datagram_sink> behind_;
    proxy_server_options options_;
    const std::size_t max_message_;
    datagram_counters& counters_;
};

} // namespace fairlead
