#include "limit_options.hpp"

#include "options.hpp"

#include <sys/resource.h>

namespace fairlead::command {

void add_limit_options(CLI::App& command, limits& bounds) {
    add_count(command, "--max-sessions", bounds.max_sessions,
              "connections at one time, for each listener; others wait;\n0: as many as there are descriptors");
    add_count(
        command, "--max-sessions-per-address", bounds.max_sessions_per_address,
        "connections of one IPv4 address or IPv6 /64; others are\nclosed; 0: any number; default: a quarter of all, "
        "and any\nnumber from the loopback");
    add_size(command, "--max-buffer-per-address", bounds.max_buffer_per_address,
             "bytes in the buffers of the connections of one such address;\nbeyond it they read little; 0: any number; "
             "default: a quarter\nof --buffer-budget, and any number from the loopback");
    add_count(command, "--accept-rate", bounds.accept_rate,
              "connections a second, for each listener; others wait;\n0: any number");
    add_size(command, "--write-high-watermark", bounds.write_high_watermark,
             "bytes queued for a peer above which it is not read");
    add_size(command, "--max-write-buffer", bounds.max_write_buffer,
             "bytes queued for a peer above which replies are refused");
    add_duration(command, "--first-message-timeout", bounds.first_message_timeout,
                 "from the connection to the first whole message; 0: no limit,\nhere and in the next four timeouts");
    add_duration(command, "--message-timeout", bounds.message_timeout, "from the first byte of a message to its last");
    add_size(command, "--message-min-rate", bounds.min_rate,
             "bytes a second of a message that is received in parts, on\naverage over --message-timeout; 0: "
             "--message-timeout limits\nthe wait for each part");
    add_duration(command, "--idle-timeout", bounds.idle_timeout,
                 "without a byte in either direction, between two messages");
    add_duration(command, "--write-timeout", bounds.write_timeout, "while the peer takes no byte of its replies");
    add_duration(command, "--handler-timeout", bounds.handler_timeout, "for the handler to finish with a message");
    add_duration(command, "--drain-timeout", bounds.drain_timeout,
                 "after a stop: time for connections to finish; 0: none");
    add_duration(command, "--linger-timeout", bounds.linger_timeout,
                 "after the last reply: time for the peer to end its side");
}

std::size_t raise_descriptor_limit() noexcept {
    ::rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const ::rlimit highest{limit.rlim_max, limit.rlim_max};
    return ::setrlimit(RLIMIT_NOFILE, &highest) == 0 ? highest.rlim_cur : limit.rlim_cur;
}

} // namespace fairlead::command
