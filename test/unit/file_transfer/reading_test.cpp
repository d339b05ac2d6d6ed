// How offers are answered whose answer depends on files that are on the disk.

#include "file_transfer/receiver_protocol.hpp"

#include "support/file_uploads.hpp"

#include <gtest/gtest.h>
#include <string>
#include <variant>

namespace fairlead::test {

namespace {

using namespace file_transfer;

constexpr std::uint64_t turn = reading_shares::turn;

/// A receiver that has a file named "large" of two turns and one byte.
struct reading : testing::Test {
    reading() {
        receiver.disk.names["large"] =
            std::make_shared<fake_storage::node>(fake_storage::node{.bytes = std::string(2 * turn + 1, 'x')});
        wrong.size = right.size = 2 * turn + 1;
        right.hash = digest_of(receiver.disk.names.at("large")->bytes);
        wrong.hash = digest{1, 2};
    }

    /// Keeps a turn and one byte of a file, and gives the offer that goes on with it.
    offer keep_a_part() {
        offer what{.id = 1, .name = "part", .resume = "token"};
        const auto key = known_uploads::key_of(what);
        receiver.disk.kept[{key.high, key.low}] =
            std::make_shared<fake_storage::node>(fake_storage::node{.bytes = std::string(turn + 1, 'x')});
        return what;
    }

    fake_receiver receiver;
    offer right{.id = 1, .name = "large"}, wrong = right;
};

} // namespace

TEST_F(reading, takes_turns_of_so_many_bytes) {
    fake_sender sender{receiver};
    sender.begin_to_say(right);
    for (const std::uint64_t each : {turn, turn, std::uint64_t{1}}) {
        EXPECT_TRUE(sender.waits_for_the_disk());
        EXPECT_TRUE(sender.replies().empty());
        EXPECT_EQ(sender.read_one_turn(), each);
    }
    EXPECT_FALSE(sender.waits_for_the_disk());
    EXPECT_TRUE(std::holds_alternative<stored>(sender.replies().at(0)));
}

TEST_F(reading, of_one_address_shares_the_turns_of_one) {
    fake_sender one{receiver, ipv4("10.0.0.1")}, two{receiver, ipv4("10.0.0.1")}, other{receiver, ipv4("10.0.0.2")};
    for (fake_sender* const each : {&one, &two, &other})
        each->begin_to_say(wrong);
    EXPECT_EQ(one.read_one_turn(), turn / 2);
    EXPECT_EQ(two.read_one_turn(), turn / 2);
    EXPECT_EQ(other.read_one_turn(), turn);
    two.say(abandon{.id = 1});
    EXPECT_EQ(one.read_one_turn(), turn) << "the other has nothing to read any more";
}

TEST_F(reading, of_many_connections_goes_on_by_a_least_turn) {
    std::vector<std::unique_ptr<fake_sender>> many;
    for (int i = 0; i < 100; ++i) {
        many.push_back(std::make_unique<fake_sender>(receiver, ipv4("10.0.0.1")));
        many.back()->begin_to_say(wrong);
    }
    EXPECT_EQ(many.front()->read_one_turn(), reading_shares::least);
}

TEST_F(reading, ends_with_its_connection) {
    {
        fake_sender sender{receiver};
        sender.begin_to_say(wrong);
        EXPECT_EQ(sender.read_one_turn(), turn);
    }
    EXPECT_EQ(receiver.disk.hashed, turn);
    EXPECT_EQ(receiver.state.failed, 1);
}

TEST_F(reading, of_another_file_of_that_name_ends_in_a_refusal) {
    fake_sender sender{receiver};
    sender.begin_to_say(wrong);
    for (int i = 0; i < 3; ++i)
        sender.read_one_turn();
    EXPECT_FALSE(sender.waits_for_the_disk());
    EXPECT_EQ(std::get<refusal>(sender.replies().at(0)).code, refusal_code::exists);
}

TEST_F(reading, is_done_before_the_next_message_is_answered) {
    fake_sender sender{receiver};
    sender.begin_to_say(right);
    sender.begin_to_say(offer{.id = 2, .name = "../x"});
    const auto replies = sender.replies();
    ASSERT_EQ(replies.size(), 2);
    EXPECT_TRUE(std::holds_alternative<stored>(replies[0]));
    EXPECT_TRUE(std::holds_alternative<refusal>(replies[1]));
}

TEST_F(reading, of_what_is_kept_takes_turns_as_well) {
    const offer what = keep_a_part();
    fake_sender sender{receiver};
    sender.begin_to_say(what);
    EXPECT_EQ(sender.read_one_turn(), turn);
    EXPECT_TRUE(sender.replies().empty());
    EXPECT_EQ(sender.read_one_turn(), 1);
    EXPECT_EQ(std::get<accept>(sender.replies().at(0)).offset, turn + 1);
}

TEST_F(reading, of_what_is_kept_is_no_loss_of_it_when_the_connection_ends) {
    const offer what = keep_a_part();
    {
        fake_sender sender{receiver};
        sender.begin_to_say(what);
        sender.read_one_turn();
    }
    fake_sender sender{receiver};
    EXPECT_EQ(std::get<accept>(sender.say(what).at(0)).offset, turn + 1);
}

} // namespace fairlead::test
