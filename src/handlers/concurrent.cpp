#include <fairlead/handlers/concurrent.hpp>

#include "handlers/answer.hpp"

#include <fairlead/task_group.hpp>

#include <map>
#include <stdexcept>
#include <utility>

namespace fairlead {

namespace {

/// The requests of one session that are being answered.
class request_window {
public:
    request_window(const optional_reply_handler& answer, std::size_t limit, reply_order order, session& peer)
        : answer_{answer}, limit_{limit}, order_{order}, peer_{peer} {}

    boost::asio::awaitable<void> receive(task_group& tasks) {
        for (;;) {
            co_await tasks.wait_for_place();
            while (unsent_.size() >= limit_)
                co_await tasks.wait_any();
            const auto request = co_await peer_.receive();
            if (!request) {
                if (request.error().category() != error_category()) // the connection has failed
                    tasks.cancel();
                co_return;
            }
            co_await tasks.start(handle(to_string(*request)));
        }
    }

private:
    struct entry {
        bool answered = false;
        std::optional<std::string> reply = {};
    };

    boost::asio::awaitable<void> handle(std::string request) {
        if (order_ == reply_order::of_completion) {
            const auto reply = co_await answer_(std::move(request), peer_);
            send(reply);
            co_return;
        }
        entry& own = unsent_[++last_];
        auto reply = co_await answer_(std::move(request), peer_);
        own.answered = true;
        own.reply = std::move(reply);
        while (!unsent_.empty() && unsent_.begin()->second.answered) {
            send(unsent_.begin()->second.reply);
            unsent_.erase(unsent_.begin());
        }
    }

    void send(const std::optional<std::string>& reply) {
        if (reply)
            answer(peer_, *reply);
    }

    const optional_reply_handler& answer_;
    const std::size_t limit_;
    const reply_order order_;
    session& peer_;
    std::map<std::uint64_t, entry> unsent_; // by the number of the request, if replies keep their order
    std::uint64_t last_ = 0;                // the number of the last request
};

boost::asio::awaitable<void> serve_requests(const optional_reply_handler& answer, std::size_t max_open,
                                            reply_order order, session& peer) {
    request_window all{answer, max_open, order, peer};
    const auto body = [&all](task_group& tasks) { return all.receive(tasks); };
    co_await with_tasks(max_open, body);
}

boost::asio::awaitable<std::optional<std::string>> reply_always(const request_handler& answer, std::string request,
                                                                session& peer) {
    co_return co_await answer(std::move(request), peer);
}

} // namespace

session_handler concurrent(optional_reply_handler answer, std::size_t max_open, reply_order order) {
    if (max_open == 0)
        throw std::invalid_argument{
            "concurrent: `max_open` is 0, so no request could be answered; it must be at least 1"};
    return [answer = std::move(answer), max_open, order](session& peer) {
        return serve_requests(answer, max_open, order, peer);
    };
}

session_handler concurrent(request_handler answer, std::size_t max_open, reply_order order) {
    const auto always = [answer = std::move(answer)](std::string request, session& peer) {
        return reply_always(answer, std::move(request), peer);
    };
    return concurrent(optional_reply_handler{always}, max_open, order);
}

} // namespace fairlead
