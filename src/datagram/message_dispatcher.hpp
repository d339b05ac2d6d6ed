#pragma once

#include "datagram/datagram_sink.hpp"
#include "datagram/udp_endpoint.hpp"

#include <fairlead/handler.hpp>

namespace fairlead {

/// Passes each datagram to a message handler. Replies go back to the sender of the datagram.
class message_dispatcher final : public datagram_sink {
public:
    /// Lifetime: the endpoint outlives this.
    message_dispatcher(udp_endpoint& through, message_handler handler)
        : endpoint_{through}, handle_{std::move(handler)} {}

    void on_datagram(bytes_view bytes, const datagram_path& path) override;

private:
    class sender;

    udp_endpoint& endpoint_;
    message_handler handle_;
};

} // namespace fairlead
