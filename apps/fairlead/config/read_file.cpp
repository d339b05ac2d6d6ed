#include "config/read_file.hpp"

#include <fairlead/printable.hpp>

#include <cerrno>
#include <fcntl.h>
#include <stdexcept>
#include <system_error>
#include <unistd.h>

namespace fairlead::command {

namespace {

constexpr std::size_t largest_file = 1 << 20;

[[noreturn]] void cannot_read(const std::string& path) {
    throw std::invalid_argument{"cannot read " + printable(path) + ": " + std::system_category().message(errno)};
}

class opened_file {
public:
    explicit opened_file(const std::string& path) : descriptor_{::open(path.c_str(), O_RDONLY | O_CLOEXEC)} {
        if (descriptor_ < 0)
            cannot_read(path);
    }
    opened_file(const opened_file&) = delete;
    opened_file& operator=(const opened_file&) = delete;
    ~opened_file() { ::close(descriptor_); }

    /// Calls read(2), again after EINTR, and returns its result.
    ssize_t read(char* into, std::size_t size) const {
        ssize_t got = -1;
        do {
            got = ::read(descriptor_, into, size);
        } while (got < 0 && errno == EINTR);
        return got;
    }

private:
    int descriptor_;
};

} // namespace

std::string read_file(const std::string& path) {
    if (path.empty()) // for example from a shell variable that is not set
        throw std::invalid_argument{"the name of the configuration file is empty"};
    const opened_file file{path};
    std::string text;
    for (;;) {
        char piece[16 * 1024];
        const ssize_t got = file.read(piece, sizeof piece);
        if (got < 0)
            cannot_read(path);
        if (got == 0)
            return text;
        text.append(piece, static_cast<std::size_t>(got));
        if (text.size() > largest_file)
            throw std::invalid_argument{printable(path) + " is larger than 1 MiB; it is no configuration of fairlead"};
    }
}

} // namespace fairlead::command
