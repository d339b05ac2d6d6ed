#include "line_input.hpp"

#include "core/system_error.hpp"

#include <cerrno>
#include <poll.h>
#include <stdexcept>
#include <unistd.h>

namespace fairlead::command {

namespace {

constexpr std::size_t read_room = 16 * 1024;

} // namespace

// What epoll takes no interest in, such as a regular file, never makes a reader wait.
line_input::line_input(shard& home, int descriptor)
    : shard_{home}, descriptor_{descriptor}, framing_{{.max_message = max_line, .accept_unterminated_last = true}},
      watched_{!home.watch(descriptor, *this)} {}

line_input::~line_input() {
    if (watched_)
        shard_.unwatch(descriptor_, *this);
}

boost::asio::awaitable<std::optional<bytes_view>> line_input::next() {
    for (;;) {
        if (const auto line = try_next(); line || ended_)
            co_return line;
        if (ready())
            fill();
        else
            co_await readable_.wait();
    }
}

std::optional<bytes_view> line_input::try_next() {
    const bytes_view input = input_.data();
    auto step = framing_.decode(input);
    if (step && !step->message && ended_)
        step = framing_.finish(input);
    if (!step)
        refuse("a line is longer than 16 MiB");
    input_.consume(step->consumed);
    return step->message;
}

void line_input::close() {
    ended_ = true;
    input_.release();
    readable_.notify_later(shard_.get_executor());
}

bool line_input::ready() const noexcept {
    ::pollfd asked{descriptor_, POLLIN, 0};
    return !watched_ || ::poll(&asked, 1, 0) > 0;
}

void line_input::fill() {
    const auto room = input_.prepare(read_room).first(read_room);
    const ::ssize_t got = ::read(descriptor_, room.data(), room.size());
    if (got > 0)
        input_.commit(static_cast<std::size_t>(got));
    else if (got == 0)
        ended_ = true;
    else if (errno != EINTR && errno != EAGAIN)
        refuse(last_system_error().message());
}

void line_input::refuse(const std::string& why) const {
    throw std::runtime_error{"cannot read the input: " + why};
}

} // namespace fairlead::command
