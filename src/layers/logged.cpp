#include <fairlead/layers/logged.hpp>

#include "layers/layer_counter.hpp"
#include "layers/measured.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "session/describe.hpp"

#include <cstdio>
#include <string>
#include <utility>

namespace fairlead {

namespace {

std::string in_milliseconds(std::chrono::nanoseconds time) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f ms", std::chrono::duration<double, std::milli>{time}.count());
    return text;
}

class log_observer final : public message_observer {
public:
    explicit log_observer(layer_counter passed) noexcept : passed_{std::move(passed)} {}

    void handled(const peer& from, std::size_t size, std::chrono::nanoseconds taken) const noexcept override {
        passed_.add();
        log_exceptions([&] {
            if (is_debug_logged())
                log(from, "a message of " + std::to_string(size) + (size == 1 ? " byte" : " bytes"),
                    " took " + in_milliseconds(taken));
        });
    }

private:
    static void log(const peer& from, const std::string& message, const std::string& took) {
        if (const auto* const session = dynamic_cast<const fairlead::session*>(&from))
            return log_debug(log_topic::message_handled, describe(*session) + ": " + message + took,
                             origin_of(*session));
        const std::string sender = from.remote().to_string();
        log_debug(log_topic::message_handled, message + " from " + sender + took, {.peer = sender});
    }

    const layer_counter passed_;
};

} // namespace

handler logged(handler inner, layer_metrics counted) {
    return measured(std::make_shared<const log_observer>(count_messages(counted, "logged", "passed")),
                    std::move(inner));
}

} // namespace fairlead
