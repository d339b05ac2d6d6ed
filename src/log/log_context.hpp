#pragma once

#include <cstdint>
#include <string_view>

namespace fairlead {

/// The fields of the line that a thread logs, beside its text.
struct log_context {
    std::string_view subject = {};
    std::uint64_t session = 0;
    std::string_view peer = {};
};

/// Sets the context of all lines that this thread logs until the end of the block.
class log_context_scope {
public:
    explicit log_context_scope(const log_context& known) noexcept { present = &known; }
    log_context_scope(const log_context_scope&) = delete;
    log_context_scope& operator=(const log_context_scope&) = delete;
    ~log_context_scope() { present = nullptr; }

    static log_context current() noexcept { return present ? *present : log_context{}; }

private:
    static inline thread_local const log_context* present = nullptr;
};

} // namespace fairlead
