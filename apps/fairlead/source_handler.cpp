#include "source_handler.hpp"

#include <fairlead/session.hpp>
#include <fairlead/shard.hpp>
#include <fairlead/task_group.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <vector>

namespace fairlead::command {

namespace {

constexpr std::size_t block_size = 64 * 1024;

/// The messages that each client gets.
struct outgoing_content {
    std::uint64_t size;     // of a message
    std::uint64_t messages; // 0: any number
    std::vector<unsigned char> block;
};

std::vector<unsigned char> make_block(const source_settings& settings) {
    std::vector<unsigned char> block(std::min(settings.size, block_size));
    if (settings.is_random()) {
        std::mt19937_64 numbers{std::random_device{}()};
        std::generate(block.begin(), block.end(), [&] { return static_cast<unsigned char>(numbers() >> 56); });
    }
    return block;
}

/// Sends messages to one client.
class content_sender {
public:
    content_sender(session& to, const outgoing_content& content) : to_{to}, content_{content} {}

    boost::asio::awaitable<void> run() {
        std::uint64_t left = content_.messages == 0 ? std::numeric_limits<std::uint64_t>::max() : content_.messages;
        for (; left != 0 && !to_.stopping(); --left) {
            const auto sent = co_await send_message();
            if (!sent)
                co_return;
        }
    }

private:
    boost::asio::awaitable<result<void>> send_message() {
        const auto begun = co_await to_.begin_message(content_.size);
        if (!begun)
            co_return begun;
        const bytes_view block{content_.block.data(), content_.block.size()};
        for (std::uint64_t left = content_.size; left != 0;) {
            const bytes_view part = block.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, block.size())));
            const auto sent = co_await to_.send_part(part);
            if (!sent)
                co_return sent;
            left -= part.size();
        }
        co_return to_.end_message();
    }

    session& to_;
    const outgoing_content& content_;
};

// A client that has ended its direction may still read; one that has left lets `send_part` fail.
boost::asio::awaitable<void> drop_input(session& client) {
    const error_code why = co_await client.ended();
    const bool goes_on = why == errc::closed || why == errc::stopping || why == boost::asio::error::operation_aborted;
    if (!goes_on)
        client.close();
}

boost::asio::awaitable<void> send_messages(session& client, std::shared_ptr<const outgoing_content> content) {
    const auto body = [&client, &content](task_group& tasks) -> boost::asio::awaitable<void> {
        co_await tasks.start(drop_input(client));
        content_sender sender{client, *content};
        co_await sender.run();
        tasks.cancel();
    };
    co_await with_tasks(1, body);
}

} // namespace

handler source(const source_settings& settings) {
    const auto content = std::make_shared<const outgoing_content>(
        outgoing_content{settings.size, settings.messages, make_block(settings)});
    return [content](session& client) { return send_messages(client, content); };
}

} // namespace fairlead::command
