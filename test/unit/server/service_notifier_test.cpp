#include "core/unique_descriptor.hpp"
#include "net/resolve.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/server.hpp>
#include <fairlead/service_manager.hpp>

#include <chrono>
#include <cstdlib>
#include <future>
#include <gtest/gtest.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace std::literals;

namespace fairlead::test {

namespace {

/// A socket of this process at an abstract name, for datagrams or connections.
unique_descriptor socket_at(const std::string& name, int type, int (*use)(int, const ::sockaddr*, ::socklen_t)) {
    unique_descriptor made{::socket(AF_UNIX, type | SOCK_CLOEXEC, 0)};
    const endpoint at = resolve_literal(url::parse("unix://" + name)).value();
    EXPECT_EQ(use(made.get(), at.data(), static_cast<::socklen_t>(at.size())), 0);
    return made;
}

/// The next notification, or an empty text after the time.
std::string next(const unique_descriptor& manager, std::chrono::milliseconds limit = 20s) {
    ::pollfd waiting{manager.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(limit.count())) <= 0)
        return {};
    char text[1000];
    const auto size = ::recv(manager.get(), text, sizeof text, 0);
    return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string{};
}

class service_notifier_test : public ::testing::Test {
protected:
    service_notifier_test() : manager_{socket_at(name_, SOCK_DGRAM, ::bind)} {
        ::setenv("NOTIFY_SOCKET", name_.c_str(), 1);
    }
    ~service_notifier_test() override {
        ::unsetenv("NOTIFY_SOCKET");
        ::unsetenv("WATCHDOG_USEC");
    }

    /// The next notification that is no sign of life.
    std::string next_state() const {
        std::string told = next(manager_);
        while (told == alive)
            told = next(manager_);
        return told;
    }

    /// Waits until no sign of life has come for a second; false if they go on. One may be on its way for long.
    bool falls_silent() const {
        const auto give_up = std::chrono::steady_clock::now() + 20s;
        while (!next(manager_, 1s).empty()) {
            if (std::chrono::steady_clock::now() > give_up)
                return false;
        }
        return true;
    }

    static constexpr const char* alive = "WATCHDOG=1";

    const std::string name_ = "@fairlead-notify-" + std::to_string(::getpid());
    const unique_descriptor manager_;
};

} // namespace

TEST_F(service_notifier_test, shows_no_life_while_a_shard_is_blocked) {
    ::setenv("WATCHDOG_USEC", "400000", 1); // five signs of life a second
    std::promise<void> entered, released;
    const auto block = [&](bytes_view, peer&) {
        entered.set_value();
        released.get_future().wait();
    };
    server server{{.threads = 1, .handle_signals = false, .notify_service_manager = true}};
    const std::string service = "@fairlead-blocked-" + std::to_string(::getpid());
    server.listen("unix://" + service, length_prefixed{}, handler{message_handler{std::ref(block)}});
    std::thread running{[&] { server.run(); }};
    EXPECT_EQ(next_state(), "READY=1\nSTATUS=serving");
    EXPECT_EQ(next(manager_), alive);

    auto peer = socket_at(service, SOCK_STREAM, ::connect);
    EXPECT_EQ(::write(peer.get(), "\0\0\0\1x", 5), 5);
    entered.get_future().wait();
    EXPECT_TRUE(falls_silent());
    released.set_value();
    EXPECT_EQ(next(manager_), alive);
    peer.reset();
    server.stop();
    running.join();
}

TEST_F(service_notifier_test, tells_of_a_reload_with_the_time) {
    EXPECT_TRUE(notify_reloading());
    const std::string told = next(manager_);
    EXPECT_EQ(told.rfind("RELOADING=1\nMONOTONIC_USEC=", 0), 0u) << told;
    EXPECT_GT(std::stoll(told.substr(told.rfind('=') + 1)), 0);
    EXPECT_TRUE(notify_reloaded());
    EXPECT_EQ(next(manager_), "READY=1");
    EXPECT_TRUE(notify_service_manager("STATUS=x"));
    EXPECT_EQ(next(manager_), "STATUS=x");
    ::unsetenv("NOTIFY_SOCKET");
    EXPECT_FALSE(notify_service_manager("STATUS=x"));
}

} // namespace fairlead::test
