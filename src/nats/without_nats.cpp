// Replaces the use of NATS in a build without it.

#include "core/missing_library.hpp"
#include "topics/topic_bridge.hpp"

#include <fairlead/nats.hpp>

namespace fairlead {

std::shared_ptr<topic_bridge> nats(std::string_view, const nats_options&) {
    refuse_without("NATS", "nats.c", "libnats-dev", "FAIRLEAD_NATS");
}

} // namespace fairlead
