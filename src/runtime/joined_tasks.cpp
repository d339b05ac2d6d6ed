#include "runtime/joined_tasks.hpp"

#include "core/cancellation.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"

#include <fairlead/printable.hpp>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <type_traits>

namespace fairlead {

/// The body of a group or one of its tasks. Its coroutine owns it, and may be destroyed before it has ended.
class joined_tasks::member : public list_hook<member>, public std::enable_shared_from_this<member> {
public:
    member(std::shared_ptr<joined_tasks> group, role as) noexcept : as_{as}, group_{std::move(group)} {}
    member(const member&) = delete;
    member& operator=(const member&) = delete;
    ~member() {
        if (stage_ != stage::ended)
            log_exceptions([this] { destroyed(); });
    }

    role as() const noexcept { return as_; }
    bool has_begun() const noexcept { return stage_ != stage::made; }
    void begin() noexcept { stage_ = stage::running; }
    bool was_cancelled() const noexcept { return cancelled_; }

    boost::asio::cancellation_slot slot() noexcept { return signal_.slot(); }
    void cancel() {
        cancelled_ = true;
        signal_.emit(boost::asio::cancellation_type::terminal);
    }

    void end(const std::exception_ptr& thrown) {
        stage_ = stage::ended;
        unlink();
        if (thrown)
            group_->note_failure(*this, thrown);
        event& told = group_->leave(as_) ? group_->ended_ : group_->changed_;
        told.notify();
    }

private:
    // Notifies by a post: a shard that shuts down destroys the waiting coroutines; any other executor
    // resumes them.
    void destroyed() {
        unlink();
        event& told = group_->leave(as_) ? group_->ended_ : group_->changed_;
        told.notify_later(group_->executor_);
    }

    enum class stage : std::uint8_t { made, running, ended };

    const role as_;
    stage stage_ = stage::made;
    bool cancelled_ = false;
    const std::shared_ptr<joined_tasks> group_;
    boost::asio::cancellation_signal signal_;
};

/// A completion handler that does nothing but keep a member alive as long as its coroutine. It has
/// no executor, so Asio 1.81 delivers a cancellation at once. For a handler with an executor, Asio
/// would post a pointer that may dangle by then (fixed in 1.83).
struct joined_tasks::end_of_member {
    using cancellation_slot_type = boost::asio::cancellation_slot;
    cancellation_slot_type get_cancellation_slot() const noexcept { return of->slot(); }
    void operator()(const std::exception_ptr&) const noexcept {}
    std::shared_ptr<member> of;
};

// The coroutine reports its end itself, because Asio may lack the memory to call the completion
// handler. After the work, cancellation must not throw: Asio awaits more in this coroutine.
boost::asio::awaitable<void> joined_tasks::run_member(std::shared_ptr<member> one, boost::asio::awaitable<void> work) {
    one->begin();
    std::exception_ptr thrown;
    try {
        co_await std::move(work);
    } catch (...) {
        thrown = std::current_exception();
    }
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    one->end(thrown);
}

void joined_tasks::launch(boost::asio::awaitable<void> work, role as) {
    using chosen = boost::asio::associated_executor<end_of_member, boost::asio::any_io_executor>;
    static_assert(std::is_void_v<chosen::asio_associated_executor_is_unspecialised>);

    auto made = std::make_shared<member>(shared_from_this(), as);
    members_.push_front(*made);
    if (as == role::body)
        body_runs_ = true;
    else
        ++tasks_;
    try {
        auto running = run_member(made, std::move(work));
        boost::asio::co_spawn(executor_, std::move(running), end_of_member{made});
    } catch (...) {
        if (!made->has_begun())
            throw;
        log_exception(std::current_exception()); // the member reports its end, or is destroyed
    }
}

// A member that ends during the loop unlinks itself from its list.
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
    if (thrown == first_ || (failed.was_cancelled() && !is_first_of_body && is_end_of_cancelled(thrown)))
        return;
    if (!first_) {
        first_ = thrown;
        return cancel_all();
    }
    log_exceptions([&] {
        log_error(log_topic::exception, "another task of a group threw: " + escape(describe_exception(thrown)));
    });
}

// Returns true if it was the last member.
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

} // namespace fairlead
