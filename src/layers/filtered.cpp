#include <fairlead/layers/filtered.hpp>

#include "layers/layer_counter.hpp"
#include "layers/layer_session.hpp"
#include "layers/layered_handler.hpp"

#include <memory>
#include <utility>

namespace fairlead {

namespace {

struct verdict_counts {
    explicit verdict_counts(const layer_metrics& in)
        : passed{count_messages(in, "filtered", "passed")}, dropped{count_messages(in, "filtered", "dropped")},
          closed{count_messages(in, "filtered", "closed")} {}

    void add(verdict decided) const noexcept {
        switch (decided) {
        case verdict::pass: return passed.add();
        case verdict::drop: return dropped.add();
        case verdict::close: return closed.add();
        }
    }

    layer_counter passed, dropped, closed;
};

class filtered_session final : public layer_session {
public:
    filtered_session(session& peer, message_filter& decide, const verdict_counts& counts) noexcept
        : layer_session{peer}, decide_{decide}, counts_{counts} {}

private:
    verdict judge(bytes_view message) override {
        const verdict decided = decide_(message, *this);
        counts_.add(decided);
        return decided;
    }

    message_filter& decide_;
    const verdict_counts& counts_;
};

} // namespace

handler filtered(message_filter decide, handler inner, layer_metrics counted) {
    const auto counts = std::make_shared<const verdict_counts>(counted);
    const auto of_messages = [&](message_handler each) -> message_handler {
        return [counts, decide, each = std::move(each)](bytes_view message, peer& from) mutable {
            const verdict decided = decide(message, from);
            counts->add(decided);
            if (decided == verdict::pass)
                each(message, from);
            else if (decided == verdict::close)
                from.close();
        };
    };
    const auto of_sessions = [&](handler own) -> session_handler {
        return [counts, decide, own = std::move(own)](session& peer) mutable {
            return serve_behind<filtered_session>(own, peer, decide, *counts);
        };
    };
    return layered(std::move(inner), of_messages, of_sessions);
}

} // namespace fairlead
