#pragma once

#include "datagram/datagram_path.hpp"

#include <fairlead/bytes.hpp>

#include <functional>

namespace fairlead {

/// Receives the datagrams of an endpoint.
class datagram_sink {
public:
    virtual ~datagram_sink() = default;

    /// Lifetime: the bytes are valid during the call.
    virtual void on_datagram(bytes_view bytes, const datagram_path& path) = 0;

    /// Calls `tell` once no session refers to the endpoint; at once if none does.
    virtual void when_unused(std::function<void()> tell) { tell(); }
};

} // namespace fairlead
