#pragma once

#include <cstdint>

namespace fairlead {

/// Readiness events to report; errors are always reported.
enum class interest : std::uint8_t {
    read_write,
    read, ///< for sockets of datagrams: each one sent would report that there is room for another
};

/// Receives the readiness events of one descriptor.
class readiness_handler {
public:
    /// `hangup`: the peer has ended its side, the descriptor failed, or a short read does not mean that nothing is left.
    virtual void on_readable(bool hangup) = 0;
    virtual void on_writable() = 0;

protected:
    ~readiness_handler() = default;
};

} // namespace fairlead
