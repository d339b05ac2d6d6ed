#pragma once

#include "metrics/metrics_writer.hpp"

#include <fairlead/statistics.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace fairlead {

/// A count and the metric that shows it. The `name` is without the prefix and without `_total`.
template <class Counted>
struct metric_field {
    metric_kind kind;
    const char* name;
    std::uint64_t Counted::*value;
    const char* help;
};

/// A count that is shown as one `cause` of a metric.
template <class Counted>
struct cause_field {
    const char* cause;
    std::uint64_t Counted::*value;
};

inline constexpr metric_field<session_statistics> session_metrics[] = {
    {metric_kind::counter, "sessions_accepted", &session_statistics::accepted, "Sessions begun."},
    {metric_kind::gauge, "sessions_active", &session_statistics::active, "Sessions open now."},
    {metric_kind::counter, "tls_handshakes", &session_statistics::tls_handshakes, "TLS handshakes done."},
    {metric_kind::counter, "tls_handshake_failures", &session_statistics::tls_handshake_failures,
     "TLS handshakes that failed, or did not end in time."},
    {metric_kind::counter, "held_for_handshakes", &session_statistics::held_for_handshakes,
     "TLS handshakes that waited because of limits."},
    {metric_kind::counter, "messages_in", &session_statistics::messages_in, "Whole messages received."},
    {metric_kind::counter, "messages_out", &session_statistics::messages_out, "Messages queued to be sent."},
    {metric_kind::counter, "bytes_in", &session_statistics::bytes_in, "Bytes read from peers, framing included."},
    {metric_kind::counter, "bytes_out", &session_statistics::bytes_out, "Bytes written to peers, framing included."},
    {metric_kind::counter, "held_back", &session_statistics::held_back,
     "Times a peer was not read because it did not take its replies (write_high_watermark)."},
    {metric_kind::counter, "send_queue_full", &session_statistics::send_queue_full,
     "Messages refused because of max_write_buffer."},
    {metric_kind::counter, "held_for_memory", &session_statistics::held_for_memory,
     "Times a peer was not read because of buffer_budget."},
    {metric_kind::counter, "handlers_overdue", &session_statistics::handlers_overdue,
     "Connections closed because of handler_timeout."},
    {metric_kind::counter, "blocked", &session_statistics::blocked, "Times a handler kept its thread too long."},
    {metric_kind::gauge, "buffered_bytes", &session_statistics::buffered_bytes, "Bytes held by buffers now."},
};
static_assert(std::size(session_metrics) * sizeof(std::uint64_t) + sizeof(closed_sessions) +
                  sizeof(datagram_statistics) ==
              sizeof(session_statistics));

inline constexpr cause_field<closed_sessions> causes_of_end[] = {
    {"peer", &closed_sessions::by_peer},
    {"handler", &closed_sessions::by_handler},
    {"stop", &closed_sessions::by_stop},
    {"cut_off", &closed_sessions::cut_off},
    {"system", &closed_sessions::by_system},
    {"truncated", &closed_sessions::truncated},
    {"message_too_large", &closed_sessions::message_too_large},
    {"malformed", &closed_sessions::malformed},
    {"handler_failed", &closed_sessions::handler_failed},
    {"first_message_timeout", &closed_sessions::first_message_timeout},
    {"message_timeout", &closed_sessions::message_timeout},
    {"idle_timeout", &closed_sessions::idle_timeout},
    {"write_timeout", &closed_sessions::write_timeout},
    {"handler_timeout", &closed_sessions::handler_timeout},
    {"otherwise", &closed_sessions::otherwise},
};
static_assert(std::size(causes_of_end) * sizeof(std::uint64_t) == sizeof(closed_sessions));

inline constexpr metric_field<statistics> server_metrics[] = {
    {metric_kind::counter, "accept_failures", &statistics::accept_failures, "Connections not accepted."},
    {metric_kind::counter, "accept_pauses", &statistics::accept_pauses,
     "Times accepting paused because descriptors or memory were short."},
    {metric_kind::counter, "held_for_sessions", &statistics::held_for_sessions,
     "Times accepting paused because of max_sessions."},
    {metric_kind::counter, "held_for_rate", &statistics::held_for_rate,
     "Times accepting paused because of accept_rate."},
    {metric_kind::counter, "refused_for_address", &statistics::refused_for_address,
     "Connections closed because of max_sessions_per_address."},
    {metric_kind::counter, "refused_for_memory", &statistics::refused_for_memory,
     "Connections closed because of buffer_budget."},
    {metric_kind::counter, "refused_for_proxy", &statistics::refused_for_proxy,
     "Connections closed because of proxy_server_options."},
    {metric_kind::counter, "suppressed_log_lines", &statistics::suppressed_log_lines,
     "Log lines left out because there were too many."},
    {metric_kind::counter, "lost_log_lines", &statistics::lost_log_lines, "Log lines that could not be written."},
};

inline constexpr metric_field<statistics> budget_metrics[] = {
    {metric_kind::gauge, "buffer_budget_bytes", &statistics::buffer_budget, "The limit of fairlead_buffered_bytes."},
};

// The size of all counts of a server, without those of its sessions and without its two lists.
static_assert((std::size(server_metrics) + std::size(budget_metrics)) * sizeof(std::uint64_t) ==
              sizeof(statistics) - sizeof(session_statistics) - sizeof(statistics::shards) -
                  sizeof(statistics::listeners));

inline constexpr metric_field<listener_statistics> listener_session_metrics[] = {
    {metric_kind::counter, "sessions_accepted", &listener_statistics::accepted, "Sessions begun."},
    {metric_kind::gauge, "sessions_active", &listener_statistics::active, "Sessions open now."},
};

inline constexpr metric_field<listener_statistics> listener_accept_metrics[] = {
    {metric_kind::gauge, "max_sessions", &listener_statistics::max_sessions,
     "How many sessions there may be, by max_sessions and descriptors."},
    {metric_kind::counter, "accept_failures", &listener_statistics::accept_failures, "Connections not accepted."},
    {metric_kind::counter, "accept_pauses", &listener_statistics::accept_pauses,
     "Times accepting paused because descriptors or memory were short."},
    {metric_kind::counter, "held_for_sessions", &listener_statistics::held_for_sessions,
     "Times accepting paused because of max_sessions."},
    {metric_kind::counter, "held_for_rate", &listener_statistics::held_for_rate,
     "Times accepting paused because of accept_rate."},
    {metric_kind::counter, "refused_for_address", &listener_statistics::refused_for_address,
     "Connections closed because of max_sessions_per_address."},
    {metric_kind::counter, "refused_for_memory", &listener_statistics::refused_for_memory,
     "Connections closed because of buffer_budget."},
    {metric_kind::counter, "refused_for_proxy", &listener_statistics::refused_for_proxy,
     "Connections closed because of proxy_server_options."},
};

static_assert((std::size(listener_session_metrics) + std::size(listener_accept_metrics)) * sizeof(std::uint64_t) ==
              offsetof(listener_statistics, datagrams) - offsetof(listener_statistics, accepted));

inline constexpr metric_field<datagram_statistics> datagram_metrics[] = {
    {metric_kind::counter, "datagrams_received", &datagram_statistics::received, "Datagrams received from the system."},
    {metric_kind::counter, "datagrams_sent", &datagram_statistics::sent, "Datagrams given to the system."},
    {metric_kind::counter, "datagrams_receive_failures", &datagram_statistics::receive_failures,
     "Times the system reported an error instead of a datagram."},
    {metric_kind::counter, "datagrams_handler_failures", &datagram_statistics::handler_failures,
     "Times a handler of datagrams threw."},
    {metric_kind::counter, "datagrams_evicted_peers", &datagram_statistics::evicted_peers,
     "Sessions over UDP that were ended for a new peer."},
};

inline constexpr cause_field<datagram_statistics> causes_of_drop[] = {
    {"system", &datagram_statistics::dropped_by_system},    {"too_large", &datagram_statistics::dropped_too_large},
    {"proxy", &datagram_statistics::dropped_for_proxy},     {"peers", &datagram_statistics::dropped_for_peers},
    {"queue", &datagram_statistics::dropped_for_queue},     {"memory", &datagram_statistics::dropped_for_memory},
    {"malformed", &datagram_statistics::dropped_malformed}, {"end", &datagram_statistics::dropped_by_end},
};

inline constexpr cause_field<datagram_statistics> causes_of_refusal[] = {
    {"ratio", &datagram_statistics::refused_for_ratio},
    {"rate", &datagram_statistics::refused_for_rate},
    {"target", &datagram_statistics::refused_for_target},
};

inline constexpr cause_field<datagram_statistics> causes_of_failure[] = {
    {"too_large", &datagram_statistics::failed_too_large},
    {"no_room", &datagram_statistics::failed_no_room},
    {"not_permitted", &datagram_statistics::failed_not_permitted},
    {"unreachable", &datagram_statistics::failed_unreachable},
    {"otherwise", &datagram_statistics::failed_otherwise},
};
static_assert((std::size(datagram_metrics) + std::size(causes_of_drop) + std::size(causes_of_refusal) +
               std::size(causes_of_failure)) *
                  sizeof(std::uint64_t) ==
              sizeof(datagram_statistics));

} // namespace fairlead
