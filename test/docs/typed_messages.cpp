// The C++ of docs/typed-messages.md.
// clang-format off
#define main typed_messages_main
#include <fairlead/codecs/json.hpp>
#include <fairlead/fairlead.hpp>

#include <algorithm>
#include <iostream>
#include <string>

struct order {
    int id;
    std::string article;
    int pieces;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(order, id, article, pieces)

using orders = fairlead::json_codec<order>;

void sell(const order& placed, fairlead::typed_peer<orders>& from) { // once per order
    const int in_store = placed.article == "rope" ? 3 : 0;
    from.send({placed.id, placed.article, std::min(placed.pieces, in_store)});
}

int main(int argc, char** argv) {
    fairlead::server server;
    const auto handler = fairlead::typed(orders{}, sell);
    const auto address = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", fairlead::line{}, handler);
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run();
}
#undef main

#include "docs/program_run.hpp"

#include <fairlead/testkit/served.hpp>

#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>

boost::asio::awaitable<void> count_pieces(fairlead::typed_session<orders>& shop) {
    int pieces = 0;
    while (const auto placed = co_await shop.receive()) {
        pieces += placed->pieces;
        shop.send({placed->id, placed->article, pieces});
    }
}

struct position {
    std::uint32_t ship;
    double latitude;
    double longitude;
};

struct position_codec {
    using value_type = position;

    //  | ship | latitude | longitude |     big-endian
    //     4       8           8
    position decode(fairlead::bytes_view message) {
        fairlead::byte_reader from{message};
        const auto ship = from.read<std::uint32_t>();
        const auto latitude = from.read<double>();
        const auto longitude = from.read<double>();
        from.end();
        if (std::abs(latitude) > 90)
            throw fairlead::malformed_message{"a latitude is from -90 to 90"};
        return {ship, latitude, longitude};
    }

    void encode(const position& value, std::string& message) {
        fairlead::byte_writer to{message};
        to.write(value.ship);
        to.write(value.latitude);
        to.write(value.longitude);
    }
};

boost::asio::awaitable<void> forgive(fairlead::typed_session<orders>& shop) {
    for (bool open = true; open;) {
        try {
            const auto placed = co_await shop.receive();
            open = placed && shop.send(*placed);
        } catch (const fairlead::malformed_message& refused) {
            open = shop.untyped().send(refused.what()).has_value();
        }
    }
}

// --- codecs/json.hpp
namespace json_example {

using namespace fairlead;

struct order { int id; std::string article; };
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(order, id, article)

void take(const order& placed, typed_peer<json_codec<order>>& from) {
    from.send(placed);
}

[[maybe_unused]] endpoint listen(server& server) {
    return
    server.listen("tcp://127.0.0.1:9000", line{}, typed(json_codec<order>{}, take));
}

} // namespace json_example
// clang-format on

namespace fairlead::test {

namespace {

const std::string rope = R"({"article":"rope","id":1,"pieces":2})";

using replies = std::vector<std::string>;

TEST(position_codec, reads_what_it_writes) {
    std::string message;
    position_codec{}.encode({7, 54.5, 10.25}, message);
    EXPECT_EQ(position_codec{}.decode(message).longitude, 10.25);
    EXPECT_THROW(position_codec{}.decode("short"), fairlead::malformed_message);
}

TEST(typed_messages_page, sells_what_is_there) {
    program_run shop{typed_messages_main};
    const replies expected{R"({"article":"rope","id":1,"pieces":3})", R"({"article":"oar","id":2,"pieces":0})"};
    EXPECT_EQ(shop.ask(line{},
                       {R"({"id": 1, "article": "rope", "pieces": 5})", R"({"id": 2, "article": "oar", "pieces": 1})"}),
              expected);
    EXPECT_EQ(shop.stop(), 0);
}

TEST(typed_messages_page, has_a_session_of_values) {
    testkit::served counting{line{}, typed(orders{}, count_pieces)};
    EXPECT_EQ(counting.replies(rope), replies{R"({"article":"rope","id":1,"pieces":2})"});
    EXPECT_EQ(counting.replies(rope), replies{R"({"article":"rope","id":1,"pieces":4})"});
}

TEST(typed_messages_page, refuses_positions_that_are_none) {
    std::string message;
    position_codec{}.encode({7, 91, 0}, message);
    EXPECT_THROW(position_codec{}.decode(message), malformed_message);
    EXPECT_THROW(position_codec{}.decode(message + "x"), malformed_message);
}

TEST(typed_messages_page, goes_on_after_a_message_that_is_no_value) {
    testkit::served forgiving{line{}, typed(orders{}, forgive)};
    EXPECT_NE(forgiving.take("{}\n").find("'id' not found"), std::string::npos);
    EXPECT_EQ(forgiving.replies(rope), replies{rope});
    forgiving.end();
    EXPECT_TRUE(forgiving.ended());
}

} // namespace

} // namespace fairlead::test
