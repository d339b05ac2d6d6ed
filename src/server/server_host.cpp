#include "server/server_host.hpp"

#include <stdexcept>
#include <string>

namespace fairlead {

namespace {

std::vector<shard_core*> shards_of(runtime& all) {
    std::vector<shard_core*> found;
    for (std::size_t i = 0; i < all.size(); ++i)
        found.push_back(&core_of(all[i]));
    return found;
}

void refuse_thread_options(const server_options& options, std::size_t threads) {
    if (options.threads != 0 && options.threads != threads)
        throw std::invalid_argument{"server_options::threads is " + std::to_string(options.threads) +
                                    ", and the program's own loop has " + std::to_string(threads) + "; leave it out"};
    if (options.blocking_threads != server_options{}.blocking_threads)
        throw std::invalid_argument{"server_options::blocking_threads is for a runtime that the server makes; leave it "
                                    "out, and give the number "
                                    "to the runtime"};
}

} // namespace

server_host server_host::make(const server_options& options) {
    server_host made;
    made.own = std::make_unique<runtime>(options.threads, options.blocking_threads);
    made.shards = shards_of(*made.own);
    return made;
}

server_host server_host::share(runtime& with, const server_options& options) {
    refuse_thread_options(options, with.size());
    server_host shared;
    shared.shards = shards_of(with);
    return shared;
}

server_host server_host::lay(boost::asio::io_context& program, const server_options& options) {
    refuse_thread_options(options, 1);
    server_host laid;
    laid.laid = std::make_unique<shard>(program);
    laid.program = &program;
    laid.shards.push_back(&core_of(*laid.laid));
    return laid;
}

} // namespace fairlead
