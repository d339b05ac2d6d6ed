#include <fairlead/runtime.hpp>

#include "base/start_thread.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <algorithm>
#include <thread>

namespace fairlead {

runtime::runtime(std::size_t threads) {
    if (threads == 0)
        threads = std::max(1u, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < threads; ++i)
        shards_.push_back(std::make_unique<shard>());
}

runtime::~runtime() = default;

void runtime::run() {
    std::vector<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> alive;
    for (auto& each : shards_)
        alive.emplace_back(each->executor());

    std::vector<std::jthread> threads; // joined before `alive` goes, also when a thread cannot be made
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

void runtime::stop() noexcept {
    for (auto& each : shards_)
        each->context().stop();
}

} // namespace fairlead
