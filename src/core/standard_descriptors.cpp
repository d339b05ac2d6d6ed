#include "core/standard_descriptors.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace fairlead {

void occupy_standard_descriptors() noexcept {
    for (int each = STDIN_FILENO; each <= STDERR_FILENO; ++each) {
        if (::fcntl(each, F_GETFD) >= 0)
            continue;
        const int opened = ::open("/dev/null", each == STDOUT_FILENO ? O_RDONLY : O_RDWR);
        if (opened >= 0 && opened != each) { // another thread was faster
            ::close(opened);
            return;
        }
    }
}

} // namespace fairlead
