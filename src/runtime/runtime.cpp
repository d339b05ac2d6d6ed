#include <fairlead/runtime.hpp>

#include "core/machine.hpp"
#include "core/start_thread.hpp"
#include "runtime/blocking_pool.hpp"
#include "runtime/shard_core.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace fairlead {

struct runtime::state {
    state(std::size_t threads, std::size_t blocking_threads)
        : blocking{std::make_shared<blocking_pool>(std::max<std::size_t>(blocking_threads, 1))} {
        for (std::size_t i = 0; i < threads; ++i) {
            shards.push_back(std::make_unique<shard>());
            core_of(*shards.back()).set_index(i);
            core_of(*shards.back()).use(blocking);
            facades.push_back(shards.back().get());
        }
    }

    std::shared_ptr<blocking_pool> blocking;
    std::vector<std::unique_ptr<shard>> shards;
    std::vector<shard*> facades; // the same, for `shard_range`
};

namespace {

//  alone ──begun──▶ awaited ──the program ends──▶ ended
//    ▲                 ├──without memory to tell──▶ dropped
//    └──────stop───────┘
struct program_end {
    enum class state { alone, awaited, ended, dropped };
    state now = state::alone;
    std::exception_ptr thrown = {};
};

/// Stops the runtime when its program has ended. If the program ended in its first turn and there
/// was no memory for another turn, Asio destroys this without calling it.
class tell_of_end {
public:
    tell_of_end(runtime& stopped, std::shared_ptr<program_end> end) noexcept
        : runtime_{stopped}, end_{std::move(end)} {}
    tell_of_end(tell_of_end&&) noexcept = default;
    tell_of_end& operator=(tell_of_end&&) = delete;
    ~tell_of_end() {
        if (end_ && end_->now == program_end::state::awaited) {
            end_->now = program_end::state::dropped;
            runtime_.stop();
        }
    }

    void operator()(std::exception_ptr thrown) {
        end_->now = program_end::state::ended;
        end_->thrown = thrown;
        runtime_.stop();
    }

private:
    runtime& runtime_;
    std::shared_ptr<program_end> end_; // null once moved from
};

} // namespace

runtime::runtime(std::size_t threads, std::size_t blocking_threads)
    : state_{std::make_unique<state>(threads == 0 ? usable_cores() : threads, blocking_threads)} {}

// Blocking work refers to coroutines, which are destroyed with their shards. So its threads are stopped first.
runtime::~runtime() {
    state_->blocking->stop();
}

std::size_t runtime::size() const noexcept {
    return state_->shards.size();
}

shard& runtime::operator[](std::size_t index) noexcept {
    return *state_->shards[index];
}

shard_range runtime::shards() noexcept {
    return shard_range{state_->facades};
}

void runtime::run() {
    std::vector<basic_shard_executor<true>> alive; // keeps each shard running until `stop`
    for (auto& each : state_->shards)
        alive.emplace_back(core_of(*each));

    std::vector<std::jthread> threads; // joined before `alive` is destroyed, also when a thread cannot be made
    try {
        for (std::size_t i = 1; i < size(); ++i)
            threads.push_back(start_thread("for shard " + std::to_string(i + 1) + " of " + std::to_string(size()),
                                           [&each = (*this)[i]] { each.run(); }));
    } catch (...) {
        stop();
        throw;
    }
    (*this)[0].run();
}

void runtime::run(boost::asio::awaitable<void> program) {
    const auto ended = std::make_shared<program_end>(); // the program may outlive this call, and end in a later one
    boost::asio::co_spawn(core_of((*this)[0]).executor(), std::move(program), tell_of_end{*this, ended});
    ended->now = program_end::state::awaited;
    try {
        run();
    } catch (...) {
        ended->now = program_end::state::alone;
        throw;
    }
    for (auto& each : state_->shards)
        core_of(*each).loop().restart();
    switch (std::exchange(ended->now, program_end::state::alone)) {
    case program_end::state::ended: break;
    case program_end::state::dropped: throw std::bad_alloc{};
    default: throw std::runtime_error{"the runtime was stopped before its program ended"};
    }
    if (ended->thrown)
        std::rethrow_exception(ended->thrown);
}

void runtime::stop() noexcept {
    for (auto& each : state_->shards)
        each->stop();
}

} // namespace fairlead
