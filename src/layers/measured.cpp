#include "layers/measured.hpp"

#include "layers/layer_session.hpp"
#include "layers/layered_handler.hpp"

#include <optional>
#include <utility>

namespace fairlead {

namespace {

/// The work on one message.
class measured_work {
public:
    using time_point = std::chrono::steady_clock::time_point;

    measured_work(std::size_t size, time_point now) noexcept : size_{size}, begun_{now} {}

    void end(const message_observer& observer, const peer& from, time_point now) const noexcept {
        observer.handled(from, size_, now - begun_);
    }

private:
    std::size_t size_;
    time_point begun_;
};

class measured_session final : public layer_session {
public:
    measured_session(session& peer, const message_observer& observer) noexcept
        : layer_session{peer}, observer_{observer} {}
    ~measured_session() override { end(); }

private:
    void begin(bytes_view message) override { work_.emplace(message.size(), now()); }
    void done() noexcept override { end(); }

    void end() noexcept {
        if (work_)
            work_->end(observer_, *this, now());
        work_.reset();
    }

    const message_observer& observer_;
    std::optional<measured_work> work_;
};

// Does not read the clock of the shard, because a peer of a test need not have a shard.
class measured_call {
public:
    measured_call(const message_observer& observer, const peer& from, std::size_t size) noexcept
        : observer_{observer}, from_{from}, work_{size, std::chrono::steady_clock::now()} {}
    measured_call(const measured_call&) = delete;
    measured_call& operator=(const measured_call&) = delete;
    ~measured_call() { work_.end(observer_, from_, std::chrono::steady_clock::now()); }

private:
    const message_observer& observer_;
    const peer& from_;
    measured_work work_;
};

} // namespace

handler measured(std::shared_ptr<const message_observer> observer, handler inner) {
    const auto of_messages = [&](message_handler each) -> message_handler {
        return [observer, each = std::move(each)](bytes_view message, peer& from) {
            const measured_call call{*observer, from, message.size()};
            each(message, from);
        };
    };
    const auto of_sessions = [&](handler own) -> session_handler {
        return [observer, own = std::move(own)](session& peer) mutable {
            return serve_behind<measured_session>(own, peer, *observer);
        };
    };
    return layered(std::move(inner), of_messages, of_sessions);
}

} // namespace fairlead
