#include "examples/resp_commands.hpp"

#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

namespace {

std::string join(const resp::arguments& request) {
    return resp::string(std::string{request[1]} + "-" + std::string{request[2]});
}

const resp::commands known{{"join", {3, join}}};

} // namespace

TEST(resp_commands, runs_a_command_in_any_letters) {
    EXPECT_EQ(resp::answer(known, "join a b\r\n"), "$3\r\na-b\r\n");
    EXPECT_EQ(resp::answer(known, "*3\r\n$4\r\nJoin\r\n$1\r\na\r\n$1\r\nb\r\n"), "$3\r\na-b\r\n");
}

TEST(resp_commands, answers_the_tools_of_redis) {
    EXPECT_EQ(resp::answer(known, "PING\r\n"), "+PONG\r\n");
    EXPECT_EQ(resp::answer(known, "ping me\r\n"), "$2\r\nme\r\n");
    EXPECT_EQ(resp::answer(known, "CONFIG GET save\r\n"), "*2\r\n$4\r\nsave\r\n$0\r\n\r\n");
}

TEST(resp_commands, tells_what_is_wrong_with_a_request) {
    EXPECT_EQ(resp::answer(known, "\r\n"), "-ERR a request has a command\r\n");
    EXPECT_EQ(resp::answer(known, "join a\r\n"), "-ERR wrong number of arguments for 'join'\r\n");
    EXPECT_EQ(resp::answer(known, "*1\r\n$6\r\nfly\r\nx\r\n"), "-ERR unknown command 'fly\\r\\nx'\r\n");
}

TEST(resp_commands, writes_each_kind_of_reply) {
    EXPECT_EQ(resp::status("OK"), "+OK\r\n");
    EXPECT_EQ(resp::error("no"), "-ERR no\r\n");
    EXPECT_EQ(resp::array({resp::integer(-7), resp::string("abc"), resp::nothing()}),
              "*3\r\n:-7\r\n$3\r\nabc\r\n$-1\r\n");
}

} // namespace fairlead::test
