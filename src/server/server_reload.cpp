// Reloading the configuration of a server.

#include "core/controlling_terminal.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "server/server_core.hpp"

#include <fairlead/service_manager.hpp>

#include <stdexcept>
#include <string>

namespace fairlead {

/// Notifies the service manager when a reload begins and when it has ended.
class server_core::reload_notice {
public:
    explicit reload_notice(bool asked) noexcept : asked_{asked} {
        if (asked_)
            notify_reloading();
    }
    reload_notice(const reload_notice&) = delete;
    reload_notice& operator=(const reload_notice&) = delete;
    ~reload_notice() {
        if (asked_)
            notify_reloaded();
    }

private:
    const bool asked_;
};

std::function<void()> server_core::action_on_hangup() {
    if (!options_.on_reload || has_controlling_terminal())
        return {};
    return [this] { reload_job_.ask(first().blocking_threads()); };
}

std::string server_core::reload_configuration() {
    if (!options_.on_reload)
        throw std::logic_error{"this server cannot be reloaded; set server_options::on_reload"};
    if (phase_ == server_phase::draining)
        throw std::runtime_error{"the server stops"};
    const std::lock_guard lock{reload_mutex_};
    const reload_notice told{options_.notify_service_manager};
    try {
        if (joint_->are_lent())
            throw std::runtime_error{"the server hands its sockets over to another process, which reads its own "
                                     "configuration; ask it, or this one again if that process does not start"};
        std::string summary = options_.on_reload();
        log_info("reloaded: " + summary);
        return summary;
    } catch (const std::exception& refused) {
        log_exceptions(
            [&] { log_warning("the reload was refused, and all stays as it was: " + std::string{refused.what()}); });
        throw;
    }
}

void server_core::reload_and_go_on() {
    try {
        reload_configuration();
    } catch (const std::exception&) { // it is in the log
    }
}

} // namespace fairlead
