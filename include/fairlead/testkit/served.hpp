#pragma once

#include <fairlead/api.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/close_reason.hpp>
#include <fairlead/error.hpp>
#include <fairlead/framing/framing.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/limits.hpp>
#include <fairlead/session.hpp>
#include <fairlead/testkit/memory_stream.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace FAIRLEAD_API fairlead {
namespace FAIRLEAD_API testkit {

/// Serves one session of a handler over memory, as a server does. The test is the peer. For any test framework.
///
///     testkit::served shouter{line{}, uppercase()};
///     EXPECT_EQ(shouter.take("ahoy\nwho is"), "AHOY\n");          // bytes, divided as TCP may divide them
///     EXPECT_EQ(shouter.replies(" there"), std::vector<std::string>{"WHO IS THERE"});
///
/// There is no socket and no thread. Each call runs the handler until it waits for the peer or for time, which passes in
/// `advance` only. So a test takes less than a millisecond and has one result.
///
/// Errors: each call that runs the handler, also the constructor, rethrows an exception of the handler, once.
/// Thread safety: one thread at a time. Lifetime: the destructor destroys a handler that has not ended.
class served {
public:
    /// Begins to serve. `bounds` are the limits of the session. Errors: throws std::invalid_argument as `validate` does.
    served(framing rules, handler serve, const limits& bounds = {});
    served(const served&) = delete;
    served& operator=(const served&) = delete;
    ~served();

    /// Sends bytes as the peer, if there are any. Returns the bytes that arrived from the handler since the last `take` or
    /// `replies`.
    std::string take(bytes_view bytes = {});

    /// Sends one message, framed. Returns the messages that arrived since the last `take` or `replies`; the bytes of an
    /// incomplete one wait for the next call.
    ///
    /// Errors: throws boost::system::system_error if the framing refuses the message, or cannot decode the bytes of the handler.
    /// For a framing whose replies have another form than its requests, use `take`.
    std::vector<std::string> replies(bytes_view message);
    /// The same without a message of the peer.
    std::vector<std::string> replies();

    /// Lets time pass, in steps of 50 ms. Time limits of `limits` end up to 0.1 s late: advance further. `sleep_for` and
    /// `receive(limit)` are precise to a step.
    ///
    ///     testkit::served watched{line{}, echo(), {.idle_timeout = 5s}};
    ///     watched.take("hello\n");
    ///     watched.advance(6s);
    ///     EXPECT_EQ(watched.close_reason().code, errc::idle_timeout);
    void advance(std::chrono::milliseconds duration);

    void end();                ///< the peer ends its side
    void fail(error_code why); ///< the connection breaks
    void stop();               ///< the server stops: `receive` returns `errc::stopping` once everything was received

    /// Runs the handler until `done` returns true, at most `limit` of real time. Returns false if it did not. For handlers that
    /// wait for other threads, as in `shard::blocking`.
    ///
    ///     EXPECT_TRUE(slow.run_until([&] { return !slow.peer().received().empty(); }));
    bool run_until(const std::function<bool()>& done, std::chrono::milliseconds limit = std::chrono::seconds{10});

    bool ended() const;                          ///< true: the handler has returned or thrown
    fairlead::close_reason close_reason() const; ///< returns the reason why the session ended
    memory_peer& peer() noexcept;                ///< returns the far end, for slow readers and failing operations
    session& near() noexcept;                    ///< returns the session of the handler
    fairlead::shard& shard() noexcept;           ///< returns the shard of the session

private:
    struct state;
    void run();

    std::unique_ptr<state> state_;
};

} // namespace testkit
} // namespace fairlead
