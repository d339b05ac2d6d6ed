#include "user_change.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <functional>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace fairlead::command {

namespace {

std::string refusal_of_user(std::string_view text) {
    try {
        find_user(text);
        return "";
    } catch (const std::invalid_argument& wrong) {
        return wrong.what();
    }
}

const user_identity stranger{.name = "stranger", .user = 54321, .group = 54322, .groups = {54322, 54323}};

bool is_stranger(::uid_t user, ::gid_t group) {
    ::gid_t groups[8];
    return user == stranger.user && group == stranger.group && ::getgroups(8, groups) == 2 && groups[1] == 54323;
}

// What a child process finds, for there is no way back. It must not leave by an exception, as a second run of the tests.
bool holds_in_a_child(const std::function<bool()>& holds) {
    const ::pid_t child = ::fork();
    if (child == 0) {
        try {
            ::_exit(holds() ? 0 : 1);
        } catch (const std::exception& failed) {
            std::fprintf(stderr, "%s\n", failed.what());
            ::_exit(2);
        }
    }
    int status = 0;
    return ::waitpid(child, &status, 0) == child && status == 0;
}

} // namespace

TEST(user_change, finds_users_and_groups_by_name_and_number) {
    const user_identity nobody = find_user("nobody");
    EXPECT_EQ(nobody.name, "nobody");
    EXPECT_NE(nobody.user, 0u);
    EXPECT_EQ(find_user(std::to_string(nobody.user)).group, nobody.group);
    EXPECT_EQ(std::ranges::count(nobody.groups, nobody.group), 1);

    EXPECT_EQ(find_user("nobody:daemon").group, find_user("daemon").group);
    EXPECT_EQ(find_user("nobody:1234").group, 1234u);
    const user_identity unknown = find_user("54321:54322");
    EXPECT_EQ(unknown.user, 54321u);
    EXPECT_EQ(unknown.groups, std::vector<::gid_t>{54322});
}

TEST(user_change, says_what_is_wrong_with_a_user) {
    EXPECT_NE(refusal_of_user("no-such-user").find("there is no user 'no-such-user' here"), std::string::npos);
    EXPECT_NE(refusal_of_user("nobody:no-such-group").find("there is no group 'no-such-group' here"),
              std::string::npos);
    EXPECT_NE(refusal_of_user("nobody:").find("there is no group ''"), std::string::npos);
    EXPECT_NE(refusal_of_user("").find("there is no user ''"), std::string::npos);
    EXPECT_NE(refusal_of_user("54321").find("write 54321:GROUP"), std::string::npos);
    for (const char* each : {"root", "0", "root:daemon"})
        EXPECT_NE(refusal_of_user(each).find("is root"), std::string::npos) << each;
}

TEST(user_change, takes_all_rights_of_root_for_good) {
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root can become another user";
    EXPECT_TRUE(holds_in_a_child([] {
        become(stranger);
        return is_stranger(::getuid(), ::getgid()) && is_stranger(::geteuid(), ::getegid()) && ::setuid(0) != 0 &&
               ::seteuid(0) != 0 && ::setgid(0) != 0;
    }));
}

TEST(user_change, acts_as_a_user_for_a_while) {
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root can become another user";
    EXPECT_TRUE(holds_in_a_child([] {
        const int groups_before = ::getgroups(0, nullptr);
        {
            const acting_as rights{stranger};
            if (!is_stranger(::geteuid(), ::getegid()))
                return false;
        }
        return ::geteuid() == 0 && ::getegid() == 0 && ::getgroups(0, nullptr) == groups_before;
    }));
}

TEST(user_change, tells_others_than_root_to_start_as_that_user) {
    EXPECT_TRUE(holds_in_a_child([] {
        if (::geteuid() == 0)
            become(stranger);
        try {
            require_root_for(stranger);
        } catch (const std::runtime_error& refused) {
            return std::string{refused.what()}.find("only root can become user stranger; start as") == 0;
        }
        return false;
    }));
}

} // namespace fairlead::command
