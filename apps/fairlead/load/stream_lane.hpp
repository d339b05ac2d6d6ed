#pragma once

#include "load/lane.hpp"

#include <fairlead/reconnect_backoff.hpp>
#include <fairlead/session.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace fairlead::command {

class load_worker;

/// A connection of TCP or a Unix socket: replies come in the order of the messages.
///
///     messages   0  …  answered_  …  sent_        those between wait for their reply
///                         └ part_ bytes of its reply have come, with framing raw
class stream_lane final : public lane {
public:
    stream_lane(load_worker& owner, std::size_t id);

    boost::asio::awaitable<void> run() override;
    bool has_room() const noexcept override;
    void send(time_point due, time_point now) override;
    void sweep(time_point now) override;
    void stop() override;
    void give_up() override;

private:
    struct pending {
        time_point due;
        time_point sent;
    };
    boost::asio::awaitable<bool> converse(std::shared_ptr<session> server);
    void send_more(time_point now);
    bool is_done(time_point now) const noexcept;
    void take(bytes_view reply, time_point now);
    void take_whole(bytes_view reply, time_point now);
    void take_part(bytes_view& bytes, time_point now);
    void answered(time_point now, std::size_t sent, std::size_t received);
    void note_end(const session& server, error_code why_none);
    void note_wrong(const std::string& how);
    std::uint64_t waiting() const noexcept { return sent_ - answered_; }
    pending& place(std::uint64_t number) noexcept { return pending_[number & (pending_.size() - 1)]; }

    load_worker& owner_;
    const std::size_t id_;
    const bool raw_;
    reconnect_backoff backoff_;
    session* session_ = nullptr;   // while messages are exchanged
    std::vector<pending> pending_; // a power of two of them
    std::uint64_t sent_ = 0;
    std::uint64_t answered_ = 0;
    std::uint64_t first_ = 0; // of this connection
    std::size_t part_ = 0;
    bool part_wrong_ = false;
    bool overdue_ = false;
    bool given_up_ = false;
};

} // namespace fairlead::command
