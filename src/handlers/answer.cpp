#include "handlers/answer.hpp"

#include "log/log.hpp"

namespace fairlead {

void end_unanswered(peer& from, error_code why) {
    if (why == errc::closed)
        return;
    log_warning(log_topic::message_dropped,
                "a reply to " + from.remote().to_string() + " was not sent: " + why.message(),
                {.peer = from.remote().to_string()});
    from.close();
}

} // namespace fairlead
