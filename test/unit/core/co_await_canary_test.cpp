// GCC 12 destroys some temporaries of a full expression with co_await twice (its bug 99576), and compiles a condition
// that awaits to a trap. The first test holds the shapes the sources use; the second shows what the compiler makes of
// those that test/lint forbids, each in a process of its own, so that the day it is repaired is seen.

#include <coroutine>
#include <cstdlib>
#include <functional>
#include <gtest/gtest.h>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace fairlead::test {

namespace {

int alive = 0;

/// Counts how many of it there are; a second destruction makes the sum wrong.
struct counted {
    counted() noexcept { ++alive; }
    counted(const counted&) noexcept { ++alive; }
    counted(counted&&) noexcept { ++alive; }
    counted& operator=(const counted&) = default;
    ~counted() { --alive; }
};

struct task {
    struct promise_type {
        task get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::abort(); }
    };
};

/// Something to await that takes an argument, suspends, and is resumed by `resume_all`.
std::coroutine_handle<> suspended;

template <class Value>
struct operation {
    Value argument;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> who) noexcept { suspended = who; }
    bool await_resume() const noexcept { return true; }
};

template <class Value>
operation<Value> await_with(Value argument) {
    return {std::move(argument)};
}

struct aggregate {
    counted member;
    std::string text;
};

template <class Coroutine>
bool is_right(Coroutine coroutine) {
    alive = 0;
    coroutine();
    while (suspended)
        std::exchange(suspended, nullptr).resume();
    return alive == 0;
}

// --- shapes the sources use

task named_lambda() {
    const counted value;
    auto lambda = [value] { return value; };
    co_await await_with(std::move(lambda));
}
task named_aggregate() {
    aggregate value{counted{}, "a text that does not fit into the string itself"};
    co_await await_with(std::move(value));
}
task class_temporary() {
    co_await await_with(counted{});
}
task shared_temporary() {
    co_await await_with(std::make_shared<counted>());
}
task result_named_first() {
    const bool ready = co_await await_with(counted{});
    if (!ready)
        std::abort();
}
task result_named_in_the_condition() {
    if (const auto ready = co_await await_with(counted{}); !ready)
        std::abort();
    int rounds = 0;
    while (const auto ready = co_await await_with(std::string(100, 'x'))) {
        if (ready && ++rounds == 3)
            break;
    }
}

// --- shapes that test/lint forbids

task captured_by_value() {
    const counted value;
    co_await await_with([value] { return value; });
}
task captured_by_reference() {
    const counted value;
    co_await await_with([&value] { return value; });
}
task captured_by_move() {
    counted value;
    co_await await_with([moved = std::move(value)] { return moved; });
}
task braced_aggregate() {
    co_await await_with(aggregate{counted{}, "a text that does not fit into the string itself"});
}
task condition_that_awaits() {
    if (co_await await_with(counted{}))
        co_return;
}

bool is_right_in_a_process_of_its_own(task (*shape)()) {
    const ::pid_t child = ::fork();
    if (child == 0) {
        ::close(STDERR_FILENO);
        ::_exit(is_right(shape) ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

TEST(co_await_canary, the_shapes_in_use_destroy_everything_once) {
    EXPECT_TRUE(is_right(named_lambda));
    EXPECT_TRUE(is_right(named_aggregate));
    EXPECT_TRUE(is_right(class_temporary));
    EXPECT_TRUE(is_right(shared_temporary));
    EXPECT_TRUE(is_right(result_named_first));
    EXPECT_TRUE(is_right(result_named_in_the_condition));
}

TEST(co_await_canary, tells_what_this_compiler_makes_of_the_forbidden_shapes) {
    const struct {
        const char* name;
        task (*shape)();
        bool right_by_gcc_12;
    } shapes[] = {
        {"lambda_by_value", captured_by_value, false},
        {"lambda_by_reference", captured_by_reference, true},
        {"lambda_by_move", captured_by_move, false},
        {"braced_aggregate", braced_aggregate, false},
        {"condition_that_awaits", condition_that_awaits, false},
    };
    for (const auto& [name, shape, right_by_gcc_12] : shapes) {
        const bool right = is_right_in_a_process_of_its_own(shape);
        std::cout << name << ": " << (right ? "right" : "wrong") << '\n';
#if defined __clang__
        EXPECT_TRUE(right) << name << ": the rules of test/lint are not about Clang";
#elif __GNUC__ == 12
        EXPECT_EQ(right, right_by_gcc_12) << name << ": see whether test/lint must still forbid it";
#endif
    }
}

} // namespace

} // namespace fairlead::test
