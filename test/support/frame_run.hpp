#pragma once

#include "support/websocket_frames.hpp"
#include "websocket/frame_reader.hpp"

#include <fairlead/byte_buffer.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::test {

/// Reads the frames of one side from bytes that arrive in pieces, and notes what comes of them.
class frame_run {
public:
    explicit frame_run(const websocket_rules& rules) : reader_{rules} {}

    /// `message x`, `ping x`, `pong x`, `close 1000`, `error 7`
    const std::vector<std::string>& events() const noexcept { return events_; }
    frame_error error() const noexcept { return error_; }
    bool ended() const noexcept { return ended_; }
    /// True while a control frame is not whole.
    bool inside_control_frame() const noexcept { return !ended_ && !input_.empty() && (input_.data()[0] & 8u) != 0; }

    /// What did not hold of what a reader promises; empty: all did.
    const std::string& violation() const noexcept { return violation_; }

    void arrive(bytes_view bytes) {
        input_.append(bytes);
        unsigned char* place = input_.writable_data().data();
        while (!ended_) {
            const auto arrived = input_.writable_data();
            const frame_step step = reader_.next(arrived, place);
            if (step.status == frame_step::outcome::starved) {
                if (step.consumed != 0 || (step.wanted != 0 && step.wanted <= arrived.size()))
                    violation_ = "it waits for bytes that have arrived";
                return;
            }
            if (step.status != frame_step::outcome::error && (step.consumed == 0 || step.consumed > arrived.size()))
                violation_ = "it consumes nothing, or more than there is";
            note(step);
            if (step.status == frame_step::outcome::message && step.in_place)
                place = check_place(step, arrived, place);
            input_.consume(step.consumed);
        }
    }

private:
    unsigned char* check_place(const frame_step& step, std::span<unsigned char> arrived, unsigned char* place) {
        const std::size_t offset = static_cast<std::size_t>(step.payload.data() - place);
        if (offset < frame_header_size(step.payload.size()) && reader_.rules().role == websocket_role::server)
            violation_ = "there is no room for the header of a reply";
        if (step.payload.end() > arrived.data() + step.consumed)
            violation_ = "the message is behind its frame";
        return place + offset + step.payload.size();
    }

    void note(const frame_step& step) {
        using enum frame_step::outcome;
        const std::string payload = to_string(step.payload);
        switch (step.status) {
        case message: events_.push_back("message " + payload); break;
        case ping: events_.push_back("ping " + payload); break;
        case pong: events_.push_back("pong " + payload); break;
        case close:
            events_.push_back(describe_frame({.kind = 8}, payload));
            ended_ = true;
            break;
        case error:
            events_.push_back("error " + std::to_string(static_cast<int>(close_code_of(step.why))));
            error_ = step.why;
            ended_ = true;
            break;
        default: break;
        }
    }

    frame_reader reader_;
    byte_buffer input_;
    std::vector<std::string> events_;
    std::string violation_;
    frame_error error_ = frame_error::none;
    bool ended_ = false;
};

} // namespace fairlead::test
