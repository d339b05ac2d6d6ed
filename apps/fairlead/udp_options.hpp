#pragma once

#include <fairlead/udp.hpp>

#include <CLI/CLI.hpp>

#include <string_view>

namespace fairlead::command {

/// A group as people write it: `239.255.0.1`, or `239.255.0.1@eth0` to join it at one interface.
multicast_group parse_group(std::string_view text);

/// The options of UDP.
void add_udp_options(CLI::App& command, udp_options& how);

} // namespace fairlead::command
