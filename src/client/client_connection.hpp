#pragma once

#include "client/client_call.hpp"
#include "client/dial.hpp"
#include "client/login.hpp"
#include "client/open_requests.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/client.hpp>
#include <fairlead/reconnect_backoff.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

namespace fairlead {

/// The error that is reported for an exception; the log has the details.
inline const error_code failed_by_exception = make_error_code(boost::system::errc::connection_aborted);

/// The implementation of a client. The handle and the coroutines that wait in it keep it alive.
///
///     waiting_:  messages that no connection has got  ─┬─give──▶  open_:     requests that wait for their replies
///                                                      └─give──▶  sending_:  the others, until the system has them
class client_connection final : public std::enable_shared_from_this<client_connection>,
                                private shutdown_hook,
                                private end_of_turn_task {
public:
    client_connection(shard_core& shard, dial connect, client_options options, std::uint64_t seed);

    void start();

    static boost::asio::awaitable<result<std::string>> request(std::shared_ptr<client_connection> self,
                                                               std::string message, std::chrono::milliseconds limit);
    static boost::asio::awaitable<result<void>> send(std::shared_ptr<client_connection> self, std::string message,
                                                     std::chrono::milliseconds limit);
    static boost::asio::awaitable<result<void>> connected(std::shared_ptr<client_connection> self,
                                                          std::chrono::milliseconds limit);
    static boost::asio::awaitable<void> close(std::shared_ptr<client_connection> self);

    void reconnect_now() noexcept;

    /// Ends at once. No callback is called afterwards.
    void abandon();

    client_state state() const noexcept { return state_; }
    error_code last_error() const noexcept { return last_error_; }

private:
    class departure;
    class last_word;

    // An attempt to connect, for which `close` does not wait.
    struct attempt {
        attempt(shard_core& shard, const connect_options& options) noexcept : login{shard, options} {}

        fairlead::login login;
        std::optional<connect_result> outcome;
    };

    // How soon a pause ends.
    enum class haste : std::uint8_t {
        none,   // at its end
        called, // once it has lasted `initial_delay`, because a caller needs a connection
        asked   // at once
    };

    // open ──close, abandon, the end of the shard──▶ closing ──the coroutine is gone──▶ ended
    //   └─────────the coroutine is gone: it had no memory to wait────────────────────────▲
    enum class life : std::uint8_t { open, closing, ended };

    static boost::asio::awaitable<result<std::string>> exchange(std::shared_ptr<client_connection> self,
                                                                std::string message, bool for_reply,
                                                                std::chrono::milliseconds limit);
    static boost::asio::awaitable<void> run(std::shared_ptr<client_connection> self);
    static boost::asio::awaitable<void> make(std::shared_ptr<client_connection> self, std::shared_ptr<attempt> now);
    boost::asio::awaitable<connect_result> connect_once();
    boost::asio::awaitable<void> connect_and_converse();
    boost::asio::awaitable<void> converse(std::shared_ptr<session> peer);
    boost::asio::awaitable<void> answer_calls(std::shared_ptr<session> peer);
    boost::asio::awaitable<void> pause(std::chrono::milliseconds length);

    void enter(client_state next, error_code why);
    void on_message(session& from, bytes_view message);
    error_code submit(client_call& call);
    error_code give(client_call& call) noexcept;
    void hurry(haste how) noexcept;
    error_code give_to_session(client_call& call);
    void take_back(client_call& call) noexcept;
    void give_waiting();
    void wait_in_queue(client_call& call);
    void leave_queue(client_call& call) noexcept;
    void late(client_call& call);
    void fail_open();
    void flush_later();
    static boost::asio::awaitable<void> flush(std::shared_ptr<client_connection> self, std::shared_ptr<session> peer);
    bool closing() const noexcept { return life_ != life::open; }
    void begin_to_close(life next) noexcept;
    void end_of_turn() override;
    void on_shard_shutdown() override;

    shard_core& shard_;
    dial dial_;
    client_options options_;
    reconnect_backoff backoff_;
    open_requests<client_call> open_;
    std::list<client_call*> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::list<client_call*> sending_;
    std::shared_ptr<session> session_;  // while connected
    std::shared_ptr<session> flushing_; // flushed by a coroutine for the calls in `sending_`
    std::shared_ptr<attempt> attempt_;  // the last one
    client_state state_ = client_state::connecting;
    haste haste_ = haste::none;
    error_code last_error_;
    event changed_; // the state has changed, or an attempt has its outcome
    life life_ = life::open;
    bool abandoned_ = false; // no callback is called any more
};

} // namespace fairlead
