#pragma once

#include "poller.hpp"
#include "tls_load/far_peer.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace fairlead::bench {

/// Connections on which each reply brings the next message. Every reply is compared with its message.
class message_load {
public:
    using clock = std::chrono::steady_clock;

    struct plan {
        unsigned connections = 0, depth = 0;
        std::size_t size = 0;
        double seconds = 0, warm_up = 0;
        ::pid_t server = 0;
    };
    struct outcome {
        std::uint64_t replies = 0;
        double seconds = 0, server_ns = 0, own_ns = 0;
        std::vector<float> latencies; // µs, of each message
    };

    message_load(const target& where, const plan& how);

    /// Runs until each connection has a reply, then for the warm-up, then for the time that is measured.
    outcome run();

private:
    struct connection {
        connection(const target& where, unsigned depth) : peer{where}, sent_at(depth) {}

        far_peer peer;
        std::vector<clock::time_point> sent_at; // of each message under way
        std::uint64_t sent = 0, answered = 0;   // messages
        std::uint64_t received = 0;             // bytes
        std::size_t unsent = 0;                 // bytes
        std::size_t next = 0;                   // where in a frame they begin
        bool shaken = false;
        bool awaits_room = false;
    };

    void serve(connection& of);
    void read(connection& of);
    void answered(connection& of, clock::time_point now);
    void send(connection& of, std::uint64_t messages);
    void flush(connection& of);
    void wait_for_replies();
    void run_until(clock::time_point end);
    void serve_ready();

    const plan how_;
    std::size_t frame_size_;
    std::string pattern_; // frame after frame, more than is under way on a connection
    std::vector<char> input_;
    poller poller_;
    std::vector<std::unique_ptr<connection>> connections_;
    outcome seen_;
};

} // namespace fairlead::bench
