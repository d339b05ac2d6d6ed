#include <fairlead/limits.hpp>

#include <stdexcept>
#include <string>

namespace fairlead {

void validate(const limits& bounds) {
    if (bounds.send_queue_soft > bounds.send_queue_hard)
        throw std::invalid_argument{"the soft limit of the send queue (" + std::to_string(bounds.send_queue_soft) +
                                    " bytes) exceeds the hard one (" + std::to_string(bounds.send_queue_hard) +
                                    "); a peer must stop being read before its replies are refused, so lower the one "
                                    "or raise the other"};
    for (const limits::duration each : {bounds.first_message, bounds.message, bounds.idle, bounds.write_stall,
                                        bounds.handler, bounds.drain, bounds.linger}) {
        if (each.count() < 0)
            throw std::invalid_argument{"a time limit of " + std::to_string(each.count()) +
                                        " ms cannot be kept; 0 switches a limit off"};
    }
}

} // namespace fairlead
