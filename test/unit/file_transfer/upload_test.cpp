#include "file_transfer/upload.hpp"

#include "support/file_uploads.hpp"

#include <gtest/gtest.h>
#include <string>
#include <variant>

namespace fairlead::test {

namespace {

using namespace file_transfer;
using namespace std::chrono_literals;

refusal_code code_of(const std::vector<message>& replies) {
    return std::get<refusal>(replies.at(0)).code;
}

} // namespace

TEST(upload, may_be_no_slower_than_the_least_rate_after_a_grace) {
    fake_receiver receiver{{.min_free_space = 0, .min_rate = 100, .rate_grace = 10s}};
    fake_sender sender{receiver};
    sender.say(offer{.id = 1, .name = "a", .resume = "token"});
    receiver.now += 1h;
    EXPECT_TRUE(sender.say(piece_of(1, 0, "x")).empty()) << "its time begins with its first byte";
    receiver.now += 10s;
    EXPECT_TRUE(sender.say(piece_of(1, 1, "x")).empty());
    receiver.now += 1s;
    const std::string enough(1'098, 'x');
    EXPECT_TRUE(sender.say(piece_of(1, 2, enough)).empty());
    receiver.now += 1s;
    const auto replies = sender.say(piece_of(1, 1'100, "x"));
    EXPECT_EQ(code_of(replies), refusal_code::slow);
    EXPECT_EQ(std::get<refusal>(replies.at(0)).kept, 1'101);
}

TEST(upload, may_take_no_longer_than_its_deadline) {
    fake_receiver receiver{{.min_free_space = 0, .min_rate = 0, .upload_deadline = 60s}};
    fake_sender sender{receiver};
    sender.say(offer{.id = 1, .name = "a"});
    sender.say(piece_of(1, 0, "x"));
    receiver.now += 60s;
    EXPECT_TRUE(sender.say(piece_of(1, 1, "x")).empty());
    receiver.now += 1ms;
    EXPECT_EQ(code_of(sender.say(end_of(1, "xx"))), refusal_code::slow);
}

TEST(upload, ends_at_its_deadline_though_its_sender_talks_of_other_things) {
    fake_receiver receiver{{.min_free_space = 0, .upload_deadline = 60s}};
    fake_sender sender{receiver};
    sender.say(offer{.id = 1, .name = "a"});
    sender.say(offer{.id = 2, .name = "b"});
    sender.say(piece_of(1, 0, "x"));
    receiver.now += 61s;
    const auto replies = sender.say(offer{.id = 3, .name = "c"});
    ASSERT_EQ(replies.size(), 2);
    EXPECT_TRUE(std::holds_alternative<accept>(replies.at(0)));
    EXPECT_EQ(std::get<refusal>(replies.at(1)).code, refusal_code::slow);
    EXPECT_EQ(std::get<refusal>(replies.at(1)).id, 1);
    EXPECT_EQ(receiver.state.limits.open_now(), 2) << "the other waits for its turn";
}

TEST(upload, loses_a_place_that_others_need_when_its_first_byte_does_not_come) {
    fake_receiver receiver{{.max_uploads = 3, .min_free_space = 0, .offer_timeout = 10s}};
    fake_sender idle{receiver};
    fake_sender other{receiver};
    EXPECT_FALSE(idle.is_watched());
    idle.say(offer{.id = 1, .name = "a", .size = 1});
    receiver.now += 1h;
    EXPECT_TRUE(idle.keep_silent().empty()) << "nobody needs it";
    EXPECT_TRUE(idle.is_watched());
    other.say(offer{.id = 1, .name = "b", .size = 2});
    other.say(piece_of(1, 0, "x"));
    EXPECT_EQ(code_of(idle.keep_silent()), refusal_code::slow);
    EXPECT_EQ(receiver.state.limits.open_now(), 1);
    receiver.now += 1h;
    other.say(offer{.id = 2, .name = "c", .size = 2});
    EXPECT_TRUE(other.keep_silent().empty()) << "one that has begun is not concerned, nor one just offered";
    EXPECT_FALSE(idle.is_watched());
}

TEST(upload, waits_for_its_turn_while_its_connection_brings_others) {
    fake_receiver receiver{{.max_uploads = 2, .min_free_space = 0, .min_rate = 0, .offer_timeout = 10s}};
    fake_sender sender{receiver};
    sender.say(offer{.id = 1, .name = "a"});
    sender.say(offer{.id = 2, .name = "b"});
    for (std::uint64_t offset = 0; offset < 4; ++offset) {
        EXPECT_TRUE(sender.say(piece_of(1, offset, "x")).empty());
        receiver.now += 10s;
    }
    EXPECT_TRUE(sender.keep_silent().empty());
    receiver.now += 1ms;
    const auto replies = sender.keep_silent();
    EXPECT_EQ(code_of(replies), refusal_code::slow);
    EXPECT_EQ(std::get<refusal>(replies.at(0)).id, 2);
}

TEST(upload, has_time_to_compare_what_is_kept_before_its_first_byte) {
    fake_receiver receiver{{.max_uploads = 1, .min_free_space = 0, .offer_timeout = 10s}};
    const offer what{.id = 1, .name = "a", .resume = "token"};
    const auto key = known_uploads::key_of(what);
    receiver.disk.kept[{key.high, key.low}] =
        std::make_shared<fake_storage::node>(fake_storage::node{.bytes = std::string(32 << 20, 'x')});
    fake_sender sender{receiver};
    sender.say(what);
    receiver.now += 12s;
    EXPECT_TRUE(sender.keep_silent().empty());
    receiver.now += 1ms;
    const auto replies = sender.keep_silent();
    EXPECT_EQ(code_of(replies), refusal_code::slow);
    EXPECT_EQ(std::get<refusal>(replies.at(0)).kept, 32 << 20);
}

TEST(upload, learns_that_another_address_got_its_place) {
    fake_receiver receiver{{.max_uploads = 2, .min_free_space = 0}};
    fake_sender idle{receiver, ipv4("10.0.0.1")};
    fake_sender other{receiver, ipv4("10.0.0.2")};
    idle.say_together({offer{.id = 1, .name = "a"}, offer{.id = 2, .name = "b"}});
    EXPECT_TRUE(std::holds_alternative<accept>(other.say(offer{.id = 1, .name = "c"}).at(0)));
    const auto replies = idle.keep_silent();
    EXPECT_EQ(code_of(replies), refusal_code::busy);
    EXPECT_EQ(std::get<refusal>(replies.at(0)).id, 1);
    EXPECT_EQ(receiver.state.limits.open_now(), 2);
}

TEST(upload, may_be_no_larger_than_files_may) {
    fake_receiver receiver{{.max_file_size = 10, .min_free_space = 0}};
    fake_sender sender{receiver};
    EXPECT_EQ(code_of(sender.say(offer{.id = 1, .name = "a", .size = 11})), refusal_code::size);
    sender.say(offer{.id = 2, .name = "b"});
    EXPECT_TRUE(sender.say(piece_of(2, 0, "0123456789")).empty());
    EXPECT_EQ(code_of(sender.say(piece_of(2, 10, "x"))), refusal_code::size);
}

TEST(upload, takes_no_piece_larger_than_was_agreed_and_none_after_its_end) {
    fake_receiver receiver{{.min_free_space = 0, .max_chunk = 4}};
    {
        fake_sender sender{receiver};
        EXPECT_EQ(std::get<accept>(sender.say(offer{.id = 1, .name = "a"}).at(0)).chunk, 4);
        EXPECT_EQ(code_of(sender.say(piece_of(1, 0, "12345"))), refusal_code::protocol);
        EXPECT_TRUE(sender.broken());
    }
    fake_sender sender{receiver};
    sender.say(offer{.id = 1, .name = "a"});
    const auto replies = sender.say_together({piece_of(1, 0, "123"), end_of(1, "123"), piece_of(1, 3, "4")});
    EXPECT_EQ(code_of(replies), refusal_code::protocol);
    EXPECT_TRUE(receiver.disk.names.empty());
}

TEST(upload, begins_anew_when_more_is_kept_than_the_file_has) {
    fake_receiver receiver;
    const auto key = known_uploads::key_of(offer{.id = 1, .name = "a", .size = 2, .resume = "token"});
    receiver.disk.kept[{key.high, key.low}] =
        std::make_shared<fake_storage::node>(fake_storage::node{.bytes = "too much"});
    fake_sender sender{receiver};
    EXPECT_EQ(std::get<accept>(sender.say(offer{.id = 1, .name = "a", .size = 2, .resume = "token"}).at(0)).offset, 0);
}

} // namespace fairlead::test
