#pragma once

#include "poller.hpp"
#include "tls_load/far_peer.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace fairlead::bench {

/// Connections that shake hands, exchange one message and end, one after the other in each of some places.
class handshake_load {
public:
    enum class kind : std::uint8_t { full, resumed };

    struct outcome {
        std::uint64_t handshakes = 0;
        double seconds = 0, server_ns = 0;
    };

    handshake_load(const target& where, kind of_handshakes, ::pid_t server);

    outcome run(double seconds);

private:
    struct place {
        std::unique_ptr<far_peer> peer;
        std::size_t received = 0;
        bool shaken = false;
    };

    void begin(place& at);
    void serve(place& at);

    const target where_;
    const kind kind_;
    const ::pid_t server_;
    const std::string message_;
    poller poller_;
    ssl_session_ptr session_; // the newest
    std::vector<place> places_;
    std::uint64_t done_ = 0;
};

} // namespace fairlead::bench
