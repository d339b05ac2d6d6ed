#pragma once

#include "audit/audit_entry.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::command {

/// Lines for one write, each with the number of entries that it stands for: 1, or the number of lost
/// entries that it reports.
class audit_batch {
public:
    void add(std::string_view line, std::uint64_t stands_for);

    /// Adds the rest of a line whose beginning is in the file already. Call it before `add`.
    void add_rest(std::string_view rest);

    const std::string& text() const noexcept { return text_; }

    struct outcome {
        std::string rest = {};  ///< of the line that is partly in the file
        std::uint64_t lost = 0; ///< entries that are not in the file
    };

    /// Returns the outcome if only the first `written` bytes were written.
    outcome after(std::size_t written) const;

private:
    struct line {
        std::size_t begin, end;
        std::uint64_t stands_for;
        bool begun; // the file has its beginning
    };

    std::string text_;
    std::vector<line> lines_;
};

/// Lines that wait for the disk, and the number of lines that were lost because there was no room or a
/// write failed. A line in the place of the lost ones reports their number.
///
///     push ──▶ a b c │ no room for 2 │ ──▶ take: a b c {"event":"lost","lines":2}
///
/// Thread safety: one thread at a time.
class audit_queue {
public:
    explicit audit_queue(std::size_t most_bytes) noexcept : most_{most_bytes} {}

    void push(std::string line, audit_time now);

    /// Takes everything. Empty if there are neither lines nor losses.
    audit_batch take(audit_time now);

    /// Reports the outcome of the batch that was taken last.
    void put_back(audit_batch::outcome left);

    /// Counts an entry that could not be pushed.
    void lose_one() noexcept { ++lost_behind_; }

    bool has_lines() const noexcept { return !lines_.empty(); }
    std::uint64_t lost() const noexcept { return lost_before_ + lost_behind_; } ///< entries that no line reports yet
    std::size_t size() const noexcept { return size_; }                         ///< bytes

private:
    struct line {
        std::string text;
        std::uint64_t stands_for;
    };

    void tell_of_lost_behind(audit_time now);

    const std::size_t most_;
    std::string rest_;
    std::uint64_t lost_before_ = 0; // before `lines_`: by failed writes
    std::vector<line> lines_;
    std::uint64_t lost_behind_ = 0; // because there was no room
    std::size_t size_ = 0;
};

} // namespace fairlead::command
