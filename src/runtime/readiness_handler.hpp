#pragma once

#include <cstdint>

namespace fairlead {

/// Readiness events to report; errors are always reported.
enum class interest : std::uint8_t {
    read_write,
    read, ///< for datagram sockets, which would become writable again with each datagram sent
};

/// Receives the readiness events of one descriptor.
class readiness_handler {
public:
    /// `hangup`: the peer has ended its side, the descriptor failed, or more bytes may follow a short read.
    virtual void on_readable(bool hangup) = 0;
    virtual void on_writable() = 0;

protected:
    ~readiness_handler() = default;
};

} // namespace fairlead
