#include <fairlead/layers/limited_concurrency.hpp>

#include "layers/layer_counter.hpp"
#include "layers/layer_session.hpp"
#include "layers/layered_handler.hpp"
#include "layers/place_queue.hpp"

#include <memory>
#include <stdexcept>
#include <utility>

namespace fairlead {

namespace {

struct shared_places {
    shared_places(std::size_t count, const layer_metrics& in)
        : queue{count}, passed{count_messages(in, "limited_concurrency", "passed")},
          dropped{count_messages(in, "limited_concurrency", "dropped")}, waits{count_waits(in, "limited_concurrency")} {
    }

    place_queue queue;
    layer_counter passed, dropped, waits;
};

/// The place of a message, given back by the destructor.
class place {
public:
    explicit place(place_queue& in) noexcept : queue_{in} {}
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    ~place() { give_back(); }

    bool try_take() noexcept { return taken_ = taken_ || queue_.try_enter(); }
    bool take(place_queue::waiter& from) noexcept { return taken_ = from.take(); }
    void give_back() noexcept {
        if (std::exchange(taken_, false))
            queue_.leave();
    }

private:
    place_queue& queue_;
    bool taken_ = false;
};

class concurrency_limited_session final : public layer_session {
public:
    concurrency_limited_session(session& peer, shared_places& places) noexcept
        : layer_session{peer}, places_{places}, own_{places.queue} {}

private:
    void done() noexcept override { own_.give_back(); }
    bool enter() override { return own_.try_take(); }

    boost::asio::awaitable<session_pause::outcome> wait(time_point until) override {
        place_queue::waiter waiting{places_.queue, *this, until};
        const auto outcome = co_await waiting.wait();
        const bool has_place = own_.take(waiting); // it may have come just as the wait ended otherwise
        co_return has_place ? session_pause::outcome::resumed : outcome;
    }

    void begin(bytes_view) override { places_.passed.add(); }
    void waited() noexcept override { places_.waits.add(); }
    void dropped() noexcept override { places_.dropped.add(); }

    shared_places& places_;
    place own_;
};

} // namespace

handler limited_concurrency(std::size_t max_messages, handler inner, layer_metrics counted) {
    if (max_messages == 0)
        throw std::invalid_argument{
            "limited_concurrency: `max_messages` is 0, so no message would ever pass; it must be at least 1"};
    const auto places = std::make_shared<shared_places>(max_messages, counted);
    const auto of_datagrams = [&](message_handler each) -> message_handler {
        return [places, each = std::move(each)](bytes_view message, peer& from) mutable {
            place own{places->queue};
            if (!own.try_take())
                return places->dropped.add();
            places->passed.add();
            each(message, from);
        };
    };
    const auto of_sessions = [&](handler own) -> session_handler {
        return [places, own = std::move(own)](session& peer) mutable {
            return serve_behind<concurrency_limited_session>(own, peer, *places);
        };
    };
    return layered_with_waits(std::move(inner), of_datagrams, of_sessions);
}

} // namespace fairlead
