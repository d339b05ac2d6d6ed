// The report of a group about each of its sessions.

#include "log/log.hpp"
#include "server/session_group.hpp"
#include "server/session_report.hpp"
#include "server/session_round.hpp"
#include "session/describe.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace fairlead {

/// Logs a line for each session up to a maximum, and the number of the others.
class session_group::report_round final : public round {
public:
    explicit report_round(std::shared_ptr<session_group> group) : round{std::move(group), 25} {}

private:
    static constexpr std::size_t max_lines = 1'000;

    bool visit(member& each) override {
        log_info(report_line(each.peer(), group().shard().now()), origin_of(each.peer()));
        return ++lines_ < max_lines;
    }

    void end() override {
        if (const std::size_t all = group().left(); lines_ == max_lines && all > max_lines)
            log_info("and " + std::to_string(all - max_lines) + " more sessions");
    }

    std::size_t lines_ = 0;
};

void session_group::report() {
    if (!report_.expired())
        return;
    const auto begun = std::make_shared<report_round>(keep_alive());
    report_ = begun;
    begun->begin();
}

} // namespace fairlead
