#include "server/background_task.hpp"

#include "core/cancellation.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <utility>

namespace fairlead {

/// Notes the end of the coroutine: this is destroyed with the frames of the coroutine, however they end.
/// Keeps the owner alive until then.
class background_task::presence {
public:
    presence(std::shared_ptr<void> owner, background_task& task) noexcept : owner_{std::move(owner)}, task_{task} {}
    presence(const presence&) = delete;
    presence& operator=(const presence&) = delete;
    ~presence() { task_.end(); }

private:
    const std::shared_ptr<void> owner_;
    background_task& task_;
};

// The completion handler names no executor, and so Asio delivers a cancellation at once, on this thread. For
// one that names an executor, Asio 1.81 posts a pointer that is invalid once the coroutine has ended.
void background_task::start(std::shared_ptr<void> owner, function work) {
    auto ends = [here = std::make_shared<presence>(std::move(owner), *this)](std::exception_ptr thrown) noexcept {
        log_if_thrown(thrown);
    };
    state_ = state::running;
    boost::asio::co_spawn(shard_.executor(), run(std::move(work)),
                          boost::asio::bind_cancellation_slot(signal_.slot(), std::move(ends)));
}

boost::asio::awaitable<void> background_task::run(function work) {
    std::exception_ptr thrown;
    try {
        co_await work(shard_.facade());
    } catch (...) {
        thrown = std::current_exception();
    }
    if (thrown)
        note_exception(thrown);
}

void background_task::note_exception(const std::exception_ptr& thrown) const noexcept {
    if (cancelled_ && is_end_of_cancelled(thrown))
        return;
    log_exceptions([&] {
        log_error(log_topic::handler_failed,
                  name() + " threw: " + escape(describe_exception(thrown)) + "; the server continues without it");
    });
}

void background_task::cancel() noexcept {
    if (!runs() || std::exchange(cancelled_, true))
        return;
    log_exceptions([this] { signal_.emit(boost::asio::cancellation_type::all); });
}

void background_task::stop(std::function<void()> on_end) noexcept {
    on_end_ = std::move(on_end);
    cancel();
    if (!runs() && on_end_)
        std::exchange(on_end_, nullptr)();
}

void background_task::end() noexcept {
    state_ = state::ended;
    if (on_end_)
        std::exchange(on_end_, nullptr)();
}

std::string background_task::name() const {
    return "the background task of shard " + std::to_string(shard_.index()) + " (server_options::on_start)";
}

} // namespace fairlead
