#include <fairlead/layers/rate_limited.hpp>

#include "core/random_seed.hpp"
#include "core/time_after.hpp"
#include "core/token_bucket.hpp"
#include "datagram/reply_rules.hpp"
#include "datagram/source_rates.hpp"
#include "layers/layer_counter.hpp"
#include "layers/layer_session.hpp"
#include "layers/layered_handler.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace fairlead {

namespace {

struct rate_rules {
    rate_rules(const message_rate& rate, const layer_metrics& in)
        : per_second{static_cast<double>(rate.messages) / std::chrono::duration<double>{rate.per}.count()},
          burst{static_cast<double>(rate.burst == 0 ? rate.messages : rate.burst)}, passed{count_messages(
                                                                                        in, "rate_limited", "passed")},
          dropped{count_messages(in, "rate_limited", "dropped")}, waits{count_waits(in, "rate_limited")} {}

    double per_second, burst;
    layer_counter passed, dropped, waits;
};

class rate_limited_session final : public layer_session {
public:
    rate_limited_session(session& peer, const rate_rules& rules) noexcept
        : layer_session{peer}, rules_{rules}, bucket_{rules.per_second, rules.burst} {}

private:
    bool enter() override {
        if (!bucket_.ready(now()))
            return false;
        bucket_.take();
        return true;
    }

    boost::asio::awaitable<session_pause::outcome> wait(time_point until) override {
        return layer_session::wait(std::min(until, time_after(now(), bucket_.wait())));
    }

    void begin(bytes_view) override { rules_.passed.add(); }
    void waited() noexcept override { rules_.waits.add(); }
    void dropped() noexcept override { rules_.dropped.add(); }

    const rate_rules& rules_;
    token_bucket bucket_;
};

constexpr double largest_burst = 1 << 23; // which a float counts down one by one

/// The senders of datagrams to one thread. A copy begins without senders.
class sender_rates {
public:
    explicit sender_rates(std::shared_ptr<const rate_rules> rules) noexcept : rules_{std::move(rules)} {}
    sender_rates(const sender_rates& other) noexcept : rules_{other.rules_} {}
    sender_rates& operator=(const sender_rates&) = delete;
    ~sender_rates() = default;

    bool admits(peer& from) {
        if (!known_)
            known_.emplace(rules_->per_second, std::min(rules_->burst, largest_burst), random_seed());
        const bool admitted = known_->take(source_key(from.remote().data()), std::chrono::steady_clock::now());
        (admitted ? rules_->passed : rules_->dropped).add();
        return admitted;
    }

private:
    std::shared_ptr<const rate_rules> rules_;
    std::optional<source_rates> known_;
};

} // namespace

handler rate_limited(message_rate rate, handler inner, layer_metrics counted) {
    if (rate.messages == 0 || rate.per.count() <= 0)
        throw std::invalid_argument{"rate_limited: `messages` and `per` must be at least 1, or no message ever passes"};
    const auto rules = std::make_shared<const rate_rules>(rate, counted);
    const auto of_datagrams = [&](message_handler each) -> message_handler {
        return [senders = sender_rates{rules}, each = std::move(each)](bytes_view message, peer& from) mutable {
            if (senders.admits(from))
                each(message, from);
        };
    };
    const auto of_sessions = [&](handler own) -> session_handler {
        return [rules, own = std::move(own)](session& peer) mutable {
            return serve_behind<rate_limited_session>(own, peer, *rules);
        };
    };
    return layered_with_waits(std::move(inner), of_datagrams, of_sessions);
}

} // namespace fairlead
