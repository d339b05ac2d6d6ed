// In place of NATS, in a build without it.

#include "topics/topic_bridge.hpp"

#include <fairlead/nats.hpp>

#include <stdexcept>

namespace fairlead {

std::shared_ptr<topic_bridge> nats(std::string_view, const nats_options&) {
    throw std::invalid_argument{
        "this build of Fairlead has no NATS; install nats.c (on Debian libnats-dev) and build again "
        "without -DFAIRLEAD_NATS=OFF"};
}

} // namespace fairlead
