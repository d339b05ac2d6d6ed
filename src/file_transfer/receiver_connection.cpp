#include "file_transfer/receiver_connection.hpp"

#include "core/system_error.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/blocking_call.hpp"
#include "session/impl_behind.hpp"
#include "session/session_impl.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <iterator>

namespace fairlead::file_transfer {

namespace {

constexpr std::size_t most_notices = 256;

// Calls a hook on a thread for blocking work. Half of these threads stay free for the disk, however long hooks take.
template <class Work>
boost::asio::awaitable<void> run_hook(shard_core& shard, Work& work) {
    struct call {
        static void run(void* self) noexcept {
            call& here = *static_cast<call*>(self);
            try {
                here.work();
            } catch (...) {
                here.thrown = std::current_exception();
            }
        }
        Work& work;
        std::exception_ptr thrown = {};
    };
    call here{.work = work};
    blocking_call job{shard, &call::run, &here};
    co_await job.run_on(shard.blocking_threads(), blocking_pool::kind::lengthy);
    if (here.thrown)
        std::rethrow_exception(here.thrown);
}

// Returns an error if a reply could not be sent: the sender of the files would wait for it for ever. It is no error if
// the sender is gone: it waits for no reply, and the files that it sent count.
result<void> send_replies(const std::vector<message>& replies, session& to) {
    for (const message& each : replies) {
        if (const auto sent = to.send(write_message(each)); !sent && !to.close_reason())
            return sent;
    }
    return {};
}

} // namespace

/// Counts itself in a member while it lives.
class receiver_connection::counted {
public:
    counted(std::shared_ptr<receiver_connection> in, std::size_t receiver_connection::*counter) noexcept
        : owner_{std::move(in)}, counter_{counter} {
        ++((*owner_).*counter_);
        owner_->excuse_session();
    }
    counted(counted&& other) noexcept = default;
    counted& operator=(counted&&) = delete;
    ~counted() {
        if (!owner_)
            return;
        --((*owner_).*counter_);
        owner_->excuse_session();
        owner_->notify();
    }

    receiver_connection* operator->() const noexcept { return owner_.get(); }

private:
    std::shared_ptr<receiver_connection> owner_;
    std::size_t receiver_connection::*counter_;
};

/// Guards the coroutine that judges a file. If it ends before the file is answered, or never begins because memory is
/// missing, the session ends: its sender would wait for ever.
class receiver_connection::judgement {
public:
    explicit judgement(std::shared_ptr<receiver_connection> in) noexcept
        : counted_{std::move(in), &receiver_connection::judging_} {}
    judgement(judgement&& other) noexcept
        : counted_{std::move(other.counted_)}, answered_{std::exchange(other.answered_, true)} {}
    judgement& operator=(judgement&&) = delete;
    ~judgement() {
        if (!answered_)
            counted_->abort_session(system_code(ENOMEM));
    }

    receiver_connection* operator->() const noexcept { return counted_.operator->(); }
    void answered() noexcept { answered_ = true; }

private:
    counted counted_;
    bool answered_ = false;
};

receiver_connection::receiver_connection(std::shared_ptr<receiver_state> all, std::shared_ptr<receiver_protocol> files,
                                         session& peer, answers replies)
    : shutdown_hook{core_of(peer.shard())}, all_{std::move(all)}, files_{std::move(files)},
      shard_{core_of(peer.shard())}, peer_{&peer}, timed_{impl_behind(peer)}, replies_{replies} {}

receiver_connection::~receiver_connection() {
    tell_the_rest();
    for (const notice& each : notices_)
        tell(all_->options, each);
}

// --- turns ----------------------------------------------------------------------------------------------------------

boost::asio::awaitable<receiver_connection::turn> receiver_connection::begin_turn() {
    while (turn_taken_)
        co_await changed_.wait();
    co_return turn{*this};
}

void receiver_connection::end_turn() noexcept {
    turn_taken_ = false;
    notify();
}

void receiver_connection::notify() noexcept {
    log_exceptions([this] { changed_.notify(); });
}

result<void> receiver_connection::answer() {
    const auto self = shared_from_this();
    const auto executor = facade_of(shard_).get_executor();
    result<void> sent;
    if (replies_ == answers::sent) {
        const auto replies = files_->replies();
        if (peer_)
            sent = send_replies(replies, *peer_);
    }
    for (file_to_judge& each : files_->to_judge()) {
        auto judged = judge_file(judgement{self}, std::move(each));
        boost::asio::co_spawn(executor, std::move(judged), log_if_thrown);
    }
    std::ranges::move(files_->notices(), std::back_inserter(notices_));
    if (!notices_.empty() && telling_ == 0) {
        auto telling = tell_notices(counted{self, &receiver_connection::telling_});
        boost::asio::co_spawn(executor, std::move(telling), log_if_thrown);
    }
    return sent;
}

// --- on_received ----------------------------------------------------------------------------------------------------

boost::asio::awaitable<void> receiver_connection::judge_file(judgement self, file_to_judge whole) {
    judgement here = std::move(self);
    co_await here->publish_judged(std::move(whole));
    here.answered();
}

boost::asio::awaitable<void> receiver_connection::publish_judged(file_to_judge whole) {
    verdict outcome;
    auto ask = [&] { outcome = judge(all_->options, whole); };
    co_await run_hook(shard_, ask);
    verdicts_.push_back(std::move(outcome));

    const turn held = co_await begin_turn();
    if (verdicts_.empty()) // another coroutine has taken this verdict too
        co_return;
    const auto taken = std::exchange(verdicts_, {});
    auto publish = [&] { files_->take_verdicts(taken); };
    co_await facade_of(shard_).blocking(publish);
    if (const auto sent = answer(); !sent)
        abort_session(sent.error());
}

// --- on_stored, on_failed -------------------------------------------------------------------------------------------

boost::asio::awaitable<void> receiver_connection::tell_notices(counted self) {
    const counted here = std::move(self);
    while (!here->notices_.empty()) {
        here->told_now_ = std::exchange(here->notices_, {});
        here->notify();
        auto work = [&] {
            for (; here->told_ < here->told_now_.size(); ++here->told_)
                tell(here->all_->options, here->told_now_[here->told_]);
        };
        try {
            co_await run_hook(here->shard_, work);
        } catch (...) { // there is no thread, and none can be made
            log_exception(std::current_exception());
        }
        here->tell_the_rest();
    }
}

// Calls the hooks for notices that no thread has delivered: there was none, or the program ended before.
void receiver_connection::tell_the_rest() noexcept {
    for (; told_ < told_now_.size(); ++told_)
        tell(all_->options, told_now_[told_]);
    told_now_.clear();
    told_ = 0;
}

// --- the handler waits ----------------------------------------------------------------------------------------------

boost::asio::awaitable<void> receiver_connection::wait_for_room() {
    if (notices_.size() <= most_notices)
        co_return;
    const counted waits{shared_from_this(), &receiver_connection::waiting_};
    while (notices_.size() > most_notices)
        co_await changed_.wait();
}

boost::asio::awaitable<void> receiver_connection::wait_for_hooks() {
    const counted waits{shared_from_this(), &receiver_connection::waiting_};
    while (judging_ + telling_ != 0)
        co_await changed_.wait();
}

void receiver_connection::excuse_session() noexcept {
    if (peer_ && timed_)
        timed_->excuse(judging_ + waiting_ != 0);
}

void receiver_connection::abort_session(error_code why) noexcept {
    if (peer_)
        log_exceptions([&] { peer_->abort(why); });
}

} // namespace fairlead::file_transfer
