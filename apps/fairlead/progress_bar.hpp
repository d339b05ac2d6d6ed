#pragma once

#include "progress_line.hpp"

#include <chrono>
#include <string>

namespace fairlead::command {

/// One line at the bottom of a terminal at stderr, drawn again ten times a second at most; nothing where there is none.
class progress_bar {
public:
    progress_bar();
    ~progress_bar() { erase(); }
    progress_bar(const progress_bar&) = delete;
    progress_bar& operator=(const progress_bar&) = delete;

    bool visible() const noexcept { return terminal_; }
    void show(const send_progress& progress);
    void show(const std::string& notice); ///< in its place, until there is progress
    void erase();                         ///< called before anything else is written

private:
    using clock = std::chrono::steady_clock;

    void draw(std::string line);

    bool terminal_;
    bool shown_ = false;
    clock::time_point drawn_;
    rate_meter rate_;
};

} // namespace fairlead::command
