// The answers and actions of a server for its admin endpoint.

#include "log/log_exceptions.hpp"
#include "server/listen_checks.hpp"
#include "server/server_core.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

namespace fairlead {

/// Lifetime: endpoints end before the server.
class server_core::subject final : public admin_subject {
public:
    explicit subject(server_core& of) noexcept : server_{of} {}

    fairlead::statistics statistics() const override { return server_.statistics(); }
    std::string metrics_text(metrics_format format) const override { return server_.metrics_text(format); }
    std::vector<histogram_snapshot> histograms() const override { return server_.histograms(); }
    server_phase phase() const override { return server_.phase_; }
    double uptime() const override {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - server_.made_).count();
    }
    std::vector<shard_view> shards() const override { return server_.view_shards(); }
    std::shared_ptr<session_survey> survey(session_query query) override { return server_.survey(std::move(query)); }
    std::shared_ptr<session_closing> close_session(std::uint64_t id) override { return server_.close_session(id); }
    void drain() override { server_.stop_on_signal(); }
    std::optional<std::string> reload() override {
        return server_.options_.on_reload ? std::optional{server_.reload_configuration()} : std::nullopt;
    }

private:
    server_core& server_;
};

endpoint server_core::admin(std::string_view url, const admin_options& options) {
    check_changeable();
    validate_unix_mode(options.unix_mode, "admin_options::unix_mode");
    auto opened =
        std::make_unique<admin_endpoint>(url, options, std::make_unique<subject>(*this), [&](const fairlead::url& at) {
            auto sockets = inherited_.take(at, listens_for::administration, {});
            if (sockets.empty())
                sockets = open_listen_sockets(at, options.unix_mode);
            return inherited_.shared(std::move(sockets));
        });
    const endpoint address = opened->address();
    {
        const std::lock_guard lock{admin_mutex_};
        if (admin_) {
            refuse_while_lent();
            admin_->push_back(std::move(opened));
            return address;
        }
    }
    refuse_after_stop();
}

std::vector<shard_view> server_core::view_shards() const {
    std::vector<shard_view> found;
    for (std::size_t i = 0; i < services_.size(); ++i) {
        const double blocked = std::chrono::duration<double>(monitor_.blocked_for(i)).count();
        found.push_back({.index = i,
                         .active = services_[i]->sessions.left(),
                         .blocked_for = blocked,
                         .blocked_by = blocked > 0 ? monitor_.blocked_by(i) : ""});
    }
    return found;
}

std::shared_ptr<session_survey> server_core::survey(session_query query) {
    const auto begun = std::make_shared<session_survey>(std::move(query), services_.size());
    for (std::size_t i = 0; i < services_.size(); ++i)
        boost::asio::post(host_.shards[i]->executor(),
                          [self = shared_from_this(), begun, i] { self->services_[i]->sessions.collect(begun, i); });
    return begun;
}

std::shared_ptr<session_closing> server_core::close_session(std::uint64_t id) {
    const auto begun = std::make_shared<session_closing>(id, services_.size());
    for (std::size_t i = 0; i < services_.size(); ++i)
        boost::asio::post(host_.shards[i]->executor(),
                          [self = shared_from_this(), begun, i] { self->services_[i]->sessions.close_one(begun, i); });
    return begun;
}

void server_core::stop_admin() noexcept {
    const std::lock_guard lock{admin_mutex_};
    if (!admin_)
        return;
    for (const auto& each : *admin_)
        each->stop();
}

// Destroys the endpoints outside of the lock, because that waits for their threads.
void server_core::end_admin() noexcept {
    stop_admin();
    std::optional<admin_endpoints> ended;
    {
        const std::lock_guard lock{admin_mutex_};
        ended.swap(admin_);
    }
}

} // namespace fairlead
