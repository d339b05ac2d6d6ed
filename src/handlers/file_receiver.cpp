#include <fairlead/handlers/file_receiver.hpp>

#include "core/descriptor_reserve.hpp"
#include "file_transfer/directory_storage.hpp"
#include "file_transfer/message_batch.hpp"
#include "file_transfer/plain_receiver.hpp"
#include "file_transfer/receiver_connection.hpp"
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

/// The state of a receiver for one directory, and a thread that removes expired partial uploads.
class directory_state {
public:
    explicit directory_state(const file_receiver_options& options, std::unique_ptr<directory_storage> disk)
        : disk_{*disk}, state{options, std::move(disk)}, tidying_{"for the partial uploads of " + options.directory,
                                                                  pause(options.keep_partials),
                                                                  [this] { disk_.expire(); }} {}

private:
    // One for each upload, and some for short uses, such as to read a directory or a partial upload.
    static std::size_t descriptors_for(const file_receiver_options& options) {
        constexpr std::size_t for_a_while = 8;
        constexpr std::size_t most = 1'000'000'000; // for a `max_uploads` that means no limit
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

/// Waits for the next message, but not longer than until the open files must be checked.
boost::asio::awaitable<result<bytes_view>> receive_next(session& peer, std::optional<std::chrono::milliseconds> look) {
    if (look)
        co_return co_await peer.receive(*look);
    co_return co_await peer.receive();
}

/// Takes the messages that are left and settles. Returns false if others must have their turn before that.
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

/// Returns true if the session is over, or if its peer has ended its side, which may not have been received yet.
bool is_gone(const session& peer) {
    if (peer.close_reason())
        return true;
    ::pollfd socket{.fd = peer.native_handle(), .events = POLLRDHUP, .revents = 0};
    return socket.fd >= 0 && ::poll(&socket, 1, 0) == 1;
}

/// Ensures that coroutines of hooks use the session only while its handler runs.
class end_of_handler {
public:
    explicit end_of_handler(std::shared_ptr<receiver_connection> of) noexcept : connection_{std::move(of)} {}
    end_of_handler(const end_of_handler&) = delete;
    end_of_handler& operator=(const end_of_handler&) = delete;
    ~end_of_handler() { connection_->let_go(); }

private:
    std::shared_ptr<receiver_connection> connection_;
};

using pause = std::optional<std::chrono::milliseconds>;

/// Takes the result of one `receive`, in turns; others have theirs in between. Returns the reason why the
/// connection ends, or an empty string; `look` is then the longest time until its files must be checked.
boost::asio::awaitable<std::string> take_messages(session& peer, receiver_connection& connection,
                                                  receiver_protocol& files, result<bytes_view> first, pause& look) {
    const auto batch = first ? std::optional<message_batch>{std::in_place, *first, peer} : std::nullopt;
    std::size_t taken = 0;
    auto work = [&] { return take_turn(files, batch, taken); };
    for (bool done = false; !done;) {
        const auto held = co_await connection.begin_turn();
        done = co_await peer.shard().blocking(work);
        if (!done && is_gone(peer))
            co_return "its connection ended while a file on the disk was read to answer it";
        const auto sent = connection.answer();
        if (!sent)
            co_return "a reply could not be sent: " + sent.error().message();
        if (files.broken())
            co_return "its sender did not keep to the protocol";
        look = files.next_look();
    }
    co_return std::string{};
}

boost::asio::awaitable<void> receive_files(session& peer, std::shared_ptr<receiver_state> all) {
    const auto files = std::make_shared<receiver_protocol>(*all, peer.remote());
    const auto connection = std::make_shared<receiver_connection>(all, files, peer, receiver_connection::answers::sent);
    const end_of_handler whatever_happens{connection};
    // The first wait with a limit takes a descriptor for the timer of the shard. It is made now, before uploads
    // take the descriptors that are left.
    pause look = std::chrono::hours{1};
    std::string why; // the reason why the connection ended
    for (;;) {
        co_await connection->wait_for_room();
        const auto first = co_await receive_next(peer, look);
        if (!first && first.error() != errc::timed_out) {
            why = peer.close_reason().message();
            break;
        }
        why = co_await take_messages(peer, *connection, *files, first, look);
        if (!why.empty())
            break;
    }
    {
        const auto held = co_await connection->begin_turn();
        auto end = [&] { files->end(why); };
        co_await peer.shard().blocking(end);
        static_cast<void>(connection->answer());
    }
    co_await connection->wait_for_hooks();
}

boost::asio::awaitable<void> receive_plain(session& peer, std::shared_ptr<receiver_state> all, std::string separator) {
    const auto file = std::make_shared<plain_receiver>(*all, peer.remote(), std::move(separator));
    const std::shared_ptr<receiver_protocol> files{file, &file->files()};
    const auto connection = std::make_shared<receiver_connection>(all, files, peer, receiver_connection::answers::none);
    const end_of_handler whatever_happens{connection};
    while (!file->over()) {
        const auto received = co_await receive_next(peer, file->next_look());
        const bool ended = !received && received.error() != errc::timed_out;
        const auto reason = peer.close_reason();
        const std::string why = reason.message();
        auto work = [&] {
            const auto now = clock::now();
            if (received)
                file->take(*received, now);
            if (!ended)
                file->look_at_time(now);
            else if (reason.code == errc::closed && reason.by == closed_by::peer)
                file->finish(now);
            else
                file->cut(why);
        };
        const auto held = co_await connection->begin_turn();
        co_await peer.shard().blocking(work);
        static_cast<void>(connection->answer());
        if (ended)
            break;
    }
    co_await connection->wait_for_hooks();
}

file_receiver_statistics statistics_of(const file_transfer::receiver_state& state) {
    return {.offered = state.offered,
            .stored = state.stored,
            .refused = state.refused,
            .failed = state.failed,
            .bytes = state.bytes,
            .open = state.limits.open_now()};
}

} // namespace

file_receiver::file_receiver(file_receiver_options options) : state_{make_state(std::move(options))} {}

boost::asio::awaitable<void> file_receiver::operator()(session& peer) const {
    return receive_files(peer, state_);
}

file_receiver_statistics file_receiver::statistics() const {
    return statistics_of(*state_);
}

result<void> file_receiver::refuse(session& peer, std::string_view reason) {
    return peer.send(write_message(refusal{.code = refusal_code::refused, .reason = std::string{reason}}));
}

plain_file_receiver::plain_file_receiver(file_receiver_options options, std::string separator)
    : state_{make_state(std::move(options))}, separator_{std::move(separator)} {
    if (separator_.empty())
        throw std::invalid_argument{"the separator behind the name of a file must not be empty"};
}

boost::asio::awaitable<void> plain_file_receiver::operator()(session& peer) const {
    return receive_plain(peer, state_, separator_);
}

file_receiver_statistics plain_file_receiver::statistics() const {
    return statistics_of(*state_);
}

} // namespace fairlead
