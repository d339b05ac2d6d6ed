#include "core/machine.hpp"

#include "core/whole_number.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <sched.h>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>

namespace fairlead {

namespace {

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

std::vector<std::string> words_of(const std::string& path) {
    std::ifstream file{path};
    std::vector<std::string> words;
    for (std::string word; file >> word;)
        words.push_back(word);
    return words;
}

// Returns nullopt for other words, such as `max` and -1, which mean no limit.
std::optional<std::uint64_t> number(const std::vector<std::string>& words, std::size_t index) {
    if (index >= words.size())
        return {};
    return whole_number<std::uint64_t>(words[index]);
}

/// The folders of the control group of this process and of those above it, in one hierarchy.
std::vector<std::string> folders(const std::string& mount, std::string group) {
    std::vector<std::string> found;
    for (;;) {
        found.push_back(mount + group);
        const auto slash = group.rfind('/');
        if (slash == std::string::npos || group.size() <= 1)
            return found;
        group.resize(slash);
    }
}

bool is_among(std::string_view list, std::string_view name) {
    for (std::size_t begin = 0; begin <= list.size();) {
        const auto end = std::min(list.find(',', begin), list.size());
        if (list.substr(begin, end - begin) == name)
            return true;
        begin = end + 1;
    }
    return false;
}

/// Calls `look(folder, version)` for each folder that may limit `controller`.
template <class Look>
void look_at_groups(const std::string& root, std::string_view controller, Look look) {
    std::ifstream groups{root + "/proc/self/cgroup"};
    for (std::string line; std::getline(groups, line);) { // hierarchy-ID:controllers:path
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos)
            continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        const std::string path = line.substr(second + 1);
        const std::string top = root + "/sys/fs/cgroup";
        if (controllers.empty()) {
            for (const std::string& mount : {top, top + "/unified"}) {
                for (const std::string& each : folders(mount, path))
                    look(each, 2);
            }
        } else if (is_among(controllers, controller)) {
            for (const std::string& mount : {top + "/" + controllers, top + "/" + std::string{controller}}) {
                for (const std::string& each : folders(mount, path))
                    look(each, 1);
            }
        }
    }
}

std::size_t cores_of_affinity() noexcept {
    ::cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) == 0)
        return static_cast<std::size_t>(CPU_COUNT(&set));
    return std::thread::hardware_concurrency(); // more cores than the set has room for
}

} // namespace

std::size_t usable_cores(const std::string& root) {
    std::uint64_t most = std::max<std::size_t>(cores_of_affinity(), 1);
    look_at_groups(root, "cpu", [&](const std::string& folder, int version) {
        const auto both = words_of(folder + "/cpu.max"); // QUOTA PERIOD
        const auto quota = version == 2 ? number(both, 0) : number(words_of(folder + "/cpu.cfs_quota_us"), 0);
        const auto period = version == 2 ? number(both, 1) : number(words_of(folder + "/cpu.cfs_period_us"), 0);
        if (quota && period && *quota != 0 && *period != 0)
            most = std::min(most, (*quota + *period - 1) / *period);
    });
    return static_cast<std::size_t>(most);
}

std::uint64_t usable_memory(const std::string& root) {
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const long page = ::sysconf(_SC_PAGESIZE);
    std::uint64_t most =
        pages > 0 && page > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page) : unlimited;
    look_at_groups(root, "memory", [&](const std::string& folder, int version) {
        const auto limit = number(words_of(folder + (version == 2 ? "/memory.max" : "/memory.limit_in_bytes")), 0);
        most = std::min(most, limit.value_or(unlimited));
    });
    return most;
}

} // namespace fairlead
