#pragma once

#include "client_tls.hpp"

#include "load/load_plan.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace fairlead::command {

/// The options of the command line. Numbers are in `plan`; `plan_of` interprets the others together.
struct load_options {
    std::vector<std::string> urls;
    std::string framing = "length";
    std::string size = "64";
    std::chrono::milliseconds timeout{0};
    std::size_t rate = 0;
    std::string histogram;
    bool json = false;
    client_tls tls;
    load_plan plan;
};

/// The options for which it matters whether they were given.
struct given_options {
    bool framing = false;
    bool size = false;
    bool rate = false;
    bool timeout = false;
};

/// Makes the plan of a load. Errors: throws std::invalid_argument for options that are wrong or contradict
/// each other.
load_plan plan_of(const load_options& options, const given_options& given);

} // namespace fairlead::command
