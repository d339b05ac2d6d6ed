// The program of docs/own-framing.md.
#define main own_framing_main
#include <fairlead/fairlead.hpp>

#include <iostream>
#include <string>

/// Netstrings: the length in decimal digits, a colon, the message, a comma.
///
///     | 5:hello, | 0:, |     messages: "hello", ""
class netstring {
public:
    fairlead::result<fairlead::decoded> decode(fairlead::bytes_view input) {
        std::size_t length = 0;
        for (std::size_t at = 0; at < input.size(); ++at) {
            if (input[at] == ':' && at > 0)
                return take(input, at + 1, length);
            if (input[at] < '0' || input[at] > '9' || at == max_digits)
                return fairlead::errc::malformed;
            length = length * 10 + (input[at] - '0');
        }
        return fairlead::decoded{}; // more bytes are needed
    }

    fairlead::result<fairlead::decoded> finish(fairlead::bytes_view input) {
        if (!input.empty())
            return fairlead::errc::truncated; // the stream ended inside a message
        return fairlead::decoded{};
    }

    fairlead::result<void> encode(fairlead::bytes_view message, fairlead::byte_buffer& output) {
        if (message.size() > max_message())
            return fairlead::errc::message_too_large;
        output.append(std::to_string(message.size()) + ":");
        output.append(message);
        output.append(",");
        return {};
    }

    std::size_t max_message() const { return 99'999; }

private:
    static constexpr std::size_t max_digits = 5;

    static fairlead::result<fairlead::decoded> take(fairlead::bytes_view input, std::size_t begin, std::size_t length) {
        const std::size_t whole = begin + length + 1;
        if (input.size() < whole)
            return fairlead::decoded{
                .consumed = 0, .message = {}, .wanted = whole}; // not before so many bytes are here
        if (input[whole - 1] != ',')
            return fairlead::errc::malformed;
        return fairlead::decoded{.consumed = whole, .message = input.from(begin).first(length)};
    }
};

int main(int argc, char** argv) {
    fairlead::server server;
    const auto address = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", netstring{}, fairlead::echo());
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run();
}
#undef main

#include "docs/program_run.hpp"

#include <fairlead/testkit/framing_verifier.hpp>

TEST(netstring, keeps_the_contract_of_a_framing) {
    fairlead::testkit::verify_framing(netstring{})
        .bytes("5:hello,0:,")
        .gives({"hello", ""})
        .bytes("5:hello!")
        .fails_with(fairlead::errc::malformed)
        .bytes("123456:")
        .fails_with(fairlead::errc::malformed)
        .bytes("5:hell")
        .ends_with(fairlead::errc::truncated)
        .check();
}

namespace fairlead::test {

TEST(own_framing, is_spoken_by_a_server) {
    program_run program{own_framing_main};
    EXPECT_EQ(program.ask(netstring{}, {"hello", "", "1:2,"}), (texts{"hello", "", "1:2,"}));
    EXPECT_EQ(program.ask(raw{}, {"5:hello,"}), texts{"5:hello,"});
    EXPECT_EQ(program.stop(), 0);
}

} // namespace fairlead::test
