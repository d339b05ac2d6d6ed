#pragma once

#include <fairlead/proxy.hpp>

#include <CLI/CLI.hpp>

namespace fairlead::command {

/// `--proxy-from CIDR[,CIDR]`, `--proxy-header-timeout`.
void add_proxy_options(CLI::App& command, proxy_server_options& proxy);

} // namespace fairlead::command
