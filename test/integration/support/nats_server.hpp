#pragma once

#include "core/unique_descriptor.hpp"
#include "integration/support/temporary_directory.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/url.hpp>

#include "net/resolve.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <random>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace fairlead::test {

/// Where nats-server is, empty if it is not installed.
inline std::string nats_server_program() {
    for (const char* each : {"/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"}) {
        if (::access(each, X_OK) == 0)
            return each;
    }
    return {};
}

/// nats-server on a port of the loopback, which it keeps when it is started again.
class nats_server_process {
public:
    explicit nats_server_process(std::vector<std::string> arguments = {}) : arguments_{std::move(arguments)} {}
    nats_server_process(const nats_server_process&) = delete;
    nats_server_process& operator=(const nats_server_process&) = delete;
    ~nats_server_process() { kill(); }

    std::string url() const { return "nats://127.0.0.1:" + std::to_string(port_); }
    int port() const noexcept { return port_; }

    void start() {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (std::chrono::steady_clock::now() < give_up) {
            spawn();
            while (running()) {
                if (answers())
                    return;
                std::this_thread::sleep_for(std::chrono::milliseconds{5});
            }
        }
        throw std::runtime_error{"nats-server does not start"};
    }

    /// The first bytes that it sends: its description, with the other servers of its cluster.
    std::string info() const {
        const endpoint where = address(port_);
        const unique_descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        if (::connect(socket.get(), where.data(), static_cast<::socklen_t>(where.size())) != 0)
            return {};
        char text[4'096];
        const auto size = ::recv(socket.get(), text, sizeof text, 0);
        return {text, static_cast<std::size_t>(size > 0 ? size : 0)};
    }

    void send_signal(int number) { ::kill(process_, number); }

    void kill() {
        if (process_ <= 0)
            return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = -1;
    }

private:
    // Not one of those that the system gives out: who connects to such a port may be connected to himself.
    static int free_port() {
        std::random_device random;
        for (;;) {
            const int port = std::uniform_int_distribution{20'000, 32'000}(random);
            const endpoint where = address(port);
            const unique_descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
            if (::bind(socket.get(), where.data(), static_cast<::socklen_t>(where.size())) == 0)
                return port;
        }
    }

    static endpoint address(int port) {
        return *resolve_literal(url::parse("tcp://127.0.0.1:" + std::to_string(port)));
    }

    void spawn() {
        std::vector<std::string> words{nats_server_program(), "-a", "127.0.0.1", "-p", std::to_string(port_)};
        words.insert(words.end(), arguments_.begin(), arguments_.end());
        std::vector<char*> pointers;
        for (std::string& each : words)
            pointers.push_back(each.data());
        pointers.push_back(nullptr);
        process_ = ::fork();
        if (process_ < 0)
            throw std::system_error{errno, std::generic_category(), "fork"};
        if (process_ > 0)
            return;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL); // also when a test that hangs is ended
        const int nowhere = ::open("/dev/null", O_RDWR);
        for (int each = 0; each < 3; ++each)
            ::dup2(nowhere, each);
        ::execv(pointers.front(), pointers.data());
        ::_exit(127);
    }

    bool running() { return ::waitpid(process_, nullptr, WNOHANG) == 0; }

    bool answers() const {
        const endpoint where = address(port_);
        const unique_descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        return ::connect(socket.get(), where.data(), static_cast<::socklen_t>(where.size())) == 0;
    }

    std::vector<std::string> arguments_;
    const int port_ = free_port();
    ::pid_t process_ = -1;
};

} // namespace fairlead::test
