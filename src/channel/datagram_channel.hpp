#pragma once

#include "channel/channel.hpp"
#include "channel/datagram_queue.hpp"
#include "datagram/datagram_sessions.hpp"
#include "datagram/reply_rules.hpp"
#include "net/kept_endpoint.hpp"
#include "runtime/shard_core.hpp"

#include <cstddef>
#include <optional>

namespace fairlead {

/// The datagrams of one peer, each of which is a message.
///
///     deliver ──▶ arrived ──fill──▶ read ──receive──▶ message_sink
///     system  ◀── batch of the endpoint ◀────send──── message
///
/// A bounded number of bytes waits to be received. Further datagrams are dropped, as the network
/// drops datagrams too. Sending never waits: datagrams that the system does not take are dropped.
///
/// Lifetime: the sessions it belongs to, and their endpoint, outlive it.
class datagram_channel final : public channel, public peer_ranking::place, private end_of_turn_task {
public:
    /// Makes the channel for a datagram of `first` bytes, which will be handed over.
    datagram_channel(datagram_sessions& among, const datagram_sessions::address& remote, const datagram_path& path,
                     std::size_t first);
    ~datagram_channel() override;

    /// Passes a datagram to the session at once if the session waits for one; else queues it.
    void deliver(bytes_view datagram, const datagram_path& path);

    /// The same for the datagram for which the channel was made; the constructor has counted it.
    void hand_over(bytes_view datagram);

    /// Ends the input with `errc::refused_by_limit`, because another peer needs the place of this one.
    void evict() noexcept;

    const datagram_sessions::address& address() const noexcept { return address_; }

    result<std::size_t> fill(std::size_t most) override;
    bool drained() const noexcept override { return false; }
    result<receive_outcome> receive(message_sink& to) override;
    result<std::size_t> discard() override { return errc::closed; } // the peer of a datagram has no end to wait for
    bool input_ended() const noexcept override { return false; }
    bool inside_message() override { return !read_.empty(); }
    std::string explain(error_code why) const override;
    std::span<unsigned char> writable(bytes_view part) override { return replies_.writable(part, read_.bytes()); }

    result<output_progress> send(bytes_view message) override;
    output_progress write() override { return {}; }
    std::size_t queued() const noexcept override { return 0; }
    error_code output_failure() const noexcept override { return failure_; }
    void fail_output(error_code why) noexcept override { failure_ = why; }

    std::size_t held() const noexcept override { return 0; } ///< receiving takes no memory, but frees it
    std::size_t held_input() const noexcept override { return 0; }
    std::size_t room() const noexcept override { return 0; }
    bool park() override;
    void drop_input() noexcept override;

    event& readable() noexcept override { return readable_; }
    event& writable() noexcept override { return writable_; }
    void look_again() noexcept override {}
    void shutdown() noexcept override {}
    void close() noexcept override;
    endpoint local() const override;
    endpoint remote() const override { return remote_.get(); } // the watchdog asks while `path_` changes
    endpoint transport_remote() const override { return path_.remote_endpoint(); }
    std::optional<proxy_info> proxy() const override;
    int native_handle() const noexcept override { return -1; }

private:
    // A datagram that may be received as long as `hand_over` lasts.
    struct offer {
        bytes_view datagram;
        bool taken = false;
        bool channel_gone = false;
    };

    void end_of_turn() override; // resumes a waiting session after a close or a queued datagram
    void put_in_queue(bytes_view datagram);
    bool take_offer() noexcept;
    void drop_unread() noexcept;
    void leave() noexcept;

    datagram_sessions& sessions_;
    udp_endpoint& endpoint_;
    datagram_sessions::address address_;
    const kept_endpoint remote_;
    datagram_path path_;
    amplification_budget budget_;
    datagram_queue arrived_;
    datagram_queue read_;
    error_code failure_;
    offer* offer_ = nullptr;
    event readable_;
    event writable_; // never notified: nothing waits to be written
    bool closed_ = false;
    error_code why_closed_ = errc::closed;
};

} // namespace fairlead
