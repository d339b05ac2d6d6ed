#include <fairlead/handlers/file_receiver.hpp>

#include "core/descriptor_reserve.hpp"
#include "file_transfer/directory_storage.hpp"
#include "file_transfer/message_batch.hpp"
#include "file_transfer/plain_receiver.hpp"
#include "file_transfer/receiver_protocol.hpp"
#include "file_transfer/receiver_state.hpp"
#include "runtime/periodic_thread.hpp"

#include <fairlead/runtime.hpp>
#include <fairlead/session.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <utility>

namespace fairlead {

namespace {

using namespace file_transfer;
using clock = std::chrono::steady_clock;

file_receiver_options checked(file_receiver_options options) {
    if (options.directory.empty())
        throw std::invalid_argument{"a receiver of files needs a directory"};
    if (options.max_chunk == 0 || options.max_uploads == 0)
        throw std::invalid_argument{"max_chunk and max_uploads of a receiver of files must be at least 1"};
    return options;
}

/// The state of a receiver into a directory, and a thread that looks after what is kept there.
class directory_state {
public:
    explicit directory_state(const file_receiver_options& options, std::unique_ptr<directory_storage> disk)
        : disk_{*disk}, state{options, std::move(disk)}, tidying_{"for the partial uploads of " + options.directory,
                                                                  pause(options.keep_partials),
                                                                  [this] { disk_.expire(); }} {}

private:
    // One for each upload; others for a while, as to read a directory or what was kept.
    static std::size_t descriptors_for(const file_receiver_options& options) {
        constexpr std::size_t for_a_while = 8;
        constexpr std::size_t most = 1'000'000'000; // for whoever wants no limit
        return std::min(options.max_uploads, most) + for_a_while;
    }

    static std::chrono::milliseconds pause(std::chrono::milliseconds kept) {
        constexpr std::chrono::milliseconds longest = std::chrono::hours{1};
        return kept.count() == 0 ? longest
                                 : std::clamp<std::chrono::milliseconds>(kept / 4, std::chrono::seconds{1}, longest);
    }

    directory_storage& disk_;

public:
    receiver_state state;

private:
    const descriptor_reserve files_{descriptors_for(state.options)};
    periodic_thread tidying_;
};

std::shared_ptr<receiver_state> make_state(file_receiver_options options) {
    options = checked(std::move(options));
    auto disk = std::make_unique<directory_storage>(options.directory, options.mode, options.keep_partials,
                                                    options.max_partials);
    const auto made = std::make_shared<directory_state>(options, std::move(disk));
    return {made, &made->state};
}

// A sender would wait for ever for a reply that is left out; one that is gone waits for none, and what it sent counts.
result<void> send_replies(const std::vector<message>& replies, session& to) {
    for (const message& each : replies) {
        if (const auto sent = to.send(write_message(each)); !sent && !to.close_reason())
            return sent;
    }
    return {};
}

/// Waits for the next message, but no longer than until the files that are open are to be looked at.
boost::asio::awaitable<result<bytes_view>> receive_next(session& peer, std::optional<std::chrono::milliseconds> look) {
    if (look)
        co_return co_await peer.receive(*look);
    co_return co_await peer.receive();
}

/// Takes what is left of the messages, and settles. Gives false when others are to have their turn before that.
bool take_turn(receiver_protocol& files, const std::optional<message_batch>& batch, std::size_t& taken) {
    const auto now = clock::now();
    std::optional<std::uint64_t> left; // bytes to read in this turn
    while (files.reading() || (batch && taken < batch->size())) {
        if (!files.reading()) {
            files.take((*batch)[taken++], now);
            continue;
        }
        if (!left)
            left = files.turn();
        if (*left == 0)
            return false;
        *left -= std::min(*left, files.read_on(*left, now));
    }
    files.look_at_time(now);
    files.settle(now);
    return true;
}

/// Whether the session is over, or its peer has ended its side, though nobody has received that yet.
bool is_gone(const session& peer) {
    if (peer.close_reason())
        return true;
    ::pollfd socket{.fd = peer.native_handle(), .events = POLLRDHUP, .revents = 0};
    return socket.fd >= 0 && ::poll(&socket, 1, 0) == 1;
}

boost::asio::awaitable<void> receive_files(session& peer, std::shared_ptr<receiver_state> all) {
    receiver_protocol files{*all, peer.remote()};
    std::string why; // it ended
    for (;;) {
        const auto first = co_await receive_next(peer, files.next_look());
        if (!first && first.error() != errc::timed_out)
            break;
        const auto batch = first ? std::optional<message_batch>{std::in_place, *first, peer} : std::nullopt;
        std::size_t taken = 0;
        auto work = [&] { return take_turn(files, batch, taken); };
        for (;;) {
            const bool done = co_await peer.shard().blocking(work);
            if (done)
                break;
            if (is_gone(peer))
                why = "its connection ended while a file on the disk was read to answer it";
            if (!why.empty())
                break;
        }
        if (!why.empty())
            break;
        const auto sent = send_replies(files.replies(), peer);
        if (!sent)
            why = "a reply could not be sent: " + sent.error().message();
        else if (files.broken())
            why = "its sender did not keep to the protocol";
        if (!why.empty())
            break;
    }
    if (why.empty())
        why = peer.close_reason().message();
    auto end = [&] { files.end(why); };
    co_await peer.shard().blocking(end);
}

boost::asio::awaitable<void> receive_plain(session& peer, std::shared_ptr<receiver_state> all, std::string separator) {
    plain_receiver file{*all, peer.remote(), std::move(separator)};
    for (;;) {
        const auto received = co_await receive_next(peer, file.next_look());
        if (!received && received.error() != errc::timed_out)
            break;
        auto work = [&] {
            const auto now = clock::now();
            if (received)
                file.take(*received, now);
            file.look_at_time(now);
        };
        co_await peer.shard().blocking(work);
        if (file.over())
            co_return;
    }
    const auto reason = peer.close_reason();
    const std::string why = reason.message();
    auto end = [&] {
        if (reason.code == errc::closed && reason.by == closed_by::peer)
            file.finish(clock::now());
        else
            file.cut(why);
    };
    co_await peer.shard().blocking(end);
}

} // namespace

file_receiver::file_receiver(file_receiver_options options) : state_{make_state(std::move(options))} {}

boost::asio::awaitable<void> file_receiver::operator()(session& peer) const {
    return receive_files(peer, state_);
}

file_receiver_statistics file_receiver::statistics() const {
    return {.offered = state_->offered,
            .stored = state_->stored,
            .refused = state_->refused,
            .failed = state_->failed,
            .bytes = state_->bytes,
            .open = state_->limits.open_now()};
}

plain_file_receiver::plain_file_receiver(file_receiver_options options, std::string separator)
    : files_{std::move(options)}, separator_{std::move(separator)} {
    if (separator_.empty())
        throw std::invalid_argument{"the separator behind the name of a file must not be empty"};
}

boost::asio::awaitable<void> plain_file_receiver::operator()(session& peer) const {
    return receive_plain(peer, files_.state_, separator_);
}

} // namespace fairlead
