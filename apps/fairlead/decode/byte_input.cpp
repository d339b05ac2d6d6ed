#include "decode/byte_input.hpp"

#include "output.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace fairlead::command {

namespace {

[[noreturn]] void refuse_input(const std::string& name) {
    const int why = errno;
    throw std::runtime_error{"cannot read " + name + ": " + std::generic_category().message(why)};
}

} // namespace

byte_input::byte_input(const std::string& file)
    : name_{file == "-" ? "standard input" : "'" + escape(file, file.size()) + "'"},
      descriptor_{file == "-" ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC)} {
    struct ::stat status {};
    if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0)
        refuse_input(name_);
    regular_ = S_ISREG(status.st_mode);
    if (regular_)
        start_ = std::max<off_t>(::lseek(descriptor_, 0, SEEK_CUR), 0);
}

byte_input::~byte_input() {
    if (descriptor_ != STDIN_FILENO)
        ::close(descriptor_);
}

std::size_t byte_input::read(std::span<unsigned char> into) {
    if (ahead_.empty())
        return read_on(into);
    const bytes_view given = ahead_.data().first(into.size());
    std::memcpy(into.data(), given.data(), given.size());
    ahead_.consume(given.size());
    return given.size();
}

std::size_t byte_input::peek() {
    const std::size_t more = read_on(ahead_.prepare(1));
    ahead_.commit(more);
    return more;
}

std::size_t byte_input::read_on(std::span<unsigned char> into) {
    if (!regular_)
        flush_output();
    for (;;) {
        const ::ssize_t size = ::read(descriptor_, into.data(), into.size());
        if (size >= 0)
            return static_cast<std::size_t>(size);
        if (errno != EINTR)
            refuse_input(name_);
    }
}

void byte_input::rewind() {
    ahead_.release();
    if (::lseek(descriptor_, start_, SEEK_SET) < 0)
        refuse_input(name_);
}

} // namespace fairlead::command
