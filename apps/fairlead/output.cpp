#include "output.hpp"

#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>

namespace fairlead::command {

void flush_output() {
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        throw std::runtime_error{"cannot write to standard output: " + std::generic_category().message(errno)};
}

} // namespace fairlead::command
