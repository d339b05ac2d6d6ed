#pragma once

#include "client_tls.hpp"

#include "load/load_plan.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace fairlead::command {

/// What stands on the command line: numbers go into the plan at once, the rest has to be understood together.
struct load_options {
    std::vector<std::string> where;
    std::string framing = "length";
    std::string size = "64";
    std::chrono::milliseconds timeout{0};
    std::size_t rate = 0;
    std::string histogram;
    bool json = false;
    client_tls tls;
    load_plan plan;
};

/// Which options were given, where that makes a difference.
struct given_options {
    bool framing = false;
    bool size = false;
    bool rate = false;
    bool timeout = false;
};

/// Errors: throws std::invalid_argument that says what does not go, or not together.
load_plan plan_of(const load_options& options, const given_options& given);

} // namespace fairlead::command
