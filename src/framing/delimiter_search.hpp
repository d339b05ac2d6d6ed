#pragma once

#include <fairlead/bytes.hpp>

#include "framing/require.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead {

/// Finds the end of the first delimiter in a text, for several delimiters at once; looks at every
/// byte once (Aho and Corasick's automaton).
///
/// Never changes after construction, so the sessions of all threads share one.
class delimiter_search {
public:
    using state = std::uint32_t; ///< the delimiters that the bytes so far may have begun
    static constexpr state start = 0;

    /// Errors: throws std::invalid_argument with advice about a set that is empty or contradicts itself.
    explicit delimiter_search(std::vector<std::string> delimiters) : delimiters_{std::move(delimiters)} {
        check();
        build();
    }

    const std::vector<std::string>& delimiters() const noexcept { return delimiters_; }

    std::size_t longest() const noexcept { return std::ranges::max(delimiters_, {}, &std::string::size).size(); }

    /// Returns the number of bytes up to the end of the first delimiter; nullopt if none is complete. `at` is the
    /// state after the bytes before `input`. If no delimiter is complete, it becomes the state after `input`.
    std::optional<std::size_t> find_end(bytes_view input, state& at) const noexcept {
        for (const unsigned char* byte = input.begin(); byte != input.end(); ++byte) {
            if (at == start && (byte = next_beginning(byte, input.end())) == input.end())
                break;
            at = next_[at][*byte];
            if (at == complete)
                return static_cast<std::size_t>(byte - input.begin()) + 1;
        }
        return std::nullopt;
    }

    /// Returns the size of the longest delimiter at the end of `head` and `tail` together; `tail`
    /// is empty or a delimiter.
    std::size_t longest_at_end(bytes_view head, bytes_view tail = {}) const noexcept {
        std::size_t longest = tail.size();
        for (std::string_view delimiter : delimiters_) {
            if (delimiter.size() > longest && delimiter.ends_with(tail.text()) &&
                head.text().ends_with(delimiter.substr(0, delimiter.size() - tail.size())))
                longest = delimiter.size();
        }
        return longest;
    }

private:
    static constexpr state complete = ~state{0};

    void check() const {
        require(!delimiters_.empty(), "give at least one delimiter");
        require(std::ranges::none_of(delimiters_, &std::string::empty), "a delimiter has at least one byte");
        for (const std::string& delimiter : delimiters_) {
            require(std::ranges::count(delimiters_, delimiter) == 1,
                    "the delimiter \"" + escape(delimiter) + "\" is given twice; remove one");
            for (const std::string& other : delimiters_) {
                const std::size_t found = delimiter.find(other);
                require(found == std::string::npos || found + other.size() == delimiter.size(),
                        "the delimiter \"" + escape(delimiter) + "\" is never found because \"" + escape(other) +
                            "\" ends a message inside it; remove one of them");
            }
        }
    }

    // A delimiter that ends with another one needs no search of its own: both are complete at the same byte.
    bool ends_with_another(const std::string& delimiter) const {
        return std::ranges::any_of(
            delimiters_, [&](const std::string& other) { return other != delimiter && delimiter.ends_with(other); });
    }

    void build() {
        next_.emplace_back();
        for (const std::string& delimiter : delimiters_) {
            if (!ends_with_another(delimiter))
                insert(delimiter);
        }
        link();
        const auto begins = [](state next) { return next != start; };
        if (std::ranges::count_if(next_[start], begins) == 1)
            only_beginning_ = static_cast<int>(std::ranges::find_if(next_[start], begins) - next_[start].begin());
    }

    void insert(bytes_view delimiter) {
        state at = start;
        for (const unsigned char byte : delimiter.first(delimiter.size() - 1)) {
            if (next_[at][byte] == start) {
                next_[at][byte] = static_cast<state>(next_.size());
                next_.emplace_back();
            }
            at = next_[at][byte];
        }
        next_[at][delimiter[delimiter.size() - 1]] = complete;
    }

    // If the bytes read do not continue a delimiter, the search continues with the longest suffix that begins one.
    void link() {
        std::vector<state> fallback(next_.size(), start);
        std::vector<state> by_depth{start};
        for (std::size_t i = 0; i != by_depth.size(); ++i) {
            const state at = by_depth[i];
            for (std::size_t byte = 0; byte != 256; ++byte) {
                state& next = next_[at][byte];
                const state instead = at == start ? start : next_[fallback[at]][byte];
                if (next == start) {
                    next = instead;
                } else if (next != complete) {
                    fallback[next] = instead;
                    by_depth.push_back(next);
                }
            }
        }
    }

    const unsigned char* next_beginning(const unsigned char* from, const unsigned char* end) const noexcept {
        if (only_beginning_ < 0)
            return std::find_if(from, end, [this](unsigned char byte) { return next_[start][byte] != start; });
        const void* const found = std::memchr(from, only_beginning_, static_cast<std::size_t>(end - from));
        return found ? static_cast<const unsigned char*>(found) : end;
    }

    std::vector<std::string> delimiters_;
    std::vector<std::array<state, 256>> next_; // by state and byte
    int only_beginning_ = -1;                  // the byte all delimiters begin with, if there is just one such byte
};

} // namespace fairlead
