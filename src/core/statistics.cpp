#include <fairlead/statistics.hpp>

#include "datagram/datagram_counters.hpp"

#include <iterator>
#include <numeric>

namespace fairlead {

namespace {

constexpr counted_field<closed_sessions> closed_fields[] = {
    {"closed_by_peer", &closed_sessions::by_peer},
    {"closed_by_handler", &closed_sessions::by_handler},
    {"closed_by_stop", &closed_sessions::by_stop},
    {"closed_cut_off", &closed_sessions::cut_off},
    {"closed_by_system", &closed_sessions::by_system},
    {"closed_truncated", &closed_sessions::truncated},
    {"closed_message_too_large", &closed_sessions::message_too_large},
    {"closed_malformed", &closed_sessions::malformed},
    {"closed_handler_failed", &closed_sessions::handler_failed},
    {"closed_first_message_timeout", &closed_sessions::first_message_timeout},
    {"closed_message_timeout", &closed_sessions::message_timeout},
    {"closed_idle_timeout", &closed_sessions::idle_timeout},
    {"closed_write_timeout", &closed_sessions::write_timeout},
    {"closed_handler_timeout", &closed_sessions::handler_timeout},
    {"closed_otherwise", &closed_sessions::otherwise},
};
static_assert(std::size(closed_fields) * sizeof(std::uint64_t) == sizeof(closed_sessions));

constexpr counted_field<session_statistics> session_fields[] = {
    {"accepted", &session_statistics::accepted},
    {"active", &session_statistics::active},
    {"tls_handshakes", &session_statistics::tls_handshakes},
    {"tls_handshake_failures", &session_statistics::tls_handshake_failures},
    {"held_for_handshakes", &session_statistics::held_for_handshakes},
    {"messages_in", &session_statistics::messages_in},
    {"messages_out", &session_statistics::messages_out},
    {"bytes_in", &session_statistics::bytes_in},
    {"bytes_out", &session_statistics::bytes_out},
    {"held_back", &session_statistics::held_back},
    {"send_queue_full", &session_statistics::send_queue_full},
    {"held_for_memory", &session_statistics::held_for_memory},
    {"handlers_overdue", &session_statistics::handlers_overdue},
    {"blocked", &session_statistics::blocked},
    {"buffered_bytes", &session_statistics::buffered_bytes},
};
static_assert(std::size(session_fields) * sizeof(std::uint64_t) + sizeof(closed_sessions) +
                  sizeof(datagram_statistics) ==
              sizeof(session_statistics));

constexpr counted_field<statistics> server_fields[] = {
    {"accept_failures", &statistics::accept_failures},
    {"accept_pauses", &statistics::accept_pauses},
    {"held_for_sessions", &statistics::held_for_sessions},
    {"held_for_rate", &statistics::held_for_rate},
    {"refused_for_address", &statistics::refused_for_address},
    {"refused_for_memory", &statistics::refused_for_memory},
    {"refused_for_proxy", &statistics::refused_for_proxy},
    {"buffer_budget", &statistics::buffer_budget},
    {"suppressed_log_lines", &statistics::suppressed_log_lines},
    {"lost_log_lines", &statistics::lost_log_lines},
};

constexpr counted_field<listener_statistics> listener_session_fields[] = {
    {"accepted", &listener_statistics::accepted},
    {"active", &listener_statistics::active},
};

constexpr counted_field<listener_statistics> listener_accept_fields[] = {
    {"accept_failures", &listener_statistics::accept_failures},
    {"accept_pauses", &listener_statistics::accept_pauses},
    {"held_for_sessions", &listener_statistics::held_for_sessions},
    {"held_for_rate", &listener_statistics::held_for_rate},
    {"refused_for_address", &listener_statistics::refused_for_address},
    {"refused_for_memory", &listener_statistics::refused_for_memory},
    {"refused_for_proxy", &listener_statistics::refused_for_proxy},
};

template <class Counted, std::size_t Size>
void write(std::string& line, const Counted& counted, const counted_field<Counted> (&fields)[Size]) {
    for (const auto& [name, value] : fields) {
        if (!line.empty())
            line += ' ';
        line += name;
        line += '=' + std::to_string(counted.*value);
    }
}

} // namespace

std::uint64_t closed_sessions::total() const noexcept {
    return std::accumulate(std::begin(closed_fields), std::end(closed_fields), std::uint64_t{0},
                           [this](std::uint64_t sum, const auto& each) { return sum + this->*each.value; });
}

session_statistics& session_statistics::operator+=(const session_statistics& other) noexcept {
    for (const auto& each : closed_fields)
        closed.*each.value += other.closed.*each.value;
    for (const auto& each : session_fields)
        this->*each.value += other.*each.value;
    datagrams += other.datagrams;
    return *this;
}

std::string to_string(const datagram_statistics& counted) {
    std::string line;
    write(line, counted, datagram_fields<std::uint64_t>);
    return line;
}

std::string to_string(const session_statistics& counted) {
    std::string line;
    write(line, counted, session_fields);
    write(line, counted.closed, closed_fields);
    return line;
}

std::string to_string(const listener_statistics& counted) {
    std::string line = counted.address.to_string();
    if (!counted.open)
        line += " closed";
    write(line, counted, listener_session_fields);
    if (counted.address.transport() == transport::udp)
        write(line, counted.datagrams, datagram_fields<std::uint64_t>);
    else
        write(line, counted, listener_accept_fields);
    return line;
}

std::string to_string(const statistics& counted) {
    std::string line = to_string(static_cast<const session_statistics&>(counted));
    write(line, counted, server_fields);
    return line;
}

} // namespace fairlead
