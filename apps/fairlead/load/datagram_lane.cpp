#include "load/datagram_lane.hpp"

#include "load/load_worker.hpp"

#include "quantity.hpp"

#include <fairlead/connect.hpp>

#include <utility>

namespace fairlead::command {

namespace {

constexpr std::size_t number_size = 8;
constexpr std::chrono::seconds retry_pause{1};

void write_number(std::uint32_t number, char* digits) noexcept {
    for (std::size_t at = number_size; at-- > 0; number >>= 4)
        digits[at] = "0123456789ABCDEF"[number & 15];
}

std::optional<std::uint32_t> read_number(bytes_view message) noexcept {
    if (message.size() < number_size)
        return {};
    std::uint32_t number = 0;
    for (const unsigned char digit : message.first(number_size)) {
        if (digit >= '0' && digit <= '9')
            number = number << 4 | static_cast<std::uint32_t>(digit - '0');
        else if (digit >= 'A' && digit <= 'F')
            number = number << 4 | static_cast<std::uint32_t>(digit - 'A' + 10);
        else
            return {};
    }
    return number;
}

} // namespace

datagram_lane::datagram_lane(load_worker& owner, std::size_t id)
    : owner_{owner}, id_{id}, window_{owner.plan().pipeline} {}

boost::asio::awaitable<void> datagram_lane::run() {
    const load_plan& plan = owner_.plan();
    const std::string target = plan.target(id_).to_string();
    const udp_client_options options{.deadline = plan.stream_timeout};
    co_await owner_.pause_until(owner_.control().start() + connection_start(id_, plan.connections, plan.ramp_up));
    for (bool first = true; !owner_.is_over(clock::now()); first = false) {
        auto client = co_await udp_client::connect(owner_.home(), target, options);
        if (!client) {
            owner_.note_not_connected(id_, client.error(), first);
            co_await owner_.pause_until(clock::now() + retry_pause);
            continue;
        }
        owner_.note_connected();
        co_await converse(std::move(*client));
    }
}

boost::asio::awaitable<void> datagram_lane::converse(std::unique_ptr<udp_client> server) {
    const load_worker::presence here{owner_, client_, *server};
    sent_ = 0;
    auto now = clock::now();
    send_more(now);
    while (!is_done(now)) {
        const auto reply = co_await server->receive();
        now = clock::now();
        if (reply) {
            take(*reply, now);
            while (const auto next = server->try_receive())
                take(*next, now);
        } else if (reply.error() == errc::closed) {
            break;
        } else {
            note_refused(reply.error());
        }
        send_more(now);
    }
}

bool datagram_lane::used_up() const noexcept {
    const std::size_t churn = owner_.plan().churn;
    return churn != 0 && sent_ >= churn;
}

bool datagram_lane::has_room() const noexcept {
    return client_ && window_.has_room() && !used_up();
}

bool datagram_lane::is_done(time_point now) const noexcept {
    return window_.waiting() == 0 && (owner_.is_over(now) || used_up());
}

void datagram_lane::send_more(time_point now) {
    if (owner_.sends_by_rate())
        return owner_.offer(*this, now);
    if (owner_.is_over(now))
        return;
    for (std::size_t left = load_worker::burst; left != 0 && has_room(); --left) // replies send the rest
        send(now, now);
}

// If the system has no room, the datagram is lost here instead of on the way; `sweep` notes the missing
// reply in either case.
void datagram_lane::send(time_point due, time_point now) {
    static_cast<void>(client_->send(datagram(window_.open(due, now))));
    ++sent_;
}

bytes_view datagram_lane::datagram(std::uint32_t number) {
    datagram_ = to_string(owner_.messages().message(id_, number));
    if (datagram_.size() >= number_size)
        write_number(number, datagram_.data());
    return datagram_;
}

void datagram_lane::take(bytes_view reply, time_point now) {
    const auto message = close(reply);
    if (!message) {
        owner_.counts().note(load_error::unexpected, 1,
                             [&] { return owner_.named(id_, count(reply.size(), "byte", "bytes")); });
        return;
    }
    const std::size_t size = owner_.messages().message(id_, message->number).size();
    if (owner_.plan().check) {
        if (const auto wrong = difference(datagram(message->number), reply))
            owner_.counts().note(load_error::wrong, 1, [&] { return owner_.named(id_, *wrong); });
    }
    owner_.note_reply(message->due, now, size, reply.size());
}

std::optional<datagram_window::pending> datagram_lane::close(bytes_view reply) noexcept {
    const auto number = read_number(reply);
    return number ? window_.close(*number) : window_.close_oldest();
}

void datagram_lane::sweep(time_point now) {
    if (!client_ || window_.waiting() == 0)
        return;
    const std::size_t lost = window_.give_up(now - owner_.plan().datagram_timeout);
    owner_.counts().note(load_error::timed_out, lost, [this] { return owner_.named(id_, "no reply to a datagram"); });
    if (is_done(now))
        client_->close();
    else if (lost != 0)
        send_more(now);
}

void datagram_lane::stop() {
    if (client_ && window_.waiting() == 0)
        client_->close();
}

void datagram_lane::give_up() {
    if (client_)
        client_->close();
}

void datagram_lane::note_refused(const error_code& why) {
    owner_.counts().note(load_error::refused, 1,
                         [&] { return owner_.named(id_, describe(owner_.plan().target(id_), why)); });
}

} // namespace fairlead::command
