#pragma once

#include "core/counter.hpp"
#include "core/intrusive_list.hpp"
#include "server/admission.hpp"
#include "server/arrival.hpp"

#include <fairlead/proxy.hpp>

#include <functional>
#include <string_view>

namespace fairlead {

class shard_core;

/// The connections of a listener behind proxies, from accept until the PROXY header of each is whole.
///
///     accepted ──▶ from a trusted proxy? ──▶ header whole? ──▶ `take`
///                    └── no: refused           └── wrong · ended · late: refused
///
/// A header stays in the socket until it is whole, and is then removed: the bytes behind it stay for the
/// session, and a proxy that stalls costs a few hundred bytes. Refused connections are closed, counted and
/// logged, except those that end without a byte, such as health checks.
///
/// Thread safety: the thread of its shard; `refused` from any.
class proxy_arrivals {
public:
    struct rules {
        proxy_server_options options;
        std::function<void(arrival, admission::permit)> take;                   ///< called once the header is read
        std::function<void(const endpoint&, std::string_view)> on_refused = {}; ///< see `server_options`
    };

    /// Lifetime: the shard outlives the connections that wait here.
    proxy_arrivals(shard_core& shard, rules with) : shard_{shard}, rules_{std::move(with)} {}
    proxy_arrivals(const proxy_arrivals&) = delete;
    proxy_arrivals& operator=(const proxy_arrivals&) = delete;
    ~proxy_arrivals() { end(); }

    /// Waits for the header of a connection. Errors: throws std::bad_alloc.
    void receive(arrival accepted, admission::permit held);

    /// Replaces the options for connections that come from now on.
    void use(const proxy_server_options& options) { rules_.options = options; }

    /// Closes the connections that wait for their header.
    void end() noexcept;

    const counter& refused() const noexcept { return refused_; }

private:
    class header;

    void refuse(const endpoint& remote, std::string_view why) noexcept;

    shard_core& shard_;
    rules rules_;
    intrusive_list<header> awaited_;
    counter refused_;
};

} // namespace fairlead
