#include <fairlead/runtime.hpp>

#include "core/machine.hpp"
#include "core/start_thread.hpp"
#include "runtime/blocking_pool.hpp"
#include "runtime/shard_core.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace fairlead {

struct runtime::state {
    state(std::size_t threads, std::size_t blocking_threads)
        : blocking{std::make_shared<blocking_pool>(std::max<std::size_t>(blocking_threads, 1))} {
        for (std::size_t i = 0; i < threads; ++i) {
            shards.push_back(std::make_unique<shard>());
            core_of(*shards.back()).set_index(i);
            core_of(*shards.back()).use(blocking);
        }
    }

    std::shared_ptr<blocking_pool> blocking;
    std::vector<std::unique_ptr<shard>> shards;
};

runtime::runtime(std::size_t threads, std::size_t blocking_threads)
    : state_{std::make_unique<state>(threads == 0 ? usable_cores() : threads, blocking_threads)} {}

// What runs on the threads for blocking work refers to coroutines, which go with their shards.
runtime::~runtime() {
    state_->blocking->stop();
}

std::size_t runtime::size() const noexcept {
    return state_->shards.size();
}

shard& runtime::operator[](std::size_t index) noexcept {
    return *state_->shards[index];
}

void runtime::run() {
    std::vector<basic_shard_executor<true>> alive; // each shard, until `stop`
    for (auto& each : state_->shards)
        alive.emplace_back(core_of(*each));

    std::vector<std::jthread> threads; // joined before the others go, also when a thread cannot be made
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
    struct outcome {
        bool known = false;
        std::exception_ptr thrown;
    };
    const auto ended = std::make_shared<outcome>(); // the program may outlive this call, and end in a later one
    boost::asio::co_spawn(core_of((*this)[0]).executor(), std::move(program), [this, ended](std::exception_ptr thrown) {
        *ended = {true, thrown};
        stop();
    });
    run();
    for (auto& each : state_->shards)
        core_of(*each).loop().restart();
    if (!ended->known)
        throw std::runtime_error{"the runtime was stopped before its program ended"};
    if (ended->thrown)
        std::rethrow_exception(ended->thrown);
}

void runtime::stop() noexcept {
    for (auto& each : state_->shards)
        each->stop();
}

} // namespace fairlead
