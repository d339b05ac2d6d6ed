#include "server/placement.hpp"

#include "log/log.hpp"
#include "log/log_exceptions.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace fairlead {

void placement::refuse(const endpoint& remote, const char* why) const {
    log_warning(log_topic::connection_refused, "a connection from " + remote.to_string() + " was refused: " + why,
                {.peer = remote.to_string()});
    if (on_refused_)
        log_exceptions([&] { on_refused_(remote, why); });
}

void placement::place(admission::listener& listener, admission::permit held, arrival accepted,
                      std::shared_ptr<const session_rules> rules) {
    const buffer_budget* const buffers = services_.front()->sessions.shard().blocks().budget();
    const bool admitted = admission_.admit(held, accepted.remote(), buffers);
    if (!admitted && buffers && buffers->scarce()) {
        counters_.refused_for_memory.add();
        listener.refused_for_memory.add();
        return refuse(accepted.remote(), "the buffers of all sessions are nearly full (--buffer-budget)");
    }
    if (!admitted) {
        counters_.refused_for_address.add();
        listener.refused_for_address.add();
        return refuse(accepted.remote(), "its address has too many sessions (--max-sessions-per-address)");
    }
    session_group& group = least_loaded();
    group.reserve();
    if (&group == &services_.front()->sessions)
        return group.serve(std::move(accepted), rules, std::move(held));
    try {
        boost::asio::post(group.shard().executor(), [owned = group.keep_alive(), accepted = std::move(accepted),
                                                     rules = std::move(rules), held = std::move(held)]() mutable {
            owned->serve(std::move(accepted), rules, std::move(held));
        });
    } catch (...) {
        group.withdraw_reservation();
        counters_.failed.add();
        throw;
    }
}

session_group& placement::least_loaded() noexcept {
    const auto least = std::min_element(services_.begin(), services_.end(), [](const auto& a, const auto& b) {
        return a->sessions.load() < b->sessions.load();
    });
    return (*least)->sessions;
}

} // namespace fairlead
