#include "server/report.hpp"

#include "log/log.hpp"

namespace fairlead {

std::string describe_keeper(const std::optional<std::string>& keeper) {
    if (keeper)
        return "the handler of " + *keeper + " runs; a handler must not block its thread";
    return "no handler is known to run; other work on the thread takes that long, or the machine has no processor for "
           "it";
}

std::string describe_library_work() {
    return "it is busy receiving or sending; large messages take long (max_message)";
}

std::string describe_blocked(std::size_t shard, std::size_t waiting, const std::string& why) {
    return "thread " + std::to_string(shard) + " has been blocked for more than 100 ms, and " +
           std::to_string(waiting) + " sessions wait: " + why;
}

std::string describe_end(const drain_result& ended) {
    return "stopped: " + std::to_string(ended.finished) + " sessions finished, " + std::to_string(ended.cut_off) +
           " cut off" +
           (ended.datagrams_dropped == 0 ? "" : ", " + std::to_string(ended.datagrams_dropped) + " datagrams dropped") +
           (ended.tasks_cut_off == 0 ? "" : ", " + std::to_string(ended.tasks_cut_off) + " background tasks cut off");
}

void log_statistics(const statistics& found, bool has_datagrams) {
    log_info("statistics " + to_string(found));
    log_datagram_statistics(found, has_datagrams);
    for (const listener_statistics& each : found.listeners)
        log_info("listener " + to_string(each));
}

void log_datagram_statistics(const statistics& found, bool has_datagrams) {
    if (has_datagrams)
        log_info("datagrams " + to_string(found.datagrams));
}

} // namespace fairlead
