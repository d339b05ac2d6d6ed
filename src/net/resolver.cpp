#include "net/resolver.hpp"

#include "core/start_thread.hpp"
#include "core/system_error.hpp"
#include "log/log_exceptions.hpp"
#include "net/resolve.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <new>
#include <utility>

namespace fairlead {

namespace {

constexpr std::size_t most_threads = 8;
constexpr std::size_t most_questions = 4096;

} // namespace

/// The queue of look-ups, and the threads that make them.
class resolver::desk : public std::enable_shared_from_this<desk> {
public:
    explicit desk(look_up how) : look_up_{std::move(how)} {}

    result<void> put(const url& url, std::weak_ptr<const void> asker, answer tell) {
        const std::lock_guard lock{mutex_};
        if (questions_.size() == most_questions)
            return errc::refused_by_limit;
        questions_.push_back({url, std::move(asker), std::move(tell)});
        if (const error_code none = want_thread()) {
            questions_.pop_back();
            return none;
        }
        changed_.notify_one();
        return {};
    }

    void close() noexcept {
        std::deque<question> dropped;
        const std::lock_guard lock{mutex_};
        closed_ = true;
        dropped.swap(questions_);
        changed_.notify_all();
    }

private:
    struct question {
        fairlead::url url;
        std::weak_ptr<const void> asker;
        answer tell;
    };

    error_code want_thread() {
        if (questions_.size() <= idle_ || threads_ == most_threads)
            return {};
        try {
            start_thread("that looks up names", [self = shared_from_this()] { self->work(); }).detach();
            ++threads_;
        } catch (const std::system_error& failed) {
            if (threads_ == 0)
                return system_code(failed.code().value());
        }
        return {};
    }

    void work() {
        std::unique_lock lock{mutex_};
        while (!closed_) {
            if (questions_.empty()) {
                ++idle_;
                changed_.wait(lock);
                --idle_;
                continue;
            }
            {
                question next = std::move(questions_.front());
                questions_.pop_front();
                lock.unlock();
                if (!next.asker.expired())
                    log_exceptions([&] { next.tell(find(next.url)); });
            }
            lock.lock();
        }
    }

    addresses find(const url& url) noexcept {
        try {
            return look_up_(url);
        } catch (...) {
            log_exception(std::current_exception());
            return system_code(ENOMEM);
        }
    }

    const look_up look_up_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<question> questions_;
    std::size_t threads_ = 0;
    std::size_t idle_ = 0;
    bool closed_ = false;
};

// Never destroyed, because its threads may outlive all objects that are destroyed at the end of the process.
resolver& resolver::of_process() {
    static resolver* const shared = new resolver{[](const url& url) { return resolve(url, resolve_for::connecting); }};
    return *shared;
}

resolver::resolver(look_up how) : desk_{std::make_shared<desk>(std::move(how))} {}

resolver::~resolver() {
    desk_->close();
}

result<void> resolver::ask(const url& url, std::weak_ptr<const void> asker, answer tell) {
    return desk_->put(url, std::move(asker), std::move(tell));
}

} // namespace fairlead
