#include "silence.hpp"

#include <utility>

namespace fairlead::command {

void silence::watch(std::function<void()> then) {
    then_ = std::move(then);
    end();
    look();
}

void silence::again() {
    end();
    look();
}

void silence::look() {
    const auto deadline = last_sign_ + limit_;
    if (clock::now() >= deadline)
        return then_();
    timer_.expires_at(deadline);
    timer_.async_wait([this](const error_code& cancelled) {
        if (!cancelled)
            look();
    });
}

} // namespace fairlead::command
