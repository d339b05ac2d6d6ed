#include "server/server_host.hpp"

#include <stdexcept>
#include <string>

namespace fairlead {

namespace {

void add(server_host& host, shard& each) {
    host.shards.push_back(&core_of(each));
    host.facades.push_back(&each);
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
    for (shard& each : made.own->shards())
        add(made, each);
    return made;
}

server_host server_host::share(runtime& with, const server_options& options) {
    refuse_thread_options(options, with.size());
    server_host shared;
    for (shard& each : with.shards())
        add(shared, each);
    return shared;
}

server_host server_host::lay(boost::asio::io_context& program, const server_options& options) {
    refuse_thread_options(options, 1);
    server_host laid;
    laid.laid = std::make_unique<shard>(program);
    laid.program = &program;
    add(laid, *laid.laid);
    return laid;
}

} // namespace fairlead
