#include "line_input.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <poll.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <system_error>
#include <unistd.h>

namespace fairlead::command {

namespace {

constexpr std::size_t read_room = 16 * 1024;

std::string text_of(int error) {
    return std::generic_category().message(error);
}

} // namespace

// Asio makes non-blocking what it waits for; an epoll between the two keeps it off the input. What epoll refuses, such as a
// regular file, never makes a reader wait.
line_input::line_input(shard& home, int descriptor)
    : descriptor_{descriptor}, readable_{home.get_executor()}, framing_{{.max_message = max_line,
                                                                     .accept_unterminated_last = true}} {
    const int poll = ::epoll_create1(EPOLL_CLOEXEC);
    if (poll < 0)
        refuse(text_of(errno));
    readable_.assign(poll);
    ::epoll_event wanted{.events = EPOLLIN, .data = {}};
    if (::epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &wanted) != 0)
        readable_.close();
}

boost::asio::awaitable<std::optional<bytes_view>> line_input::next() {
    for (;;) {
        if (const auto line = try_next(); line || ended_)
            co_return line;
        if (ready()) {
            fill();
        } else {
            boost::system::error_code cancelled;
            co_await readable_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                          boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
        }
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
    if (readable_.is_open())
        readable_.cancel();
}

bool line_input::ready() const noexcept {
    ::pollfd asked{descriptor_, POLLIN, 0};
    return !readable_.is_open() || ::poll(&asked, 1, 0) > 0;
}

void line_input::fill() {
    const auto room = input_.prepare(read_room).first(read_room);
    const ::ssize_t got = ::read(descriptor_, room.data(), room.size());
    if (got > 0)
        input_.commit(static_cast<std::size_t>(got));
    else if (got == 0)
        ended_ = true;
    else if (errno != EINTR && errno != EAGAIN)
        refuse(text_of(errno));
}

void line_input::refuse(const std::string& why) const {
    throw std::runtime_error{"cannot read the input: " + why};
}

} // namespace fairlead::command
