#pragma once

#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>

#include <future>
#include <gtest/gtest.h>
#include <string_view>

namespace fairlead::test {

/// A server whose handler stops it, some number of times, and then replies "last words".
class self_stopping_server {
public:
    template <class How>
    explicit self_stopping_server(const How& how, int times = 1)
        : running_{how, [this, times](bytes_view, peer& from) {
                       server* const itself = itself_.get();
                       for (int i = 0; i < times; ++i)
                           itself->stop();
                       from.send("last words");
                   }} {
        told_.set_value(&running_.server());
    }

    const endpoint& where() const noexcept { return running_.where(); }
    int wait() { return running_.wait(); }

private:
    std::promise<server*> told_;
    std::shared_future<server*> itself_ = told_.get_future();
    running_server running_;
};

/// Stops a server that listens there before it runs: who waits in its backlog is served all the same. Gives where it was.
inline endpoint expect_that_a_stop_serves_the_backlog(std::string_view where) {
    server early{test_options()};
    const endpoint local = early.listen(where, length_prefixed{}, echo());
    client waiting{local};
    waiting.write(frame("waited"));
    waiting.end_writing();
    early.stop();
    EXPECT_EQ(early.run(), 0);
    EXPECT_EQ(waiting.read_to_end(), frame("waited"));
    return local;
}

} // namespace fairlead::test
