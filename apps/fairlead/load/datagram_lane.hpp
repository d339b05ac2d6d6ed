#pragma once

#include "load/datagram_window.hpp"
#include "load/lane.hpp"

#include <fairlead/udp_client.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace fairlead::command {

class load_worker;

/// A socket of UDP. A datagram of eight bytes or more begins with its number, by which its reply is known again:
///
///     | 0 0 0 0 2 A 1 F | bytes of the payload …            hexadecimal digits, which survive a change of case
///
/// A reply without a number is taken for one to the message that has waited longest.
class datagram_lane final : public lane {
public:
    datagram_lane(load_worker& owner, std::size_t id);

    boost::asio::awaitable<void> run() override;
    bool has_room() const noexcept override;
    void send(time_point due, time_point now) override;
    void sweep(time_point now) override;
    void stop() override;
    void give_up() override;

private:
    boost::asio::awaitable<void> converse(std::unique_ptr<udp_client> server);
    void send_more(time_point now);
    bool is_done(time_point now) const noexcept;
    bool used_up() const noexcept;
    void take(bytes_view reply, time_point now);
    std::optional<datagram_window::pending> close(bytes_view reply) noexcept;
    bytes_view datagram(std::uint32_t number);
    void note_refused(const error_code& why);

    load_worker& owner_;
    const std::size_t id_;
    udp_client* client_ = nullptr; // while messages are exchanged
    datagram_window window_;
    std::string datagram_;
    std::uint64_t sent_ = 0; // by this socket
};

} // namespace fairlead::command
