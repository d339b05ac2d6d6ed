#include "server/session_group.hpp"

#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/mailbox.hpp"
#include "server/end_cause.hpp"
#include "server/session_report.hpp"
#include "session/describe.hpp"
#include "transport/socket_stream.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <utility>
#include <vector>

namespace fairlead {

namespace {

bool breaks_framing(const error_code& why) {
    return why == errc::malformed || why == errc::message_too_large || why == errc::truncated;
}

/// What follows the coroutine of a session. Asio keeps a copy of its executor with each: of this type, 16 bytes, rather
/// than of any type, 56 bytes, because this says which it is.
struct log_at_end {
    using executor_type = shard_executor;
    executor_type get_executor() const noexcept { return executor; }
    void operator()(std::exception_ptr thrown) const noexcept { log_if_thrown(thrown); }
    executor_type executor;
};

} // namespace

/// A session's being one of the group, from its beginning until its coroutine is gone, however that ends; the session
/// stays until then.
class session_group::member : public list_hook<member> {
public:
    member(session_group& group, std::shared_ptr<session_impl> peer, admission::permit held)
        : group_{group.keep_alive()}, peer_{std::move(peer)}, held_{std::move(held)} {
        const std::lock_guard lock{group_->mutex_};
        group_->members_.push_front(*this);
        ++group_->active_;
        ++group_->accepted_;
    }
    member(member&& other) noexcept
        : group_{std::move(other.group_)}, held_{std::move(other.held_)}, cause_{other.cause_} {
        const std::lock_guard lock{group_->mutex_}; // for those that look at the sessions of the members
        peer_ = std::move(other.peer_);
        other.unlink();
        group_->members_.push_front(*this);
    }
    member& operator=(member&&) = delete;
    ~member() {
        if (!group_)
            return;
        {
            const std::lock_guard lock{group_->mutex_};
            unlink();
            --group_->active_;
            ++(group_->closed_.*(group_->state_ >= state::cutting_off ? &closed_sessions::cut_off : cause_));
        }
        group_->release_one();
    }

    session_impl& peer() const noexcept { return *peer_; }
    const std::shared_ptr<session_impl>& shared_peer() const noexcept { return peer_; }
    session_group& group() const noexcept { return *group_; }

    void ends_for(std::uint64_t closed_sessions::*cause) noexcept { cause_ = cause; }

private:
    std::shared_ptr<session_group> group_; // first, so that it goes last
    std::shared_ptr<session_impl> peer_;
    admission::permit held_;
    std::uint64_t closed_sessions::*cause_ = &closed_sessions::otherwise;
};

/// A session with a message handler. While it waits it has no coroutine, which would take half of its memory.
///
///     begin ──▶ waits for the session to change ──served──▶ finish      dropped with the session's event: the shard ends
class session_group::message_session final : private event::waiter {
public:
    static void begin(member self, handler serve) {
        auto made = std::make_unique<message_session>(std::move(self), std::move(serve));
        session_impl& peer = made->self_.peer();
        peer.serve(*made->serve_.per_message());
        wait_or_finish(std::move(made));
    }

    message_session(member self, handler serve)
        : self_{std::move(self)}, serve_{std::move(serve)}, work_{self_.group().shard_.executor()} {}

private:
    static void wait_or_finish(std::unique_ptr<message_session> one) noexcept {
        std::exception_ptr thrown;
        session_impl& peer = one->self_.peer();
        try {
            if (!peer.served())
                return peer.changed().add(*one.release());
        } catch (...) {
            thrown = std::current_exception();
        }
        finish(one->self_, one->serve_, thrown);
    }

    void leave(bool resumed) override {
        std::unique_ptr<message_session> self{this};
        if (resumed)
            wait_or_finish(std::move(self));
    }

    member self_;
    handler serve_;
    boost::asio::executor_work_guard<shard_executor> work_;
};

/// A session with a session handler. It is served by the coroutine of the handler itself: one around it would take memory as
/// long as the session lives.
///
///     begin ──▶ the coroutine runs ──ended──▶ finish      dropped with the coroutine: the shard ends
class session_group::handler_session {
public:
    static void begin(member self, handler serve) {
        auto made = std::make_unique<handler_session>(std::move(self), std::move(serve));
        std::optional<boost::asio::awaitable<void>> work;
        try {
            work.emplace(made->serve_.serve(made->self_.peer()));
        } catch (...) {
            return finish(made->self_, made->serve_, std::current_exception());
        }
        const shard_executor executor = made->executor();
        boost::asio::co_spawn(executor, std::move(*work), at_end{std::move(made)});
    }

    handler_session(member self, handler serve) : self_{std::move(self)}, serve_{std::move(serve)} {}

private:
    struct at_end {
        using executor_type = shard_executor; // as that of `log_at_end`
        executor_type get_executor() const noexcept { return of->executor(); }
        void operator()(const std::exception_ptr& thrown) const noexcept { finish(of->self_, of->serve_, thrown); }
        std::unique_ptr<handler_session> of;
    };

    shard_executor executor() const noexcept { return self_.group().shard_.executor(); }

    member self_;
    handler serve_; // outlives its coroutine
};

void session_group::serve(unique_descriptor socket, const endpoint& remote, const session_rules& rules,
                          admission::permit held) {
    const auto make = [&] {
        auto transport = socket_stream::make(shard_, std::move(socket), remote).value();
        return make_session(shard_, std::move(transport), rules.messages, rules.bounds);
    };
    begin(make, remote, rules.serve, std::move(held));
}

void session_group::serve(std::unique_ptr<channel> messages, const handler& serve, std::shared_ptr<const limits> bounds,
                          admission::permit held) {
    const endpoint remote = messages->remote();
    const auto make = [&] { return make_session(shard_, std::move(messages), std::move(bounds)); };
    begin(make, remote, serve, std::move(held));
}

template <class MakeSession>
void session_group::begin(MakeSession make, const endpoint& remote, const handler& serve, admission::permit held) {
    if (state_ == state::closed)
        return release_one();
    bool entered = false;
    try {
        // Copying a framing or a handler runs code of the program, which may throw.
        member self{*this, make(), std::move(held)};
        entered = true;
        handler own = serve;
        shard_.set_running(self.peer().id());
        if (own.per_message())
            message_session::begin(std::move(self), std::move(own));
        else
            handler_session::begin(std::move(self), std::move(own));
    } catch (...) {
        const auto thrown = std::current_exception();
        log_exceptions([&] {
            log_error(log_topic::connection_refused,
                      "a connection from " + remote.to_string() + " was refused: " + describe_exception(thrown));
        });
        failures_.add();
        if (!entered)
            release_one();
    }
}

// Ends a session whose handler has ended.
void session_group::finish(member& self, handler& serve, const std::exception_ptr& thrown) noexcept {
    const auto group = self.group().keep_alive();
    const std::shared_ptr<session_impl> alive = self.shared_peer();
    group->note_end(self, thrown);
    bool started = false;
    log_exceptions([&] {
        const shard_executor executor = group->shard_.executor();
        boost::asio::co_spawn(executor, close_session(std::move(self), std::move(serve)), log_at_end{executor});
        started = true;
    });
    if (!started) // there is no memory for a coroutine
        alive->abort(errc::closed);
}

boost::asio::awaitable<void> session_group::close_session(member self, [[maybe_unused]] handler serve) {
    try {
        co_await self.peer().close_gracefully();
    } catch (...) {
        log_exception(std::current_exception());
        self.peer().abort(errc::closed);
    }
}

void session_group::note_end(member& self, const std::exception_ptr& thrown) noexcept {
    const session_impl& peer = self.peer();
    log_exceptions([&] {
        if (thrown) {
            self.ends_for(&closed_sessions::handler_failed);
            log_error(log_topic::handler_failed,
                      describe(peer) + ": its handler threw: " + escape(describe_exception(thrown)));
        } else {
            const auto why = peer.close_reason();
            self.ends_for(end_cause(why));
            if (breaks_framing(why.code))
                log_warning(log_topic::framing_broken, describe(peer) + ": " + why.message());
        }
    });
}

void session_group::release_one() noexcept {
    load_.fetch_sub(1, std::memory_order_relaxed);
    if (state_ != state::serving && members_.empty() && on_empty_)
        std::exchange(on_empty_, nullptr)();
}

void session_group::stop(std::function<void()> on_empty) noexcept {
    if (state_ == state::serving)
        enter(state::draining);
    on_empty_ = std::move(on_empty);
    for (const member* each = members_.front(); each; each = members_.after(*each))
        each->peer().drain();
    if (members_.empty())
        std::exchange(on_empty_, nullptr)();
}

std::size_t session_group::cut_off(const std::string& why) noexcept {
    if (state_ >= state::cutting_off)
        return 0;
    enter(state::cutting_off);
    for (const member* each = members_.front(); each; each = members_.after(*each)) {
        session_impl& peer = each->peer();
        log_exceptions([&] { log_warning(log_topic::cut_off, describe(peer) + ": cut off, " + why); });
        peer.abort(errc::stopping);
    }
    return active_;
}

void session_group::close() noexcept {
    on_empty_ = nullptr;
    enter(state::closed);
}

void session_group::enter(state next) noexcept {
    const std::lock_guard lock{mutex_};
    state_ = next;
}

bool session_group::was_cut_off() const {
    const std::lock_guard lock{mutex_};
    return state_ == state::cutting_off;
}

std::optional<std::string> session_group::name_of(std::uint64_t id) const {
    const std::lock_guard lock{mutex_};
    for (const member* each = members_.front(); each; each = members_.after(*each)) {
        if (each->peer().id() == id)
            return describe(each->peer());
    }
    return {};
}

std::size_t session_group::left() const {
    const std::lock_guard lock{mutex_};
    return active_;
}

/// Goes on in turn after turn; a session that ends meanwhile is left out.
class session_group::report_in_slices : public std::enable_shared_from_this<report_in_slices> {
public:
    static constexpr std::size_t max_lines = 1'000;

    explicit report_in_slices(std::shared_ptr<session_group> group) : group_{std::move(group)} {
        for (const member* each = group_->members_.front(); each; each = group_->members_.after(*each)) {
            if (sessions_.size() == max_lines)
                break;
            sessions_.push_back(each->peer().weak_from_this());
        }
    }

    void go_on() {
        constexpr std::size_t lines_in_a_turn = 25;
        for (std::size_t i = 0; i < lines_in_a_turn && next_ < sessions_.size(); ++i, ++next_) {
            if (const auto peer = sessions_[next_].lock())
                log_info(report_line(*peer, group_->shard_.now()));
        }
        if (next_ < sessions_.size())
            boost::asio::post(group_->shard_.executor(), [self = shared_from_this()] { self->go_on(); });
        else if (const std::size_t all = group_->left(); all > max_lines)
            log_info("and " + std::to_string(all - max_lines) + " more sessions");
    }

private:
    const std::shared_ptr<session_group> group_;
    std::vector<std::weak_ptr<session_impl>> sessions_;
    std::size_t next_ = 0;
};

void session_group::report() {
    if (!report_.expired())
        return;
    const auto begun = std::make_shared<report_in_slices>(keep_alive());
    report_ = begun;
    begun->go_on();
}

session_statistics session_group::statistics() const {
    session_statistics found;
    {
        const std::lock_guard lock{mutex_};
        found.accepted = accepted_;
        found.active = active_;
        found.closed = closed_;
    }
    const shard_counters& counted = shard_.counters();
    found.messages_in = counted.messages_in.value();
    found.messages_out = counted.messages_out.value();
    found.bytes_in = counted.bytes_in.value();
    found.bytes_out = counted.bytes_out.value();
    found.held_back = counted.held_back.value();
    found.send_queue_full = counted.send_queue_full.value() + shard_.inbox()->refused();
    found.held_for_memory = counted.held_for_memory.value();
    found.handlers_overdue = counted.handlers_overdue.value();
    found.buffered_bytes = shard_.blocks().leased();
    return found;
}

} // namespace fairlead
