#pragma once

#include <fairlead/file_transfer/send_files.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

namespace fairlead::command {

/// How fast something grows, over the last seconds. The time is an argument.
class rate_meter {
public:
    using time_point = std::chrono::steady_clock::time_point;

    void note(time_point now, std::uint64_t total);
    double per_second() const noexcept; ///< 0 while that is not known

private:
    struct sample {
        time_point when;
        std::uint64_t total = 0;
    };
    std::deque<sample> samples_;
};

/// `512.0 MiB`: three digits or more, whatever the size.
std::string rounded_size(double bytes);

/// How far a file is, on at most `width` columns of a terminal:
///
///     a.bin   43 %  512.0 MiB of 1.2 GiB  312.0 MiB/s  0:02 left  [3/10 files]
///
/// Where that does not fit, the name is cut, and then what stands at the end is left out.
std::string progress_line(const send_progress& progress, double bytes_per_second, std::size_t width);

} // namespace fairlead::command
