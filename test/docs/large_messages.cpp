// What docs/large-messages.md shows.

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/session.hpp>
#include <fairlead/shard.hpp>
#include <fairlead/testkit/memory_stream.hpp>

#include "support/run.hpp"

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <istream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

boost::asio::awaitable<void> count_lines(fairlead::session& peer) {
    std::uint64_t lines = 0;
    while (const auto part = co_await peer.receive_part()) {
        lines += static_cast<std::uint64_t>(std::ranges::count(part->bytes, '\n'));
        if (part->last())
            peer.send(std::to_string(std::exchange(lines, 0)) + " lines");
    }
}

fairlead::framing large_texts() {
    return fairlead::length_prefixed{{.width = 8, .max_in_parts = std::uint64_t{1} << 40}}; // 1 TiB
}

boost::asio::awaitable<fairlead::result<void>> send_file(fairlead::session& server, std::istream& file,
                                                         std::uint64_t size) {
    auto sent = co_await server.begin_message(size);
    std::vector<char> block(64 * 1024);
    for (std::uint64_t left = size; sent && left != 0;) {
        const auto wanted = static_cast<std::streamsize>(std::min<std::uint64_t>(left, block.size()));
        if (!file.read(block.data(), wanted))
            co_return fairlead::errc::truncated; // the connection is of no use any more: close it
        left -= static_cast<std::uint64_t>(wanted);
        const fairlead::bytes_view part{block.data(), static_cast<std::size_t>(wanted)};
        sent = co_await server.send_part(part);
    }
    co_return sent ? server.end_message() : sent;
}

class large_messages_page : public ::testing::Test {
protected:
    large_messages_page() {
        auto [near, far] = fairlead::testkit::make_memory_streams(home);
        server = fairlead::session::create(home, std::move(near), large_texts());
        client = fairlead::session::create(home, std::move(far), large_texts());
        fairlead::test::start(home, serve());
    }

    boost::asio::awaitable<void> serve() {
        co_await count_lines(*server);
        co_await server->close_gracefully();
    }

    boost::asio::awaitable<void> ask(std::string text, std::uint64_t size) {
        std::istringstream file{text};
        const auto sent = co_await send_file(*client, file, size);
        outcome = sent ? "sent" : sent.error().message();
        if (sent) {
            const auto answer = co_await client->receive();
            outcome = answer ? to_string(*answer) : answer.error().message();
        }
        co_await client->close_gracefully();
    }

    fairlead::shard home;
    std::shared_ptr<fairlead::session> server, client;
    std::string outcome;
};

TEST_F(large_messages_page, counts_the_lines_of_a_text_above_max_message) {
    std::string text;
    for (int i = 0; i < 300'000; ++i)
        text += "line " + std::to_string(i) + "\n";
    fairlead::test::start(home, ask(text, text.size()));
    fairlead::test::run_ready(home);
    EXPECT_GT(text.size(), 3'000'000u);
    EXPECT_EQ(outcome, "300000 lines");
}

TEST_F(large_messages_page, tells_that_a_file_was_shorter) {
    fairlead::test::start(home, ask("short\n", 10));
    fairlead::test::run_ready(home);
    EXPECT_EQ(outcome, make_error_code(fairlead::errc::truncated).message());
    EXPECT_EQ(server->close_reason().code, fairlead::errc::truncated);
}

} // namespace
