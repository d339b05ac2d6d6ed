#pragma once

#include "user_change.hpp"

#include <boost/system/system_error.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead::command {

/// Returns the directory of a Unix socket that has a file; nullopt for other URLs.
std::optional<std::string> socket_directory(const std::string& url);

/// The rights that a server needs besides its sockets.
struct needed_rights {
    std::vector<std::string> directories = {}; ///< of received files
    std::vector<std::string> served = {};      ///< directories of files that it sends
    std::vector<std::string> urls = {};        ///< where it listens
    std::vector<std::string> files = {};       ///< that it reads, and reads again: certificates, keys and configuration
    std::optional<user_identity> user = {};    ///< to which it changes later
};

/// Returns the directories that hold these files, and those to which their symbolic links lead.
std::vector<std::string> places_of(const std::vector<std::string>& files);

/// Drops all rights that a server does not need. Call it before other threads start: each has the rights of
/// the one that starts it. Returns the reason why access to files is not confined; nullopt if it is.
///
/// Errors: throws std::runtime_error with advice if the process cannot become the user.
std::optional<std::string> confine_process(const needed_rights& needed);

/// Checks that the present user may read the files. Errors: throws boost::system::system_error, whose
/// `what()` names the file.
void require_readable(const std::vector<std::string>& files);

/// Calls `make`, which creates files or sockets in a directory, with the rights of `user`: the user then
/// owns them, and can use and remove them.
///
/// Errors: as `make`; throws std::runtime_error with advice if the user lacks the rights.
template <class Make>
auto as_user(const std::optional<user_identity>& user, Make make) {
    const acting_as rights{user};
    try {
        return make();
    } catch (const boost::system::system_error& failed) {
        if (!user || (failed.code() != boost::system::errc::permission_denied &&
                      failed.code() != boost::system::errc::operation_not_permitted))
            throw;
        throw std::runtime_error{std::string{failed.what()} + "; user " + user->name +
                                 " (--user) needs these rights; use chown or chmod"};
    }
}

} // namespace fairlead::command
