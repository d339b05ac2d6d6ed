#pragma once

#include "adoption_options.hpp"
#include "config/serve_plan.hpp"

#include <vector>

namespace fairlead::command {

/// Adds the URLs of sockets that are adopted to the only listener of a plan that has been checked. If the plan has several
/// listeners, nothing is added: each URL must be in one of them.
///
/// Errors: throws std::invalid_argument for an URL that none of several listeners has.
void listen_where_adopted(serve_plan& plan, const std::vector<adoption>& adoptions);

/// The same for those of the plan itself.
void listen_where_adopted(serve_plan& plan);

} // namespace fairlead::command
