#include "output.hpp"

#include "core/system_error.hpp"

#include <cstdio>
#include <stdexcept>

namespace fairlead::command {

void flush_output() {
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        throw std::runtime_error{"cannot write to standard output: " + last_system_error().message()};
}

} // namespace fairlead::command
