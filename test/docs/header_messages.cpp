// The examples of bytes, messages and framings, as in the headers.
// clang-format off

#include "docs/header_examples.hpp"

#include <fairlead/testkit/framing_verifier.hpp>
#include <fairlead/testkit/served.hpp>
#include <fairlead/websocket_frames.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>

using namespace std::literals;

namespace fairlead::docs {

namespace {

std::size_t encode(std::span<unsigned char> room) {
    room[0] = 'x';
    return 1;
}

struct order { std::uint32_t id; std::string article; };

struct order_codec {
    using value_type = order;
    order decode(bytes_view message) {
        byte_reader from{message};
        const auto id = from.read<std::uint32_t>();
        return {id, to_string(from.rest())};
    }
    void encode(const order& value, std::string& message) {
        byte_writer to{message};
        to.write(value.id);
        to.bytes(value.article);
    }
};

void take(const order& placed, typed_peer<order_codec>& from) {
    from.send({placed.id, "sold out"});
}

boost::asio::awaitable<void> take_orders(typed_session<order_codec>& shop) {
    while (const auto placed = co_await shop.receive())
        shop.send({placed->id, "sold out"});
}

[[maybe_unused]] void take_typed(server& server) {
    server.listen("tcp://127.0.0.1:9000", length_prefixed{}, typed(order_codec{}, take));
}

[[maybe_unused]] void take_typed_sessions(server& server) {
    server.listen("tcp://127.0.0.1:9000", length_prefixed{}, typed(order_codec{}, take_orders));
}

void refuse_short(bytes_view message) {
    if (message.size() < 4)
        throw malformed_message{"an order has at least 4 bytes"};
    if (message.size() > 1'000)
        throw oversized_message{"an order has up to 1000 bytes"};
}

std::string write_price(const std::string& name) {
    std::string message;
    byte_writer to{message};
    to.write(std::uint32_t{7});
    to.write(1.09, std::endian::little);
    to.write(static_cast<std::uint8_t>(name.size()));
    to.bytes(name);
    return message;
}

std::string read_price(bytes_view message) {
    byte_reader from{message};
    const auto id = from.read<std::uint32_t>();                 // big-endian, the order of networks
    const auto price = from.read<double>(std::endian::little);
    const auto name = from.bytes(from.read<std::uint8_t>());    // a length, then so many bytes
    from.end();                                                 // nothing follows
    return std::to_string(id) + " " + std::to_string(price) + " " + to_string(name);
}

[[maybe_unused]] void show_frames() {
    websocket_frames frames{websocket_sender::server};
    std::string received = "\x81\x05Hello";
    const auto frame = frames.decode({reinterpret_cast<unsigned char*>(received.data()), received.size()});
    if (frame && *frame)
        std::cout << (*frame)->payload.text() << '\n';      // Hello
}

struct single_bytes {                                       // each byte is a message
    result<decoded> decode(bytes_view input) {
        if (input.empty())
            return decoded{};                               // more bytes are needed
        return decoded{.consumed = 1, .message = input.first(1)};
    }
    result<decoded> finish(bytes_view) { return decoded{}; }
    result<void> encode(bytes_view message, byte_buffer& output) {
        if (message.size() != 1)
            return errc::malformed;
        output.append(message);
        return {};
    }
};

} // namespace

TEST(examples_of_headers, show_bytes) {
    const bytes_view message{"GET key"};
    const std::string_view verb = message.first(3).text();      // "GET"
    const std::string_view key = message.from(4).text();        // "key"
    EXPECT_EQ(verb, "GET");
    EXPECT_EQ(key, "key");
    const std::string line = escape("a\x01\n");      // seven characters: a\x01\n
    EXPECT_EQ(line, R"(a\x01\n)");
    byte_buffer output;
    output.push_back(2);     // the size of the message
    output.append("hi");
    EXPECT_EQ(output.data(), "\2hi");
    const auto room = output.prepare(4);
    output.commit(encode(room));            // bytes written
    EXPECT_EQ(output.data(), "\2hix");
    const std::string upper = to_upper("grüße 7");      // GRüßE 7
    EXPECT_EQ(upper, "GRüßE 7");
}

TEST(examples_of_headers, show_typed_messages) {
    EXPECT_EQ(read_price(write_price("rope")), "7 1.090000 rope");
    EXPECT_THROW(refuse_short("abc"), malformed_message);
    const std::string sold_out = "\0\0\0\7sold out"s;
    EXPECT_EQ((testkit::served{length_prefixed{}, typed(order_codec{}, take)}.replies("\0\0\0\7rope"sv).at(0)), sold_out);
    EXPECT_EQ((testkit::served{length_prefixed{}, typed(order_codec{}, take_orders)}.replies("\0\0\0\7rope"sv).at(0)),
              sold_out);
}

TEST(examples_of_headers, show_framings) {
    testkit::verify_framing(length_prefixed{{.width = 2, .max_message = 100}})
        .bytes("\0\3abc\0\0"sv).gives({"abc", ""})
        .bytes("\0\3ab"sv).ends_with(errc::truncated)
        .bytes("\xFF\xFF"sv).fails_with(errc::message_too_large)
        .check();
    testkit::verify_framing(single_bytes{}).bytes("ab").gives({"a", "b"}).check();

    framing rules = line{};
    rules = length_prefixed{{.width = 2}};
    rules = "length:2";                         // the same by its text form
    EXPECT_EQ(rules.to_string(), "length:2");

    client_options options;
    options.id_of = [](bytes_view message) { return to_string(message.first(4)); };
    EXPECT_EQ(options.id_of("0007get"), "0007");
}

} // namespace fairlead::docs
