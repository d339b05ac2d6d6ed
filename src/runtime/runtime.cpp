#include <fairlead/runtime.hpp>

#include "core/start_thread.hpp"
#include "runtime/blocking_pool.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <thread>

namespace fairlead {

runtime::runtime(std::size_t threads, std::size_t blocking_threads)
    : blocking_{std::make_shared<blocking_pool>(std::max<std::size_t>(blocking_threads, 1))} {
    if (threads == 0)
        threads = std::max(1u, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < threads; ++i)
        shards_.push_back(std::make_unique<shard>());
    for (auto& each : shards_)
        each->threads_ = blocking_;
}

// What runs there refers to coroutines, which go with their shards.
runtime::~runtime() {
    blocking_->stop();
}

void runtime::run() {
    std::vector<boost::asio::executor_work_guard<shard_executor>> alive;
    for (auto& each : shards_)
        alive.emplace_back(each->executor());

    std::vector<std::jthread> threads; // joined before the others go, also when a thread cannot be made
    try {
        for (std::size_t i = 1; i < shards_.size(); ++i)
            threads.push_back(start_thread("for shard " + std::to_string(i + 1) + " of " + std::to_string(size()),
                                           [&each = *shards_[i]] { each.run(); }));
    } catch (...) {
        stop();
        throw;
    }
    shards_.front()->run();
}

void runtime::run(boost::asio::awaitable<void> program) {
    struct outcome {
        bool known = false;
        std::exception_ptr thrown;
    };
    const auto ended = std::make_shared<outcome>(); // the program may outlive this call, and end in a later one
    boost::asio::co_spawn(shards_.front()->executor(), std::move(program), [this, ended](std::exception_ptr thrown) {
        *ended = {true, thrown};
        stop();
    });
    run();
    if (!ended->known)
        throw std::runtime_error{"the runtime was stopped before its program ended"};
    for (auto& each : shards_)
        each->context_->restart();
    if (ended->thrown)
        std::rethrow_exception(ended->thrown);
}

void runtime::stop() noexcept {
    for (auto& each : shards_)
        each->stop();
}

} // namespace fairlead
