#include "limit_options.hpp"

#include "options.hpp"

#include <sys/resource.h>

namespace fairlead::command {

void add_limit_options(CLI::App& command, server_options& server) {
    limits& bounds = server.limits;
    add_count(command, "--max-sessions", bounds.max_sessions,
              "connections at one time, of each listener; others wait;\n0 means what the descriptors allow");
    add_count(command, "--max-sessions-per-address", bounds.max_sessions_per_address,
              "of one IPv4 address or IPv6 /64; others are closed;\nwithout it a quarter of all, but any number of the "
              "loopback;\n0 means any number");
    add_count(command, "--accept-rate", bounds.accept_rate,
              "connections a second, of each listener; others wait;\n0 means any number");
    add_size(command, "--write-high-watermark", bounds.write_high_watermark,
             "how much may wait for a peer before it is not read any more");
    add_size(command, "--max-write-buffer", bounds.max_write_buffer,
             "how much may wait for a peer before replies are refused");
    add_size(command, "--buffer-budget", server.buffer_budget,
             "what the buffers of all connections may hold; 0 means any size;\nwithout it 256 MiB, or a quarter of the "
             "memory if that is less");
    add_duration(command, "--first-message-timeout", bounds.first_message_timeout,
                 "from the connection to the first whole message;\n0 is off, here and in the four below");
    add_duration(command, "--message-timeout", bounds.message_timeout, "from a message's first byte to its last");
    add_duration(command, "--idle-timeout", bounds.idle_timeout, "without a byte, between two messages");
    add_duration(command, "--write-timeout", bounds.write_timeout, "without the peer taking any of its replies");
    add_duration(command, "--handler-timeout", bounds.handler_timeout, "for the handler of a message");
    add_duration(command, "--drain-timeout", bounds.drain_timeout,
                 "after a stop: time for connections to finish; 0 leaves none");
    add_duration(command, "--linger-timeout", bounds.linger_timeout,
                 "after the last reply: time for a peer to end its side");
}

std::size_t raise_descriptor_limit() noexcept {
    ::rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const ::rlimit highest{limit.rlim_max, limit.rlim_max};
    return ::setrlimit(RLIMIT_NOFILE, &highest) == 0 ? highest.rlim_cur : limit.rlim_cur;
}

} // namespace fairlead::command
