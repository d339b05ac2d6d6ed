#include "process_rights.hpp"

#include "confinement.hpp"

#include <fairlead/url.hpp>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace fairlead::command {

std::optional<std::string> socket_directory(const std::string& text) {
    const url address = url::parse(text);
    if (address.transport != transport::unix_stream || !address.path.starts_with('/'))
        return std::nullopt;
    return address.path.substr(0, std::max<std::size_t>(address.path.rfind('/'), 1));
}

std::optional<std::string> confine_process(const needed_rights& needed) {
    give_up_new_privileges();
    if (needed.user)
        require_root_for(*needed.user);
    allowed_places allowed{.readable = needed.files};
    if (!needed.directory.empty())
        allowed.files.push_back(needed.directory);
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
