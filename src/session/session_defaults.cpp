// The default implementations of `session`.

#include <fairlead/session.hpp>

#include <boost/system/errc.hpp>

namespace fairlead {

namespace {

error_code not_supported() noexcept {
    return make_error_code(boost::system::errc::operation_not_supported);
}

} // namespace

boost::asio::awaitable<result<message_part>> session::receive_part() {
    const auto message = co_await receive();
    if (!message)
        co_return message.error();
    co_return message_part{*message, 0};
}

std::optional<message_part> session::try_receive_part() {
    const auto message = try_receive();
    return message ? std::optional{message_part{*message, 0}} : std::nullopt;
}

boost::asio::awaitable<result<void>> session::begin_message(std::optional<std::uint64_t>) {
    co_return not_supported();
}

boost::asio::awaitable<result<void>> session::send_part(bytes_view) {
    co_return not_supported();
}

result<void> session::end_message() {
    return not_supported();
}

} // namespace fairlead
