#include <fairlead/runtime.hpp>

#include "base/guarded.hpp"
#include "runtime/mailbox.hpp"
#include "runtime/poller.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include <fcntl.h>

namespace fairlead {

/// Lets Asio wait for the shard's sockets: the poller's descriptor is readable as soon as one of them is ready.
class shard::descriptor_watch {
public:
    explicit descriptor_watch(shard& owner)
        : shard_{owner}, descriptor_{*owner.context_, ::fcntl(epoll(), F_DUPFD_CLOEXEC, 0)} {}

    /// Waits while there is something to wait for, so that a shard without sockets can run out of work.
    void wait() {
        if (waiting_ || shard_.poller_->idle())
            return;
        waiting_ = true;
        descriptor_.async_wait(asio_descriptor::wait_read, [this](const error_code&) {
            waiting_ = false;
            turn();
            wait();
        });
    }

    void cancel_if_idle() {
        if (waiting_ && shard_.poller_->idle())
            guarded([&] { descriptor_.cancel(); });
    }

private:
    using asio_descriptor = boost::asio::posix::stream_descriptor;

    // While several sockets are ready, more become so as these are served: looking again is cheaper than going back
    // through Asio each time, which still gets its turn.
    static constexpr int max_rounds = 8;

    int epoll() const noexcept { return shard_.poller_->native_handle(); }

    void turn() {
        for (int round = 0; round < max_rounds; ++round) {
            shard_.in_turn_ = true;
            const std::size_t served = shard_.poller_->dispatch();
            shard_.end_turn();
            shard_.in_turn_ = false;
            if (served < 2)
                return;
        }
    }

    shard& shard_;
    asio_descriptor descriptor_;
    bool waiting_ = false;
};

void turn_task::withdraw() noexcept {
    if (!previous_)
        return;
    *previous_ = next_;
    if (next_)
        next_->previous_ = previous_;
    previous_ = nullptr;
    next_ = nullptr;
}

resident::resident(shard& home) noexcept : previous_{&home.residents_}, next_{home.residents_} {
    if (next_)
        next_->previous_ = &next_;
    *previous_ = this;
}

resident::~resident() {
    *previous_ = next_;
    if (next_)
        next_->previous_ = previous_;
}

shard::shard()
    : poller_{std::make_unique<poller>()}, context_{std::make_unique<boost::asio::io_context>(1)},
      inbox_{std::make_shared<mailbox>(*context_)}, watch_{std::make_unique<descriptor_watch>(*this)} {}

shard::~shard() {
    inbox_->close();
    watch_.reset();
    for (resident* each = residents_; each; each = each->next_)
        guarded([&] { each->evict(); });
    context_.reset(); // destroys suspended coroutines, which give back what they hold of this shard
}

void shard::run() {
    for (;;) {
        try {
            context_->run();
            return;
        } catch (...) {
            log_error("an exception left a completion handler: " + describe_exception(std::current_exception()));
        }
    }
}

error_code shard::watch(int descriptor, watcher& who) {
    const error_code added = poller_->add(descriptor, who);
    if (!added)
        watch_->wait();
    return added;
}

void shard::unwatch(int descriptor, watcher& who) noexcept {
    poller_->remove(descriptor, who);
    if (watch_)
        watch_->cancel_if_idle();
}

void shard::at_end_of_turn(turn_task& task) {
    if (task.scheduled())
        return;
    task.next_ = tasks_;
    task.previous_ = &tasks_;
    if (tasks_)
        tasks_->previous_ = &task.next_;
    tasks_ = &task;
    if (in_turn_ || end_posted_)
        return;
    end_posted_ = true;
    boost::asio::post(*context_, [this] {
        end_posted_ = false;
        end_turn();
    });
}

void shard::end_turn() {
    while (turn_task* const task = tasks_) {
        task->withdraw();
        guarded([&] { task->end_of_turn(); });
    }
}

} // namespace fairlead
