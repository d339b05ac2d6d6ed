#include "net/socket_sharing.hpp"

#include <gtest/gtest.h>

namespace fairlead {
namespace {

using enum joint_sockets::state;

struct of_server {
    std::shared_ptr<joint_sockets> joint = std::make_shared<joint_sockets>();
    socket_sharing opened{socket_origin::opened, joint};
    socket_sharing taken_over{socket_origin::taken_over, joint};
};

TEST(socket_sharing, is_of_a_passed_socket_always) {
    EXPECT_TRUE((socket_sharing{socket_origin::passed}).is_shared());
    EXPECT_FALSE((socket_sharing{socket_origin::opened}).is_shared());
}

TEST(socket_sharing, with_a_predecessor_is_of_its_sockets_alone) {
    of_server server;
    server.joint->take_over();
    EXPECT_TRUE(server.taken_over.is_shared());
    EXPECT_FALSE(server.opened.is_shared());
    server.joint->predecessor_left();
    EXPECT_FALSE(server.taken_over.is_shared());
}

TEST(socket_sharing, begins_before_the_first_copy_and_ends_with_a_successor_that_does_not_get_ready) {
    of_server server;
    ASSERT_TRUE(server.joint->lend());
    EXPECT_TRUE(server.opened.is_shared()) << "a listener that closes now may have been copied";
    ASSERT_TRUE(server.joint->give());
    EXPECT_TRUE(server.opened.is_shared());
    server.joint->take_back();
    EXPECT_FALSE(server.opened.is_shared());
    EXPECT_TRUE(server.joint->lend()) << "for the next one";
    server.joint->take_back();
    EXPECT_EQ(server.joint->now(), none);
}

TEST(joint_sockets, are_given_to_nobody_once_the_server_ends_them) {
    joint_sockets before;
    before.end();
    EXPECT_FALSE(before.lend());

    of_server meanwhile;
    ASSERT_TRUE(meanwhile.joint->lend());
    meanwhile.joint->end();
    EXPECT_FALSE(meanwhile.joint->give());
    EXPECT_FALSE(meanwhile.opened.is_shared());
    meanwhile.joint->take_back();
    EXPECT_EQ(meanwhile.joint->now(), ending) << "for good";
}

TEST(joint_sockets, that_another_process_has_are_not_ended) {
    joint_sockets given;
    ASSERT_TRUE(given.lend() && given.give());
    given.end();
    EXPECT_EQ(given.now(), successor);

    joint_sockets taken;
    taken.take_over();
    taken.end();
    EXPECT_EQ(taken.now(), predecessor);
}

} // namespace
} // namespace fairlead
