#include "user_change.hpp"

#include <cerrno>
#include <charconv>
#include <grp.h>
#include <limits>
#include <pwd.h>
#include <stdexcept>
#include <system_error>
#include <unistd.h>

namespace fairlead::command {

namespace {

constexpr ::uid_t root = 0;
constexpr ::uid_t unchanged = std::numeric_limits<::uid_t>::max(); // for system calls, also in place of a group

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

::gid_t parse_group(const std::string& text) {
    ::gid_t group = 0;
    if (is_number(text) && std::from_chars(text.data(), text.data() + text.size(), group).ec == std::errc{} &&
        group != unchanged)
        return group;
    const ::group* const found = ::getgrnam(text.c_str());
    if (!found)
        throw std::invalid_argument{"there is no group '" + text +
                                    "' here; write a name that the system knows, or the group's number, such as 1000"};
    return found->gr_gid;
}

std::vector<::gid_t> groups_of(const char* name, ::gid_t group) {
    int count = 16;
    std::vector<::gid_t> groups;
    do
        groups.resize(static_cast<std::size_t>(count));
    while (::getgrouplist(name, group, groups.data(), &count) < 0);
    groups.resize(static_cast<std::size_t>(count));
    return groups;
}

[[noreturn]] void fail(const std::string& sentence) {
    throw std::system_error{errno, std::system_category(), sentence};
}

} // namespace

::uid_t parse_user(std::string_view text) {
    ::uid_t user = 0;
    if (is_number(text)) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), user);
        if (error != std::errc{} || user == unchanged)
            throw std::invalid_argument{"'" + std::string{text} + "' is too large for the number of a user"};
        return user;
    }
    const std::string name{text};
    std::string room(1024, '\0');
    ::passwd entry{};
    ::passwd* found = nullptr;
    int failed = 0;
    while ((failed = ::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found)) == ERANGE)
        room.resize(room.size() * 2);
    if (!found)
        throw std::invalid_argument{"there is no user '" + name + "' here" +
                                    (failed ? " (" + std::system_category().message(failed) + ")" : "") +
                                    "; write a name that the system knows, or the user's number, such as 1000"};
    return found->pw_uid;
}

user_identity find_user(std::string_view text) {
    const auto colon = text.find(':');
    const std::string name{text.substr(0, colon)};
    user_identity found{.name = name, .user = parse_user(name), .group = 0, .groups = {}};
    if (found.user == root)
        throw std::invalid_argument{"'" + name + "' is root, which has all rights; name another user"};
    const ::passwd* const entry = ::getpwuid(found.user);
    if (!entry && colon == std::string_view::npos)
        throw std::invalid_argument{"the system does not know which group user " + name + " has; write " + name +
                                    ":GROUP"};
    const std::string known = entry ? entry->pw_name : "";
    found.group = colon == std::string_view::npos ? entry->pw_gid : parse_group(std::string{text.substr(colon + 1)});
    found.groups = known.empty() ? std::vector{found.group} : groups_of(known.c_str(), found.group);
    return found;
}

void require_root_for(const user_identity& user) {
    if (::geteuid() != root)
        throw std::runtime_error{"only root can become user " + user.name +
                                 "; start as root, or leave --user out and start as that user"};
}

void become(const user_identity& user) {
    if (::setgroups(user.groups.size(), user.groups.data()) != 0 ||
        ::setresgid(user.group, user.group, user.group) != 0 || ::setresuid(user.user, user.user, user.user) != 0)
        fail("cannot become user " + user.name);
    if (::setresuid(unchanged, root, unchanged) == 0 || ::getuid() != user.user || ::getgid() != user.group)
        throw std::runtime_error{"user " + user.name + " could take root's rights back; leave --user out"};
}

acting_as::acting_as(const std::optional<user_identity>& user)
    : changed_{user.has_value()}, group_before_{::getegid()} {
    if (!changed_)
        return;
    groups_before_.resize(static_cast<std::size_t>(::getgroups(0, nullptr)));
    if (::getgroups(static_cast<int>(groups_before_.size()), groups_before_.data()) < 0)
        fail("cannot read the groups of this process");
    if (::setgroups(user->groups.size(), user->groups.data()) != 0 || ::setegid(user->group) != 0 ||
        ::seteuid(user->user) != 0) {
        const int why = errno;
        go_back();
        errno = why;
        fail("cannot act as user " + user->name);
    }
}

acting_as::~acting_as() {
    if (changed_)
        go_back();
}

// If the system refuses, the process has fewer rights than before, and calls that need more report errors.
void acting_as::go_back() noexcept {
    [[maybe_unused]] const bool back = ::seteuid(root) == 0 && ::setegid(group_before_) == 0 &&
                                       ::setgroups(groups_before_.size(), groups_before_.data()) == 0;
}

} // namespace fairlead::command
