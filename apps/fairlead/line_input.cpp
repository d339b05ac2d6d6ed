#include "line_input.hpp"

#include "quantity.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <cerrno>
#include <poll.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <system_error>
#include <unistd.h>

namespace fairlead::command {

namespace {

constexpr std::size_t read_room = 16 * 1024;

// Asio makes every descriptor that it waits for non-blocking. So it waits for a descriptor of epoll
// instead, which becomes readable together with `descriptor`. Returns nullopt if epoll does not accept
// `descriptor`, such as that of a regular file: its reads never wait.
std::optional<boost::asio::posix::stream_descriptor> wait_on(shard& shard, int descriptor) {
    boost::asio::posix::stream_descriptor waits{shard.get_executor(), ::epoll_create1(EPOLL_CLOEXEC)};
    ::epoll_event event{};
    event.events = EPOLLIN;
    if (::epoll_ctl(waits.native_handle(), EPOLL_CTL_ADD, descriptor, &event) != 0)
        return {};
    return waits;
}

} // namespace

line_input::line_input(shard& home, int descriptor, std::size_t max_line)
    : descriptor_{descriptor}, typed_{::isatty(descriptor) == 1}, max_line_{max_line},
      framing_{{.max_message = max_line, .accept_unterminated_last = true}}, waits_{wait_on(home, descriptor)} {}

line_input::line_input(shard& home, line_editor& editor, std::size_t max_line)
    : line_input{home, editor.descriptor(), max_line} {
    editor_ = &editor;
    typed_ = true;
}

boost::asio::awaitable<std::optional<bytes_view>> line_input::next() {
    for (;;) {
        if (const auto line = try_next(); line || ended_)
            co_return line;
        if (ready()) {
            fill();
        } else {
            boost::system::error_code ended; // by `close`
            co_await waits_->async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                        boost::asio::redirect_error(boost::asio::use_awaitable, ended));
        }
    }
}

std::optional<bytes_view> line_input::try_next() {
    const bytes_view input = input_.data();
    auto step = framing_.decode(input);
    if (step && !step->message && ended_)
        step = framing_.finish(input);
    if (!step)
        refuse("a line is longer than " + to_text(max_line_) + "; --max-message allows longer ones");
    input_.consume(step->consumed);
    return step->message;
}

void line_input::close() {
    ended_ = true;
    input_.release();
    if (waits_)
        waits_->cancel();
    if (editor_)
        editor_->close();
}

bool line_input::ready() const noexcept {
    ::pollfd asked{descriptor_, POLLIN, 0};
    return !waits_ || ::poll(&asked, 1, 0) > 0;
}

void line_input::fill() {
    if (editor_)
        return fill_from_editor();
    const auto room = input_.prepare(read_room).first(read_room);
    const ::ssize_t got = ::read(descriptor_, room.data(), room.size());
    if (got > 0)
        input_.commit(static_cast<std::size_t>(got));
    else if (got == 0)
        ended_ = true;
    else if (errno != EINTR && errno != EAGAIN)
        refuse(std::generic_category().message(errno));
}

void line_input::fill_from_editor() {
    const auto typed = editor_->take();
    if (typed)
        input_.append(*typed);
    else
        ended_ = true;
}

void line_input::refuse(const std::string& why) const {
    throw std::runtime_error{"cannot read the input: " + why};
}

} // namespace fairlead::command
