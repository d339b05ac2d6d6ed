#include "core/controlling_terminal.hpp"

#include "core/unique_descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace fairlead {

// `7 (name) S parent group session terminal …`; a name may have anything in it, also spaces and brackets.
bool has_terminal(std::string_view status) noexcept {
    constexpr int fields_before = 5; // the space behind the name, then state, parent, group, session
    auto at = status.rfind(')');
    for (int i = 0; i < fields_before && at != status.npos; ++i)
        at = status.find(' ', at + 1);
    return at == status.npos || status.substr(at + 1, 2) != "0 ";
}

bool has_controlling_terminal() noexcept {
    char status[512];
    const unique_descriptor file{::open("/proc/self/stat", O_RDONLY | O_CLOEXEC)};
    const ssize_t size = file ? ::read(file.get(), status, sizeof status) : -1;
    return size <= 0 || has_terminal({status, static_cast<std::size_t>(size)});
}

} // namespace fairlead
