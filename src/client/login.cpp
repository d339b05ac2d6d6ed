#include "client/login.hpp"

#include "core/cancellation.hpp"
#include "runtime/name_lookup.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <utility>

namespace fairlead {

namespace {

/// Closes the connection of a login that does not succeed, also one whose coroutine is destroyed.
class abort_unless_kept {
public:
    explicit abort_unless_kept(std::shared_ptr<session> connection) noexcept : connection_{std::move(connection)} {}
    abort_unless_kept(const abort_unless_kept&) = delete;
    abort_unless_kept& operator=(const abort_unless_kept&) = delete;
    ~abort_unless_kept() {
        if (connection_)
            connection_->abort(errc::closed);
    }
    std::shared_ptr<session> keep() noexcept { return std::move(connection_); }

private:
    std::shared_ptr<session> connection_;
};

} // namespace

login::login(shard_core& shard, const connect_options& options) noexcept
    : shutdown_hook{shard}, shard_{shard}, options_{options}, give_up_{give_up_at(shard.now(), options.deadline)} {}

boost::asio::awaitable<connect_result> login::run(boost::asio::awaitable<connect_result> connecting) {
    auto connected = co_await std::move(connecting);
    if (!connected)
        co_return connected.error();
    abort_unless_kept made{*connected};
    if (state_ != state::running)
        co_return why_over();
    if (!options_.on_connected)
        co_return made.keep();

    session& server = **connected;
    connection_ = *connected;
    if (give_up_ != name_lookup::never)
        shard_.arm(*this, give_up_);
    result<void> done;
    std::exception_ptr thrown;
    try {
        auto logging_in = options_.on_connected(server);
        done = co_await std::move(logging_in);
    } catch (const boost::system::system_error& failed) {
        done = failed.code();
    } catch (...) {
        thrown = std::current_exception();
    }
    deadline::unlink();
    connection_.reset();
    const auto cancellation = co_await boost::asio::this_coro::cancellation_state;
    if (is_cancelled(cancellation))
        co_return error_code{boost::asio::error::operation_aborted};
    if (state_ != state::running)
        co_return why_over();
    if (thrown)
        std::rethrow_exception(thrown);
    if (!done)
        co_return done.error();
    if (const auto ended = server.close_reason())
        co_return ended.code;
    co_return made.keep();
}

void login::end(state how, error_code why) {
    if (state_ != state::running)
        return;
    state_ = how;
    if (const auto open = connection_.lock())
        open->abort(why);
}

error_code login::why_over() const noexcept {
    return state_ == state::late ? errc::login_timeout : errc::closed;
}

} // namespace fairlead
