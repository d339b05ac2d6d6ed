#include <fairlead/client.hpp>

#include "client/client_connection.hpp"
#include "client/dial.hpp"
#include "core/random_seed.hpp"
#include "runtime/shard_core.hpp"

#include <stdexcept>
#include <utility>

namespace fairlead {

std::string_view to_string(client_state value) noexcept {
    switch (value) {
    case client_state::connecting: return "connecting";
    case client_state::connected: return "connected";
    case client_state::backing_off: return "backing_off";
    case client_state::closed: return "closed";
    }
    return "unknown";
}

namespace {

void validate(const client_options& options) {
    const reconnect_options& pauses = options.reconnect;
    if (pauses.initial_delay.count() < 0 || pauses.reset_after.count() < 0)
        throw std::invalid_argument{"a client cannot pause for less than 0 ms; see reconnect_options"};
    if (pauses.max_delay < pauses.initial_delay)
        throw std::invalid_argument{"the first pause of a client may not be longer than the longest; raise "
                                    "reconnect_options::max_delay or lower initial_delay"};
    if (options.max_in_flight == 0)
        throw std::invalid_argument{"a client of at most 0 requests serves nobody; max_in_flight is at least 1"};
}

} // namespace

client::client(shard& shard, std::string_view url, framing rules, client_options options) {
    validate(options);
    const dial connect = dial_to(shard, url, std::move(rules), options.connect);
    connection_ = std::make_shared<client_connection>(core_of(shard), connect, std::move(options), random_seed());
    connection_->start();
}

client::~client() {
    connection_->abandon();
}

boost::asio::awaitable<result<std::string>> client::request(std::string message, std::chrono::milliseconds limit) {
    return client_connection::request(connection_, std::move(message), limit);
}

boost::asio::awaitable<result<void>> client::send(std::string message, std::chrono::milliseconds limit) {
    return client_connection::send(connection_, std::move(message), limit);
}

boost::asio::awaitable<result<void>> client::connected(std::chrono::milliseconds limit) {
    return client_connection::connected(connection_, limit);
}

void client::reconnect_now() noexcept {
    connection_->reconnect_now();
}

boost::asio::awaitable<void> client::close() {
    return client_connection::close(connection_);
}

client_state client::state() const noexcept {
    return connection_->state();
}

error_code client::last_error() const noexcept {
    return connection_->last_error();
}

} // namespace fairlead
