#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace fairlead::command {

/// A user's number, or the name that the system's user database has for one (getpwnam(3)).
///
/// Errors: throws std::invalid_argument with a sentence that shows the right form.
::uid_t parse_user(std::string_view text);

/// A user of the system, with all of its groups.
struct user_identity {
    std::string name; ///< as it was asked for
    ::uid_t user = 0;
    ::gid_t group = 0;
    std::vector<::gid_t> groups;
};

/// Reads `NAME` or `NAME:GROUP`, each a name or a number; without GROUP it is the user's own.
///
/// Errors: throws std::invalid_argument with advice for a user or group that the system does not know, and for root.
/// Thread safety: none (getpwuid(3)); for the start of a program.
user_identity find_user(std::string_view text);

/// Errors: throws std::runtime_error with advice if the process is not root, and so cannot become the user.
void require_root_for(const user_identity& user);

/// Changes to the user for good, in all threads.
///
/// Errors: throws std::system_error if the system refuses, std::runtime_error if root's rights can be taken back.
void become(const user_identity& user);

/// Acts with the rights of a user, if there is one, until the end of the block; then root's rights return.
///
/// Errors: throws std::system_error if the system refuses.
class acting_as {
public:
    explicit acting_as(const std::optional<user_identity>& user);
    acting_as(const acting_as&) = delete;
    acting_as& operator=(const acting_as&) = delete;
    ~acting_as();

private:
    void go_back() noexcept;

    bool changed_;
    ::gid_t group_before_;
    std::vector<::gid_t> groups_before_;
};

} // namespace fairlead::command
