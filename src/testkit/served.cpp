#include <fairlead/testkit/served.hpp>

#include <fairlead/byte_buffer.hpp>
#include <fairlead/testkit/manual_clock.hpp>

#include "log/log_exceptions.hpp"
#include "session/session_impl.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <thread>
#include <utility>

namespace fairlead::testkit {

struct served::state {
    state(framing rules, handler serve, const limits& bounds)
        : serving{std::move(serve)}, of_peer{rules}, connection{make_memory_stream(home)},
          near{session::create(home, std::move(connection.near), std::move(rules), bounds)} {}

    boost::asio::awaitable<void> serve();

    handler serving; // outlives its coroutine, which the shard destroys
    fairlead::shard home;
    manual_clock clock{home};
    framing of_peer;
    memory_connection connection;
    std::shared_ptr<session> near;
    std::string incomplete; // the bytes of a message that has not arrived whole
    std::exception_ptr thrown;
    bool ended = false;
};

// Does the same with a connection as a server: runs the handler, then closes gracefully.
boost::asio::awaitable<void> served::state::serve() {
    const std::shared_ptr<session> kept = near; // the shard destroys this coroutine after `near`
    try {
        co_await serving.serve(*kept);
    } catch (...) {
        thrown = std::current_exception();
    }
    ended = true;
    co_await kept->close_gracefully();
}

served::served(framing rules, handler serve, const limits& bounds)
    : state_{std::make_unique<state>(std::move(rules), std::move(serve), bounds)} {
    validate(bounds);
    co_spawn(state_->home.get_executor(), state_->serve(), log_if_thrown);
    run();
}

served::~served() = default;

void served::run() {
    state_->home.poll();
    if (state_->thrown)
        std::rethrow_exception(std::exchange(state_->thrown, nullptr));
}

std::string served::take(bytes_view bytes) {
    if (!bytes.empty())
        state_->connection.far.send(bytes);
    run();
    return std::exchange(state_->incomplete, {}) + state_->connection.far.take();
}

std::vector<std::string> served::replies(bytes_view message) {
    byte_buffer framed;
    if (const auto encoded = state_->of_peer.encode(message, framed); !encoded)
        throw boost::system::system_error{encoded.error(), "the message of the peer"};
    state_->connection.far.send(framed.data());
    return replies();
}

std::vector<std::string> served::replies() {
    const std::string arrived = take();
    std::vector<std::string> messages;
    bytes_view rest{arrived};
    while (!rest.empty()) {
        const auto step = state_->of_peer.decode(rest).value();
        if (step.message)
            messages.push_back(to_string(*step.message));
        else if (step.consumed == 0)
            break;
        rest = rest.from(step.consumed);
    }
    state_->incomplete = to_string(rest);
    return messages;
}

void served::advance(std::chrono::milliseconds duration) {
    constexpr std::chrono::milliseconds step{50}; // small, so that the effects of a pause happen in time
    for (auto left = duration; left.count() > 0; left -= step) {
        state_->clock.advance(std::min(left, step));
        run();
    }
}

void served::end() {
    state_->connection.far.end();
    run();
}

void served::fail(error_code why) {
    state_->connection.far.fail(why);
    run();
}

void served::stop() {
    impl_of(*state_->near).drain();
    run();
}

bool served::run_until(const std::function<bool()>& done, std::chrono::milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    for (run(); !done(); run()) {
        if (std::chrono::steady_clock::now() >= end)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return true;
}

bool served::ended() const {
    return state_->ended;
}

close_reason served::close_reason() const {
    return state_->near->close_reason();
}

memory_peer& served::peer() noexcept {
    return state_->connection.far;
}

session& served::near() noexcept {
    return *state_->near;
}

fairlead::shard& served::shard() noexcept {
    return state_->home;
}

} // namespace fairlead::testkit
