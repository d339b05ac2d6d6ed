#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"

#include <fairlead/framing/parse.hpp>

#include <gtest/gtest.h>
#include <mutex>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

using namespace std::string_literals;

/// Bytes on the wire, written down by hand, and the messages they hold.
struct sample {
    const char* framing;
    std::string wire;
    std::vector<std::string> messages;
};

std::ostream& operator<<(std::ostream& to, const sample& which) {
    return to << which.framing;
}

const sample samples[] = {
    {"length", "\0\0\0\5hello\0\0\0\0\0\0\0\1x"s, {"hello", "", "x"}},
    {"length:1", "\5hello\0\1x"s, {"hello", "", "x"}},
    {"length:2:be", "\0\5hello\0\0\0\1x"s, {"hello", "", "x"}},
    {"length:4:le", "\5\0\0\0hello\0\0\0\0\1\0\0\0x"s, {"hello", "", "x"}},
    {"length:8:le", "\5\0\0\0\0\0\0\0hello\1\0\0\0\0\0\0\0x"s, {"hello", "x"}},
    {"varint", "\5hello\0\xC8\1"s + std::string(200, 'v'), {"hello", "", std::string(200, 'v')}},
    {"line", "hello\n\nx\n", {"hello", "", "x"}},
    {"delimiter:\\r\\n", "hello\r\n\r\nx\ny\r\n", {"hello", "", "x\ny"}},
    {"delimiter:END", "EENENDENDxEND", {"EEN", "", "x"}},
    {"fixed:3", "abcdef\0\0\0"s, {"abc", "def", "\0\0\0"s}},
};

/// Echoes, and keeps what it saw.
class witness {
public:
    message_handler handler() {
        return [this](bytes_view message, peer& from) {
            const std::lock_guard lock{mutex_};
            messages_.push_back(to_string(message));
            from.send(message);
        };
    }
    std::vector<std::string> messages() const {
        const std::lock_guard lock{mutex_};
        return messages_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> messages_;
};

class framings_over_tcp : public testing::TestWithParam<sample> {
protected:
    void expect_messages(void (client::*write)(bytes_view)) {
        witness seen;
        running_server server{parse_framing(GetParam().framing), seen.handler()};
        client peer{server.where()};
        (peer.*write)(GetParam().wire);
        EXPECT_EQ(peer.read(GetParam().wire.size()), GetParam().wire);
        peer.end_writing();
        EXPECT_EQ(peer.read_to_end(), "");
        EXPECT_EQ(seen.messages(), GetParam().messages);
    }
};

TEST_P(framings_over_tcp, finds_messages_that_come_in_one_write) {
    expect_messages(&client::write);
}

TEST_P(framings_over_tcp, finds_messages_that_come_byte_by_byte) {
    expect_messages(&client::write_byte_by_byte);
}

INSTANTIATE_TEST_SUITE_P(all, framings_over_tcp, testing::ValuesIn(samples), [](const auto& each) {
    std::string name;
    for (const char c : std::string{each.param.framing})
        name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    return name;
});

// Raw keeps bytes and promises no boundaries.
TEST(framing_raw_over_tcp, passes_bytes_as_they_are) {
    const std::string bytes = "船\0\xFF\r\n"s + std::string(100'000, 'r');
    witness seen;
    running_server server{parse_framing("raw"), seen.handler()};
    EXPECT_EQ(ask(server.where(), bytes), bytes);

    std::string joined;
    for (const std::string& each : seen.messages())
        joined += each;
    EXPECT_EQ(joined, bytes);
}

} // namespace

} // namespace fairlead::test
