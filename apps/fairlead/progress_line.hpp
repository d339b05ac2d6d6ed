#pragma once

#include <fairlead/file_transfer/send_files.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

namespace fairlead::command {

/// The rate of growth of a total over the last seconds. The time is an argument.
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

/// Returns a size with one decimal: `512.0 MiB`. Below 1 KiB, returns whole bytes: `512 B`.
std::string rounded_size(double bytes);

/// Returns the progress of a file, in at most `width` columns of a terminal:
///
///     a.bin   43 %  512.0 MiB of 1.2 GiB  312.0 MiB/s  0:02 left  [3/10 files]
///
/// If the line does not fit, the name is cut; then parts at the end are left out.
std::string progress_line(const send_progress& progress, double bytes_per_second, std::size_t width);

} // namespace fairlead::command
