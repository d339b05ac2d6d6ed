#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace fairlead::bench {

inline void require(bool held, const char* what) {
    if (!held)
        throw std::runtime_error{what};
}

/// `--inproc CONNECTIONS,DEPTH,SIZE,SECONDS`: what a framed message costs a server, with both ends on one thread.
struct inproc_plan {
    unsigned connections = 0, depth = 0, size = 0;
    double seconds = 0;

    /// Nothing when the arguments do not begin so. Errors: throws when what follows cannot be read.
    static std::optional<inproc_plan> parse(int count, char** arguments) {
        if (count < 2 || arguments[1] != std::string_view{"--inproc"})
            return std::nullopt;
        inproc_plan plan;
        require(count > 2 &&
                    std::sscanf(arguments[2], "%u,%u,%u,%lf", &plan.connections, &plan.depth, &plan.size,
                                &plan.seconds) == 4 &&
                    plan.connections > 0 && plan.depth > 0,
                "--inproc takes CONNECTIONS,DEPTH,SIZE,SECONDS");
        return plan;
    }
};

/// That many frames, as framing `length` has them.
inline std::string make_burst(std::size_t messages, std::size_t size, char filler = 'x') {
    std::string frame;
    for (int shift = 24; shift >= 0; shift -= 8)
        frame.push_back(static_cast<char>(size >> shift & 0xFF));
    frame.append(size, filler);
    std::string burst;
    for (std::size_t i = 0; i < messages; ++i)
        burst += frame;
    return burst;
}

/// The far ends of connections over the loopback, whose near ends a server on the same thread serves.
class far_ends {
public:
    /// `adopt` is given the near end of each, non-blocking.
    template <class Adopt>
    far_ends(std::size_t connections, const Adopt& adopt) {
        const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ::sockaddr_in own{};
        own.sin_family = AF_INET;
        own.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
        auto* const where = reinterpret_cast<::sockaddr*>(&own);
        ::socklen_t size = sizeof own;
        require(::bind(listener, where, size) == 0 && ::listen(listener, SOMAXCONN) == 0 &&
                    ::getsockname(listener, where, &size) == 0,
                "cannot listen");
        for (std::size_t i = 0; i < connections; ++i) {
            sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
            require(::connect(sockets_.back(), where, size) == 0, "cannot connect");
            const int near = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            require(near >= 0, "cannot accept");
            const int on = 1;
            ::setsockopt(near, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            adopt(near);
        }
        ::close(listener);
    }
    far_ends(const far_ends&) = delete;
    far_ends& operator=(const far_ends&) = delete;
    ~far_ends() {
        for (const int each : sockets_)
            ::close(each);
    }

    void send(const std::string& burst) {
        for (const int each : sockets_)
            require(::send(each, burst.data(), burst.size(), 0) == static_cast<::ssize_t>(burst.size()), "send");
    }

    /// `serve` is called when a reply is not whole yet: the rest of a large message comes once there is room for it.
    template <class Serve>
    void collect(const std::string& expected, const Serve& serve) {
        std::string reply(expected.size(), '\0');
        for (const int each : sockets_) {
            std::size_t size = 0;
            while (size < reply.size())
                size += receive(each, reply, size, serve);
            require(reply == expected, "a reply is wrong");
        }
    }

private:
    template <class Serve>
    static std::size_t receive(int socket, std::string& reply, std::size_t offset, const Serve& serve) {
        constexpr int most_tries = 1'000'000;
        for (int tries = 0; tries < most_tries; ++tries) {
            const ::ssize_t size = ::recv(socket, reply.data() + offset, reply.size() - offset, MSG_DONTWAIT);
            if (size > 0)
                return static_cast<std::size_t>(size);
            require(size < 0 && errno == EAGAIN, "a connection has ended");
            serve();
        }
        throw std::runtime_error{"a reply is missing"};
    }

    std::vector<int> sockets_;
};

/// Nanoseconds a message.
struct inproc_cost {
    std::size_t turns;
    double p10, p50;
};

/// Turn by turn the far ends send; the server runs until it is idle, which is what is timed; the far ends collect what
/// it has replied, and it runs again where that is not all. No second core, no waking up.
template <class Run>
inproc_cost time_traffic(const inproc_plan& plan, far_ends& far, const std::string& burst, const std::string& expected,
                         const Run& run_until_idle) {
    using clock = std::chrono::steady_clock;
    constexpr int warm_up = 20;
    constexpr std::size_t least_turns = 50;
    const double messages = double(plan.connections) * plan.depth;
    std::vector<double> costs;
    run_until_idle();
    const auto end = clock::now() + std::chrono::duration<double>(plan.seconds);
    for (int turn = 0; clock::now() < end || costs.size() < least_turns; ++turn) {
        std::chrono::duration<double, std::nano> spent{};
        const auto serve = [&] {
            const auto begin = clock::now();
            run_until_idle();
            spent += clock::now() - begin;
        };
        far.send(burst);
        serve();
        far.collect(expected, serve);
        if (turn >= warm_up)
            costs.push_back(spent.count() / messages);
    }
    std::sort(costs.begin(), costs.end());
    return {costs.size(), costs[costs.size() / 10], costs[costs.size() / 2]};
}

/// The same with messages of framing `length`.
template <class Run>
inproc_cost time_inproc(const inproc_plan& plan, far_ends& far, const Run& run_until_idle, char reply_filler = 'x') {
    return time_traffic(plan, far, make_burst(plan.depth, plan.size), make_burst(plan.depth, plan.size, reply_filler),
                        run_until_idle);
}

/// One line of JSON.
inline void print(const inproc_plan& plan, const inproc_cost& cost) {
    std::printf("{\"mode\":\"inproc\",\"connections\":%u,\"pipeline\":%u,\"size\":%u,\"turns\":%zu,"
                "\"ns_p10\":%.1f,\"ns_p50\":%.1f}\n",
                plan.connections, plan.depth, plan.size, cost.turns, cost.p10, cost.p50);
}

/// The same in one, for a program that measures only this; gives the exit code.
template <class Run>
int measure_inproc(const inproc_plan& plan, far_ends& far, const Run& run_until_idle) {
    print(plan, time_inproc(plan, far, run_until_idle));
    return 0;
}

} // namespace fairlead::bench
