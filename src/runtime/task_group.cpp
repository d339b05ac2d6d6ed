#include <fairlead/task_group.hpp>

#include "core/cancellation.hpp"
#include "core/intrusive_list.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"

#include <fairlead/printable.hpp>
#include <fairlead/transport/event.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace fairlead {

namespace {

bool is_abort(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const boost::system::system_error& failed) {
        return failed.code() == boost::asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

/// A group is owned by its members and by nothing else, and so is the coroutine that waits for it. So the caller of
/// `with_tasks` goes after the last member, also when a shard destroys them in any order.
///
///     shard ──▶ coroutines of the members ──▶ members ──▶ group ──▶ `ended` ──▶ coroutine of with_tasks, and its caller
///
/// Lifetime: the result outlives the group.
class joined_tasks final : public task_group, public std::enable_shared_from_this<joined_tasks> {
public:
    struct result {
        bool reached = false;
        std::exception_ptr thrown;
    };

    joined_tasks(boost::asio::any_io_executor executor, std::size_t limit, result& end)
        : executor_{std::move(executor)}, limit_{limit}, end_{end} {}

    boost::asio::awaitable<void> start(boost::asio::awaitable<void> task) override {
        co_await place();
        launch(std::move(task), role::task);
    }

    boost::asio::awaitable<void> place() override {
        while (tasks_ >= limit_)
            co_await changed_.wait();
        throw_failure();
    }

    boost::asio::awaitable<void> any() override {
        const std::uint64_t before = finished_;
        while (tasks_ != 0 && finished_ == before)
            co_await changed_.wait();
        throw_failure();
    }

    boost::asio::awaitable<void> all() override {
        while (tasks_ != 0)
            co_await changed_.wait();
        throw_failure();
    }

    void cancel() noexcept override { cancel(role::task); }
    std::size_t size() const noexcept override { return tasks_; }

    void run(const task_body& body) { launch(body(*this), role::body); }
    void cancel_all() noexcept { cancel(role::body); }

    /// Waits for the end. A cancellation is passed on to the members and does not end the wait.
    auto ended() noexcept { return end_wait{this}; }

private:
    class member;
    struct end_of_member;

    struct cancel_members {
        void operator()(boost::asio::cancellation_type type) const noexcept {
            if (type != boost::asio::cancellation_type::none)
                group->cancel_all();
        }
        joined_tasks* group;
    };

    // The handler in the slot, in place of that of the event, goes when the event is notified or destroyed.
    struct start_waiting {
        template <class Handler>
        void operator()(Handler&& handler) const {
            auto slot = boost::asio::get_associated_cancellation_slot(handler);
            group->ended_.wait()(std::forward<Handler>(handler));
            if (slot.is_connected())
                slot.template emplace<cancel_members>(cancel_members{group});
        }
        joined_tasks* group;
    };

    struct end_wait {
        template <boost::asio::completion_token_for<void()> CompletionToken>
        auto operator()(CompletionToken&& token) const {
            return boost::asio::async_initiate<CompletionToken, void()>(start_waiting{group}, token);
        }
        joined_tasks* group;
    };

    enum class role : std::uint8_t { task, body }; // in the order in which `cancel` includes them

    // The member that failed may have ended the wait.
    void throw_failure() const {
        if (first_)
            std::rethrow_exception(first_);
    }
    void launch(boost::asio::awaitable<void> work, role as);
    void cancel(role up_to) noexcept;
    void note_failure(const member& failed, const std::exception_ptr& thrown) noexcept;
    bool leave(role as) noexcept;

    const boost::asio::any_io_executor executor_;
    const std::size_t limit_;
    result& end_;
    intrusive_list<member> members_;
    std::size_t tasks_ = 0;
    std::uint64_t finished_ = 0; // tasks
    bool body_runs_ = false;
    std::exception_ptr first_;
    event changed_; // a task has ended
    event ended_;   // so have all members
};

/// The body or a task, owned by its coroutine, which may also be destroyed without an end.
class joined_tasks::member : public list_hook<member>, public std::enable_shared_from_this<member> {
public:
    member(std::shared_ptr<joined_tasks> group, role as) noexcept : as_{as}, group_{std::move(group)} {}
    member(const member&) = delete;
    member& operator=(const member&) = delete;
    ~member() {
        if (!has_ended_)
            log_exceptions([this] { destroyed(); });
    }

    role as() const noexcept { return as_; }
    bool was_cancelled() const noexcept { return cancelled_; }

    boost::asio::cancellation_slot slot() noexcept { return signal_.slot(); }
    void cancel() {
        cancelled_ = true;
        signal_.emit(boost::asio::cancellation_type::terminal);
    }

    void end(const std::exception_ptr& thrown) {
        has_ended_ = true;
        unlink();
        if (thrown)
            group_->note_failure(*this, thrown);
        event& told = group_->leave(as_) ? group_->ended_ : group_->changed_;
        told.notify();
    }

private:
    // A shard that ends destroys those that wait for this; another one resumes them.
    void destroyed() {
        unlink();
        group_->leave(as_);
        group_->changed_.notify_later(group_->executor_);
        if (group_->end_.reached)
            group_->ended_.notify_later(group_->executor_);
    }

    const role as_;
    bool cancelled_ = false;
    bool has_ended_ = false;
    const std::shared_ptr<joined_tasks> group_;
    boost::asio::cancellation_signal signal_;
};

/// What follows the coroutine of a member. It has no executor of its own: so Asio 1.81 passes a cancellation on at once, and
/// does not post a pointer to what may be gone by then (repaired in 1.83).
struct joined_tasks::end_of_member {
    using cancellation_slot_type = boost::asio::cancellation_slot;
    cancellation_slot_type get_cancellation_slot() const noexcept { return of->slot(); }
    void operator()(const std::exception_ptr& thrown) const noexcept {
        log_exceptions([&] { of->end(thrown); });
    }
    std::shared_ptr<member> of;
};

void joined_tasks::launch(boost::asio::awaitable<void> work, role as) {
    using chosen = boost::asio::associated_executor<end_of_member, boost::asio::any_io_executor>;
    static_assert(std::is_void_v<chosen::asio_associated_executor_is_unspecialised>);

    auto made = std::make_shared<member>(shared_from_this(), as);
    members_.push_front(*made);
    if (as == role::body)
        body_runs_ = true;
    else
        ++tasks_;
    boost::asio::co_spawn(executor_, std::move(work), end_of_member{std::move(made)});
}

// A member that ends meanwhile leaves the list it is in.
void joined_tasks::cancel(role up_to) noexcept {
    intrusive_list<member> left;
    left.take(members_);
    while (member* const next = left.front()) {
        const auto alive = next->shared_from_this();
        next->unlink();
        members_.push_front(*next);
        if (next->as() <= up_to)
            log_exceptions([&] { next->cancel(); });
    }
}

void joined_tasks::note_failure(const member& failed, const std::exception_ptr& thrown) noexcept {
    const bool is_first_of_body = failed.as() == role::body && !first_;
    if (thrown == first_ || (failed.was_cancelled() && !is_first_of_body && is_abort(thrown)))
        return;
    if (!first_) {
        first_ = thrown;
        return cancel_all();
    }
    log_exceptions([&] {
        log_error(log_topic::exception, "another task of a group threw: " + escape(describe_exception(thrown)));
    });
}

// Whether it was the last one.
bool joined_tasks::leave(role as) noexcept {
    if (as == role::body) {
        body_runs_ = false;
    } else {
        --tasks_;
        ++finished_;
    }
    if (body_runs_ || tasks_ != 0)
        return false;
    end_ = {.reached = true, .thrown = first_};
    return true;
}

// Gives the group, which lives as long as the end is not reached.
joined_tasks& start_group(const boost::asio::any_io_executor& executor, std::size_t limit, const task_body& body,
                          joined_tasks::result& end) {
    const auto made = std::make_shared<joined_tasks>(executor, limit, end);
    made->run(body);
    return *made;
}

} // namespace

boost::asio::awaitable<void> with_tasks(std::size_t limit, task_body body) {
    if (limit == 0)
        throw std::invalid_argument{"with_tasks: the limit is 0, so no task could run; it must be at least 1"};
    const auto executor = co_await boost::asio::this_coro::executor;
    joined_tasks::result end;
    joined_tasks& group = start_group(executor, limit, body, end);

    const bool throwing = co_await boost::asio::this_coro::throw_if_cancelled();
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (!end.reached && is_cancelled(state)) // the body has done it
        group.cancel_all();
    while (!end.reached)
        co_await group.ended();
    co_await boost::asio::this_coro::throw_if_cancelled(throwing);
    if (end.thrown)
        std::rethrow_exception(end.thrown);
}

} // namespace fairlead
