#include <fairlead/limits.hpp>

#include <stdexcept>
#include <string>

namespace fairlead {

void validate(const limits& bounds) {
    if (bounds.write_high_watermark > bounds.max_write_buffer)
        throw std::invalid_argument{"limits: write_high_watermark (" + std::to_string(bounds.write_high_watermark) +
                                    " bytes) exceeds max_write_buffer (" + std::to_string(bounds.max_write_buffer) +
                                    "); a peer must stop being read before its replies are refused: lower the one or "
                                    "raise the other"};
    for (const limits::duration each :
         {bounds.first_message_timeout, bounds.message_timeout, bounds.idle_timeout, bounds.write_timeout,
          bounds.handler_timeout, bounds.drain_timeout, bounds.linger_timeout}) {
        if (each.count() < 0)
            throw std::invalid_argument{"a time limit of " + std::to_string(each.count()) +
                                        " ms cannot be kept; 0 switches a limit off"};
    }
}

} // namespace fairlead
