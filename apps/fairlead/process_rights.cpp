#include "process_rights.hpp"

#include "confinement.hpp"

#include <fairlead/url.hpp>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace fairlead::command {

namespace {

std::filesystem::path real_path(const std::string& file) {
    std::error_code failed;
    const std::filesystem::path found = std::filesystem::canonical(file, failed);
    return failed ? std::filesystem::path{file} : found;
}

} // namespace

std::optional<std::string> socket_directory(const std::string& text) {
    const url address = url::parse(text);
    if (address.transport != transport::unix_stream || !address.path.starts_with('/'))
        return std::nullopt;
    return address.path.substr(0, std::max<std::size_t>(address.path.rfind('/'), 1));
}

// A rule for a file does not apply to a file that replaces it, and a symbolic link may lead to another
// directory. So this returns the directories of the file and of its target; for a file in the root
// directory, only the file itself.
std::vector<std::string> places_of(const std::vector<std::string>& files) {
    std::vector<std::string> places;
    for (const std::string& each : files) {
        for (const std::filesystem::path& path : {std::filesystem::path{each}, real_path(each)}) {
            const std::filesystem::path directory = path.has_parent_path() ? path.parent_path() : ".";
            places.push_back(directory == "/" ? path.string() : directory.string());
        }
    }
    return places;
}

std::optional<std::string> confine_process(const needed_rights& needed) {
    give_up_new_privileges();
    if (needed.user)
        require_root_for(*needed.user);
    allowed_places allowed{.files = needed.directories, .readable = places_of(needed.files)};
    allowed.readable.insert(allowed.readable.end(), needed.served.begin(), needed.served.end());
    for (const std::string& each : needed.urls) {
        if (auto directory = socket_directory(each))
            allowed.sockets.push_back(std::move(*directory));
    }
    return confine(allowed);
}

void require_readable(const std::vector<std::string>& files) {
    for (const std::string& each : files) {
        if (::faccessat(AT_FDCWD, each.c_str(), R_OK, AT_EACCESS) != 0 && errno == EACCES)
            throw boost::system::system_error{EACCES, boost::system::system_category(), "cannot read " + each};
    }
}

} // namespace fairlead::command
