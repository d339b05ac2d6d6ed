// In the place of config_reader.cpp, in a build without toml++.

#include "config/config_reader.hpp"

#include <fairlead/printable.hpp>

#include <stdexcept>

namespace fairlead::command {

config_file parse_config(const std::string& path, std::string_view) {
    throw std::invalid_argument{printable(path) +
                                " needs TOML, and this build of fairlead cannot read it; install toml++ (on Debian "
                                "libtomlplusplus-dev) and build it again without -DFAIRLEAD_CONFIG=OFF"};
}

config_file read_config(const std::string& path) {
    return parse_config(path, "");
}

} // namespace fairlead::command
