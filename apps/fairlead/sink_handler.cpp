#include "sink_handler.hpp"

#include "chat/chat_rate.hpp"
#include "sink_tally.hpp"

#include <fairlead/logging.hpp>
#include <fairlead/session.hpp>

#include <spdlog/logger.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace fairlead::command {

namespace {

using sink_clock = std::chrono::steady_clock;

/// The lines of all sessions. Clients that connect and leave in a loop do not fill the log.
class sink_log {
public:
    void write(const session& from, const sink_tally& tally) {
        std::uint64_t left_out = 0;
        {
            const std::lock_guard lock{mutex_};
            if (!rate_.allow(sink_clock::now())) {
                ++left_out_;
                return;
            }
            left_out = std::exchange(left_out_, 0);
        }
        if (left_out != 0)
            logger()->info("sink: {} more sessions have ended", left_out);
        logger()->info("sink: session {} from {}: {}", from.id(), from.remote().to_string(), tally.text());
    }

private:
    std::mutex mutex_;
    chat_rate rate_{10};
    std::uint64_t left_out_ = 0;
};

boost::asio::awaitable<void> drop_messages(session& from, std::shared_ptr<sink_log> log) {
    sink_tally tally{sink_clock::now()};
    while (const auto part = co_await from.receive_part())
        tally.add(*part, sink_clock::now());
    log->write(from, tally);
}

} // namespace

handler sink() {
    return [log = std::make_shared<sink_log>()](session& from) { return drop_messages(from, log); };
}

} // namespace fairlead::command
