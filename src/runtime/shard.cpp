#include <fairlead/shard.hpp>

#include "core/standard_descriptors.hpp"
#include "runtime/blocking_call.hpp"
#include "runtime/shard_call.hpp"
#include "runtime/shard_core.hpp"
#include "runtime/shard_keeper.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace fairlead {

namespace {

std::shared_ptr<shard_core> make_core(shard& facade, boost::asio::io_context* program) {
    occupy_standard_descriptors();
    return std::make_shared<shard_core>(facade, program);
}

} // namespace

shard::shard() : core_{make_core(*this, nullptr)} {}

shard::shard(boost::asio::io_context& program) : core_{make_core(*this, &program)} {
    boost::asio::use_service<shard_keeper>(program).keep(core_);
}

shard::~shard() {
    core_->loop().run_as_asio_does([this] { core_->end(); });
}

boost::asio::any_io_executor shard::get_executor() noexcept {
    return core_->executor();
}

std::size_t shard::index() const noexcept {
    return core_->index();
}

void shard::run() {
    core_->loop().run();
}

void shard::poll() {
    core_->loop().poll();
}

void shard::stop() noexcept {
    core_->loop().stop();
}

boost::asio::awaitable<void> shard::run_here(function work, std::shared_ptr<void> argument) {
    if (core_->loop().runs_here())
        work(argument.get());
    else
        co_await shard_call::make(*core_, work, std::move(argument));
}

boost::asio::awaitable<void> shard::run_here(coroutine work, std::shared_ptr<void> argument) {
    if (core_->loop().runs_here())
        co_await work(argument.get());
    else
        co_await shard_call::make(*core_, work, std::move(argument));
}

boost::asio::awaitable<void> shard::run_blocking(function work, void* argument) {
    blocking_call call{*core_, work, argument};
    co_await call.run_on(core_->blocking_threads());
}

} // namespace fairlead
