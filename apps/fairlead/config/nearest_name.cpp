#include "config/nearest_name.hpp"

#include <algorithm>
#include <utility>

namespace fairlead::command {

namespace {

constexpr std::size_t longest = 100; // of a written name; longer ones are like none

// How many letters must be inserted, removed or replaced to get from one word to the other.
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    for (std::size_t i = 0; i < row.size(); ++i)
        row[i] = i;
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

} // namespace

std::string did_you_mean(std::string_view written, const std::vector<std::string>& known) {
    if (written.size() > longest)
        return "";
    const std::string* best = nullptr;
    std::size_t least = 0;
    for (const std::string& each : known) {
        const std::size_t apart = distance(written, each);
        if (apart <= std::max<std::size_t>(each.size() / 3, 1) && (!best || apart < least)) {
            best = &each;
            least = apart;
        }
    }
    return best ? "; did you mean " + *best + "?" : "";
}

} // namespace fairlead::command
