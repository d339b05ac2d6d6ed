// A program outside Fairlead's tree: a framing and a handler of its own, one conversation over a plain socket.

#include <fairlead/fairlead.hpp>
#include <fairlead/nats.hpp>
#include <fairlead/testkit/framing_verifier.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

/// Netstrings: the length in decimal digits, a colon, the bytes, a comma.
///
///     | 5 : h e l l o , | 0 : , |     messages:  | h e l l o |  | |
class netstring {
public:
    static constexpr std::size_t max_message = 99'999;
    static constexpr std::size_t max_digits = 5;

    fairlead::result<fairlead::decoded> decode(fairlead::bytes_view input) {
        std::size_t length = 0;
        for (std::size_t at = 0; at < input.size(); ++at) {
            if (input[at] == ':' && at > 0)
                return body(input, at + 1, length);
            if (input[at] < '0' || input[at] > '9' || at == max_digits)
                return fairlead::errc::malformed;
            length = length * 10 + (input[at] - '0');
        }
        return fairlead::decoded{};
    }

    fairlead::result<fairlead::decoded> finish(fairlead::bytes_view input) {
        if (input.empty())
            return fairlead::decoded{};
        return fairlead::errc::truncated;
    }

    fairlead::result<void> encode(fairlead::bytes_view message, fairlead::byte_buffer& output) {
        if (message.size() > max_message)
            return fairlead::errc::message_too_large;
        output.append(std::to_string(message.size()) + ":");
        output.append(message);
        output.append(",");
        return {};
    }

private:
    static fairlead::result<fairlead::decoded> body(fairlead::bytes_view input, std::size_t begin, std::size_t length) {
        const std::size_t whole = begin + length + 1;
        if (input.size() < whole)
            return fairlead::decoded{.consumed = 0, .message = {}, .wanted = whole};
        if (input[whole - 1] != ',')
            return fairlead::errc::malformed;
        return fairlead::decoded{.consumed = whole, .message = input.from(begin).first(length), .wanted = 0};
    }
};

/// Answers each message of a session with its number and its bytes in reverse.
class numbered_mirror {
public:
    void operator()(fairlead::bytes_view message, fairlead::peer& from) {
        std::string mirrored = fairlead::to_string(message);
        std::reverse(mirrored.begin(), mirrored.end());
        from.send(std::to_string(++count_) + " " + mirrored);
    }

private:
    int count_ = 0;
};

/// Writes `parts` one after the other and gives what comes back, `size` bytes or less if the server ends first.
std::string exchange(std::uint16_t port, std::initializer_list<std::string_view> parts, std::size_t size) {
    const int peer = ::socket(AF_INET, SOCK_STREAM, 0);
    const ::timeval patience{10, 0};
    ::setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);

    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string received;
    if (::connect(peer, reinterpret_cast<const ::sockaddr*>(&address), sizeof address) == 0) {
        for (const std::string_view part : parts)
            ::send(peer, part.data(), part.size(), MSG_NOSIGNAL);
        char bytes[256];
        while (received.size() < size) {
            const ::ssize_t count = ::recv(peer, bytes, sizeof bytes, 0);
            if (count <= 0)
                break;
            received.append(bytes, static_cast<std::size_t>(count));
        }
    }
    ::close(peer);
    return received;
}

void expect_equal(std::string_view what, std::string_view expected) {
    std::cout << what << '\n';
    if (what != expected)
        throw std::runtime_error{"expected " + std::string{expected}};
}

template <class Call>
void expect_refused(const char* what, Call call) {
    try {
        call();
    } catch (const std::invalid_argument&) {
        return;
    }
    throw std::runtime_error{std::string{what} + " was not refused"};
}

// Links what the library may need of nats.c and zstd. A build without them throws the same, for another reason.
void expect_checked_options() {
    expect_refused("what is no URL of NATS", [] { fairlead::nats("http://127.0.0.1"); });
    expect_refused("what is no level of zstd", [] { fairlead::zstd_compressed(fairlead::echo(), {.level = 100}); });
}

int main() {
    try {
        fairlead::testkit::verify_framing(netstring{})
            .bytes("5:hello,0:,")
            .gives({"hello", ""})
            .bytes("5:hello!")
            .fails_with(fairlead::errc::malformed)
            .bytes("5:hell")
            .ends_with(fairlead::errc::truncated)
            .check();

        fairlead::server server{fairlead::server_options{.threads = 1}};
        const fairlead::endpoint where = server.listen("tcp://127.0.0.1:0", netstring{}, numbered_mirror{});

        int status = -1;
        std::thread serving{[&] { status = server.run(); }};
        const std::string_view expected = "7:1 olleh,5:2 dlr,2:3 ,";
        const std::string received = exchange(where.port(), {"5:he", "llo,3:rl", "d,0:,"}, expected.size());
        server.stop();
        serving.join();

        expect_equal(received, expected);
        expect_equal(std::to_string(status), "0");
        expect_checked_options();
        return 0;
    } catch (const std::exception& problem) {
        std::cerr << "consumer: " << problem.what() << '\n';
        return 1;
    }
}
