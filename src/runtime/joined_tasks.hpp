#pragma once

#include "core/intrusive_list.hpp"

#include <fairlead/task_group.hpp>
#include <fairlead/transport/event.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

namespace fairlead {

/// The implementation of a task group. Only its members own it, and through it the coroutine that
/// waits for it. So the caller of `with_tasks` is destroyed after the last member, even if a shard
/// destroys them in an arbitrary order.
///
///     shard ──▶ coroutines of the members ──▶ members ──▶ group ──▶ `ended` ──▶ coroutine of with_tasks and its caller
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
        co_await wait_for_place();
        launch(std::move(task), role::task);
    }

    boost::asio::awaitable<void> wait_for_place() override {
        while (tasks_ >= limit_)
            co_await changed_.wait();
        throw_failure();
    }

    boost::asio::awaitable<void> wait_any() override {
        const std::uint64_t before = finished_;
        while (tasks_ != 0 && finished_ == before)
            co_await changed_.wait();
        throw_failure();
    }

    boost::asio::awaitable<void> wait_all() override {
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

    // Replaces the cancellation handler of the event. The event clears the slot when it is notified or destroyed.
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

    // Call it after a wait: a failed member may have ended the wait.
    void throw_failure() const {
        if (first_)
            std::rethrow_exception(first_);
    }
    void launch(boost::asio::awaitable<void> work, role as);
    static boost::asio::awaitable<void> run_member(std::shared_ptr<member> one, boost::asio::awaitable<void> work);
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

} // namespace fairlead
