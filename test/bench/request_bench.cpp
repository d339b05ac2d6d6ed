// What a request and its reply cost over one connection that many coroutines share: `client` beside what one writes by hand
// with Asio for the same. The echo server is a process of its own; rounds take turns, and medians are told.

#include <fairlead/client.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/server.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/endian/conversion.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <functional>
#include <signal.h>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace fairlead::bench {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

/// By hand: framed with four bytes of length, replies in order, what is asked in one turn in one write. It knows neither
/// deadlines nor limits, and does not come back.
class plain_client {
public:
    plain_client(asio::io_context& home, unsigned short port) : socket_{home} {
        socket_.connect({asio::ip::address_v4::loopback(), port});
        socket_.set_option(tcp::no_delay{true});
        asio::co_spawn(home, read(), [](std::exception_ptr) {});
    }

    asio::awaitable<result<std::string>> request(std::string message, std::chrono::milliseconds) {
        const auto size = boost::endian::native_to_big(static_cast<std::uint32_t>(message.size()));
        gathered_.append(reinterpret_cast<const char*>(&size), sizeof size).append(message);
        if (!writing_) {
            writing_ = true;
            asio::post(socket_.get_executor(), [this] { write(); });
        }
        wait_for_reply initiation{this};
        co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::string)>(initiation,
                                                                                                  asio::use_awaitable);
    }

private:
    struct wait_for_reply {
        template <class Handler>
        void operator()(Handler&& handler) const {
            self->waiting_.emplace_back(std::forward<Handler>(handler));
        }
        plain_client* self;
    };

    void write() {
        leaving_.clear();
        std::swap(leaving_, gathered_);
        asio::async_write(socket_, asio::buffer(leaving_), [this](const error_code& failed, std::size_t) {
            writing_ = !failed && !gathered_.empty();
            if (writing_)
                write();
        });
    }

    asio::awaitable<void> read() {
        std::string input(64 * 1024, '\0');
        std::size_t filled = 0;
        error_code failed;
        auto token = asio::redirect_error(asio::use_awaitable, failed);
        while (!failed) {
            const auto room = asio::buffer(input.data() + filled, input.size() - filled);
            filled += co_await socket_.async_read_some(room, token);
            std::size_t used = 0;
            while (filled - used >= 4) {
                const auto size = boost::endian::load_big_u32(reinterpret_cast<unsigned char*>(input.data() + used));
                if (filled - used - 4 < size)
                    break;
                auto waiter = std::move(waiting_.front());
                waiting_.pop_front();
                std::string reply = input.substr(used + 4, size);
                used += 4 + size;
                std::move(waiter)(std::move(reply));
            }
            std::copy(input.data() + used, input.data() + filled, input.data());
            filled -= used;
        }
    }

    tcp::socket socket_;
    std::string gathered_, leaving_;
    bool writing_ = false;
    std::deque<asio::any_completion_handler<void(std::string)>> waiting_;
};

const std::string question(64, 'x');

struct figures {
    double per_second, microseconds_of_cpu;
};

double cpu_seconds() {
    ::timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

template <class Client>
asio::awaitable<void> ask(Client& whom, int times, int& asking, std::function<void()> stop) {
    for (int i = 0; i < times; ++i) {
        const result<std::string> reply = co_await whom.request(question, 10s);
        if (!reply || *reply != question)
            std::abort();
    }
    if (--asking == 0)
        stop();
}

/// `home` runs until `stop`: a shard, or an io_context.
template <class Home, class Client>
figures measure(Home& home, Client& whom, int callers, int requests) {
    int asking = callers;
    for (int i = 0; i < callers; ++i)
        asio::co_spawn(home.get_executor(), ask(whom, requests / callers, asking, [&home] { home.stop(); }),
                       [](std::exception_ptr) {});
    const double cpu = cpu_seconds();
    const auto began = std::chrono::steady_clock::now();
    home.run();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    return {requests / took.count(), (cpu_seconds() - cpu) * 1e6 / requests};
}

figures with_fairlead(unsigned short port, int callers, int requests) {
    shard home;
    client one{home, "tcp://127.0.0.1:" + std::to_string(port), length_prefixed{}};
    while (one.state() != client_state::connected)
        home.poll();
    return measure(home, one, callers, requests);
}

figures by_hand(unsigned short port, int callers, int requests) {
    asio::io_context home{1};
    plain_client one{home, port};
    return measure(home, one, callers, requests);
}

double median(const std::vector<figures>& of, double figures::*which) {
    std::vector<double> values;
    for (const figures& each : of)
        values.push_back(each.*which);
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

void compare(unsigned short port, int callers, int requests, int rounds) {
    std::vector<figures> ours, theirs;
    for (int round = 0; round < rounds; ++round) {
        ours.push_back(with_fairlead(port, callers, requests));
        theirs.push_back(by_hand(port, callers, requests));
    }
    const double rate = median(ours, &figures::per_second), plain_rate = median(theirs, &figures::per_second);
    const double cpu = median(ours, &figures::microseconds_of_cpu),
                 plain_cpu = median(theirs, &figures::microseconds_of_cpu);
    std::printf("%7d %12.0f %12.0f %6.2f %10.2f %10.2f %6.2f\n", callers, rate, plain_rate, rate / plain_rate, cpu,
                plain_cpu, cpu / plain_cpu);
}

} // namespace

} // namespace fairlead::bench

int main(int count, char** arguments) {
    using namespace fairlead;
    const int rounds = count > 1 ? std::atoi(arguments[1]) : 9;
    server echoing{server_options{.threads = 1}};
    const endpoint where = echoing.listen("tcp://127.0.0.1:0", length_prefixed{}, echo());
    const ::pid_t child = ::fork();
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        ::_exit(echoing.run());
    }
    std::printf("callers   fairlead/s     plain/s  ratio  µs CPU of fairlead, plain  ratio   (%d rounds)\n", rounds);
    bench::compare(where.port(), 1, 20'000, rounds);
    bench::compare(where.port(), 16, 100'000, rounds);
    bench::compare(where.port(), 64, 128'000, rounds);
    bench::compare(where.port(), 256, 256'000, rounds);
    ::kill(child, SIGTERM);
    ::waitpid(child, nullptr, 0);
}
