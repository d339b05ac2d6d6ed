#pragma once

#include "admin/admin_subject.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace fairlead::test {

/// A server that says what a test wants it to say.
class fake_subject final : public admin_subject {
public:
    fairlead::statistics statistics() const override { return counted; }
    std::string metrics_text(metrics_format format) const override {
        return format == metrics_format::openmetrics ? "open" : "plain";
    }
    std::vector<histogram_snapshot> histograms() const override {
        return {{.name = "fairlead_handler_seconds",
                 .help = "",
                 .labels = {},
                 .limits = {0.5},
                 .counts = {2, 1},
                 .sum = 1.25}};
    }
    server_phase phase() const override { return present; }
    double uptime() const override { return 2.5; }
    std::vector<shard_view> shards() const override { return threads; }
    std::shared_ptr<session_survey> survey(session_query query) override {
        const auto begun = std::make_shared<session_survey>(std::move(query), 2);
        begun->deliver(0, 3, 3, {});
        return begun; // the other shard is blocked
    }
    std::shared_ptr<session_closing> close_session(std::uint64_t id) override {
        const auto begun = std::make_shared<session_closing>(id, 1);
        if (id == 7)
            begun->found();
        begun->answer(0);
        return begun;
    }
    void drain() override { ++drained; }
    std::optional<std::string> reload() override { return reloading ? std::optional{reloading()} : std::nullopt; }

    fairlead::statistics counted;
    server_phase present = server_phase::serving;
    std::vector<shard_view> threads{{.index = 0, .active = 3}};
    int drained = 0;
    std::function<std::string()> reloading = {};
};

} // namespace fairlead::test
