#pragma once

#include <fairlead/proxy.hpp>

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace fairlead::command {

/// `--proxy-from CIDR[,CIDR]`.
void add_proxy_options(CLI::App& command, proxy_server_options& proxy);

/// Errors: throws std::invalid_argument if there are proxies and one of the URLs is of UDP.
void require_no_datagrams(const proxy_server_options& proxy, const std::vector<std::string>& urls);

} // namespace fairlead::command
