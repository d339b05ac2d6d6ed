#include "output.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/logging.hpp>

#include <spdlog/logger.h>

#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>

namespace fairlead::command {

void flush_output() {
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        throw std::runtime_error{"cannot write to standard output: " + std::generic_category().message(errno)};
}

void print_line(const std::string& line) {
    std::printf("%s\n", line.c_str());
    try {
        flush_output();
    } catch (const std::runtime_error& failed) {
        logger()->warn("{}; it would have been: {}", failed.what(), escape(line));
    }
}

} // namespace fairlead::command
