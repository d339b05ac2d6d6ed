// Closing a server: the release of its shards.

#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "server/server_core.hpp"
#include "server/succession.hpp"

#include <boost/asio/post.hpp>

#include <cstddef>
#include <new>
#include <utility>

namespace fairlead {

/// Posted to a shard of the program. Closes the server's part there when the shard runs it, or at the latest
/// when the shard ends and drops it.
class server_core::part_on_shard {
public:
    part_on_shard(std::shared_ptr<server_core> core, std::size_t shard) noexcept
        : core_{std::move(core)}, shard_{shard} {}
    part_on_shard(part_on_shard&&) noexcept = default;
    part_on_shard& operator=(part_on_shard&&) = delete;
    ~part_on_shard() {
        if (core_)
            core_->leave(shard_);
    }
    void operator()() noexcept { std::exchange(core_, nullptr)->close_on(shard_); }

private:
    std::shared_ptr<server_core> core_;
    std::size_t shard_;
};

/// Posted to the io_context of the program. Ends the shard once earlier posts are done, or at the latest when
/// the io_context ends. `close` cannot end it directly: it may be called in a turn of that shard.
class server_core::end_of_shard {
public:
    explicit end_of_shard(std::shared_ptr<server_core> core) noexcept : core_{std::move(core)} {}
    end_of_shard(end_of_shard&&) noexcept = default;
    end_of_shard& operator=(end_of_shard&&) = delete;
    ~end_of_shard() {
        if (core_)
            core_->host_.laid.reset();
    }
    void operator()() const noexcept {}

private:
    std::shared_ptr<server_core> core_;
};

void server_core::close() noexcept {
    if (succession_)
        succession_->stop();
    end_admin();
    monitor_.stop();
    admission_.close();
    shutdown_.disconnect();
    if (!is_started())
        listeners_.close();
    for (std::size_t i = 0; i < services_.size(); ++i) {
        const auto executor = host_.shards[i]->executor();
        if (host_.own)
            leave(i);
        else if (host_.laid || executor.running_in_this_thread())
            close_on(i);
        else
            boost::asio::post(executor, services_[i]->close.bind(part_on_shard{shared_from_this(), i}));
    }
    host_.own.reset();
    if (host_.laid)
        boost::asio::post(*host_.program, last_.bind(end_of_shard{shared_from_this()}));
}

void server_core::close_on(std::size_t shard) noexcept {
    shard_service& here = *services_[shard];
    if (shard == 0) {
        conclude();
        listeners_.close(); // first, so that a peer that is cut off and reconnects is refused
    }
    here.sessions.cut_off("the server was destroyed");
    here.task.cancel();
    // Keeps the server alive until earlier posts, which refer to its part here, are done.
    boost::asio::post(host_.shards[shard]->executor(), here.release.bind([self = shared_from_this()] {}));
    leave(shard);
}

namespace {

// Asio takes memory to destroy a suspended coroutine, and ends the process if there is none.
bool has_memory_to_destroy(std::size_t coroutines) noexcept {
    constexpr std::size_t for_each = 1024;
    void* const tried = ::operator new(for_each* coroutines, std::nothrow);
    ::operator delete(tried);
    return tried != nullptr;
}

} // namespace

// Destroys suspended coroutines, posted work and the handlers, because the program may destroy objects that
// they use before the server. Without memory for this, they stay until the server is destroyed.
void server_core::end_handlers() noexcept {
    std::size_t coroutines = services_.size();
    for (const auto& each : services_)
        coroutines += each->sessions.left();
    if (!has_memory_to_destroy(coroutines))
        return log_exceptions([] { log_warning("there is no memory to destroy the handlers that were cut off"); });
    for (std::size_t i = 0; i < services_.size(); ++i)
        leave(i);
    for (shard_core* const each : host_.shards)
        each->loop().run_as_asio_does([each] { each->destroy_coroutines(); });
    listeners_.release_handlers();
    for (const auto& each : services_)
        each->datagrams.release_handlers();
}

// The shard may be about to end; it destroys the coroutines that still wait there.
void server_core::leave(std::size_t shard) noexcept {
    shard_service& here = *services_[shard];
    if (shard == 0) {
        listeners_.close();
        notice_.close();
        shutdown_.close();
        settling_.reset();
        forgetting_.reset();
        over_.reset();
    }
    here.sessions.close();
    here.datagrams.close();
}

} // namespace fairlead
