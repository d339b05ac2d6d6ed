#include "load/chart_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace fairlead::command {

chart_file::chart_file(std::string path)
    : path_{std::move(path)}, descriptor_{::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)} {
    made_ = descriptor_ >= 0;
    if (!made_ && errno == EEXIST)
        descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0)
        fail();
}

chart_file::~chart_file() {
    if (made_)
        ::unlink(path_.c_str());
    ::close(descriptor_);
}

void chart_file::write(const std::string& picture) {
    if (::ftruncate(descriptor_, 0) != 0 && errno != EINVAL) // as of a pipe, which has no length
        fail();
    for (std::string_view rest = picture; !rest.empty();) {
        const ::ssize_t written = ::write(descriptor_, rest.data(), rest.size());
        if (written < 0 && errno != EINTR)
            fail();
        rest.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    made_ = false;
}

void chart_file::fail() const {
    throw std::runtime_error{"cannot write " + path_ + ": " + std::generic_category().message(errno)};
}

} // namespace fairlead::command
