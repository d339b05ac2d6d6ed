#include "runtime/shard_loop.hpp"

#include "log/log_exceptions.hpp"
#include "runtime/asio_wait.hpp"

#include <boost/asio/execution/any_executor.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <type_traits>
#include <utility>

namespace fairlead {

namespace {

constexpr int functions_kept = 2;

/// An executor that drops the function it is given. Before that, it gives another function to a
/// nested executor, `others` levels deep, so that all these functions are in memory at the same time.
struct dropping_executor {
    int others;

    template <class Function>
    void execute(Function&& function) const {
        [[maybe_unused]] const std::decay_t<Function> kept{std::forward<Function>(function)};
        if (others > 0)
            boost::asio::execution::any_executor<>{dropping_executor{others - 1}}.execute(
                [room = std::array<unsigned char, 128>{}] { static_cast<void>(room); });
    }
    bool operator==(const dropping_executor&) const noexcept = default;
};

// Asio caches the memory of functions given to a type-erased executor for later ones of the same
// thread; this fills the cache. Asio posts the frames of a coroutine that cannot continue from a
// destructor, and can then do so even if memory has run out.
void keep_memory_to_post() {
    boost::asio::execution::any_executor<>{dropping_executor{functions_kept}}.execute([] {});
}

} // namespace

shard_loop::shard_loop(std::function<void()> tick, boost::asio::io_context* program)
    : poller_{std::make_unique<poller>()}, tick_{std::move(tick)} {
    if (program)
        asio_ = std::make_unique<asio_wait>(*this, *program, poller_->native_handle());
}

shard_loop::~shard_loop() = default;

void shard_loop::run() {
    as_asio_does([this] {
        log_exceptions(keep_memory_to_post);
        while (!stopped_.load(std::memory_order_acquire) && !nothing_left())
            turn(idle());
        restart();
    });
}

void shard_loop::poll() {
    const auto do_all = [this] {
        while (turn(false) != 0 || !idle()) {}
    };
    if (runs_here())
        do_all();
    else
        as_asio_does(do_all);
}

void shard_loop::stop() noexcept {
    posted_.change([this] { stopped_.store(true, std::memory_order_release); }, [this] { wake(); });
}

void shard_loop::restart() noexcept {
    stopped_.store(false, std::memory_order_release);
}

// Calls `work` inside `io_context::run`: only there does Asio reuse the memory of coroutines and handlers.
template <class Work>
void shard_loop::as_asio_does(Work work) {
    boost::asio::post(frame_, frame_memory_.bind([this, &work] {
        const in_turns here{*this};
        work();
    }));
    frame_.restart();
    frame_.run();
}

void shard_loop::run_as_asio_does(const std::function<void()>& work) {
    if (runs_here())
        return work();
    as_asio_does([&work] {
        log_exceptions(keep_memory_to_post);
        work();
    });
}

std::size_t shard_loop::turn(bool wait) {
    const std::size_t found = poller_->collect(wait);
    if (found == 0 && idle())
        return 0;
    times_.turn_begins();
    poller_->report();
    tick_();
    const std::size_t ran = run_posted();
    run_end_of_turn_tasks();
    times_.turn_ends();
    set_running(0);
    return found + ran;
}

// Tasks that a task posts run in the next turn, so sockets are served in between.
std::size_t shard_loop::run_posted() {
    posted_queue tasks;
    posted_.take(tasks);
    std::size_t ran = 0;
    if (!tasks.empty())
        times_.other_work();
    while (posted_task* const task = tasks.pop()) {
        log_exceptions([task] { task->run(); });
        ++ran;
    }
    return ran;
}

void shard_loop::run_end_of_turn_tasks() {
    if (!tasks_.empty())
        times_.other_work();
    while (end_of_turn_task* const task = tasks_.front()) {
        task->unlink();
        log_exceptions([task] { task->end_of_turn(); });
    }
}

void shard_loop::end_turn() {
    run_end_of_turn_tasks();
    session_leaves();
}

void shard_loop::serve(int rounds) {
    for (int round = 0; round < rounds; ++round) {
        const std::size_t served = poller_->dispatch(false);
        end_turn();
        if (served < 2)
            return;
    }
}

error_code shard_loop::watch(int descriptor, readiness_handler& handler, interest wanted) noexcept {
    return poller_ ? poller_->add(descriptor, handler, wanted)
                   : make_error_code(boost::system::errc::operation_canceled);
}

void shard_loop::unwatch(int descriptor, readiness_handler& handler) noexcept {
    if (poller_)
        poller_->remove(descriptor, handler);
}

void shard_loop::hold() noexcept {
    ++holds_;
    if (asio_ && !runs_here())
        wake();
}

void shard_loop::post(posted_task& task) noexcept {
    if (runs_here())
        posted_.post(task);
    else
        posted_.post_from_elsewhere(task, [this] { wake(); });
}

void shard_loop::end_work() noexcept {
    if (runs_here())
        posted_.end_work();
    else
        posted_.end_work_elsewhere([this] { wake(); });
}

void shard_loop::at_end_of_turn(end_of_turn_task& task) noexcept {
    if (task.linked())
        return;
    tasks_.push_front(task);
    if (asio_ && !runs_here())
        wake();
}

void shard_loop::wake() noexcept {
    if (asio_)
        asio_->request_turn();
    else if (poller_)
        poller_->wake();
}

bool shard_loop::drop_posted() noexcept {
    bool any = false;
    for (;;) {
        posted_queue tasks;
        posted_.take(tasks);
        if (tasks.empty())
            return any;
        any = true;
        while (posted_task* const task = tasks.pop())
            task->drop();
    }
}

void shard_loop::close() noexcept {
    if (asio_)
        asio_->close();
    poller_.reset();
}

} // namespace fairlead
