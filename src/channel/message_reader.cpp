#include "channel/message_reader.hpp"

namespace fairlead {

result<receive_outcome> message_reader::read(message_sink& to, in_place_replies& replies) {
    if (to.wants_parts() && framing_.divides_messages())
        return read_part(to, replies);
    const message_source from{input_, replies, keeps_headers_};
    while (!input_.empty() || input_ended()) {
        found_message found[message_sink::most_at_once];
        std::size_t count = find({found, to.wanted_at_once()});
        if (count == 0) {
            auto step = framing_.decode(input_.data());
            if (!step)
                return step.error();
            if (step->message && step->consumed == 0)
                return refuse_framing();
            if (step->consumed == 0 && input_ended()) {
                step = framing_.finish(input_.data());
                if (!step)
                    return step.error();
                if (step->consumed == 0 && !step->message)
                    return receive_outcome::ended;
            }
            if (step->consumed > input_.size())
                return refuse_framing();
            if (!step->message && step->consumed == 0) {
                announce(step->wanted);
                return receive_outcome::starved;
            }
            if (!step->message) {
                input_.consume(step->consumed);
                if (!input_ended())
                    state_ = state::skipping;
                continue;
            }
            found[count++] = {step->message->data(), step->message->size(), step->consumed};
        }
        if (!to.take({found, count}, from)) {
            if (!input_.empty() || input_ended())
                return receive_outcome::stopped;
            announced_ = 0;
            return receive_outcome::exhausted;
        }
    }
    announced_ = 0;
    return receive_outcome::starved;
}

result<receive_outcome> message_reader::read_part(message_sink& to, in_place_replies& replies) {
    replies.put_nothing_in_hand();
    announced_ = 0; // a part is as large as the bytes of one read
    for (;;) {
        if (input_.empty() && !input_ended())
            return receive_outcome::starved;
        const auto step = framing_.decode_part(input_.data());
        if (!step)
            return step.error();
        if (step->consumed > input_.size() || (step->part && step->consumed == 0))
            return refuse_framing();
        if (step->consumed == 0) {
            if (!input_ended())
                return receive_outcome::starved;
            const auto rest = framing_.finish(input_.data());
            if (!rest)
                return rest.error();
            if (rest->message)
                return refuse_framing();
            return receive_outcome::ended;
        }
        input_.consume(step->consumed);
        if (!input_ended())
            state_ = step->left == 0 ? state::whole : state::skipping;
        if (step->part) {
            to.take_part(*step->part, step->left);
            return receive_outcome::stopped;
        }
    }
}

error_code message_reader::refuse_framing() noexcept {
    state_ = state::broken;
    return errc::malformed;
}

std::string message_reader::explain(error_code why) const {
    if (state_ == state::broken)
        return "the framing '" + framing_.to_string() +
               "' broke its contract: a step consumed nothing, or more bytes than there were; test it with "
               "verify_framing";
    return framing_.explain(why, input_.data());
}

// `begin_message` may change the framing, so this calls it on a copy.
bool message_reader::needs_size() const {
    framing probe{framing_};
    byte_buffer output;
    return !probe.begin_message(std::nullopt, output);
}

// Returns true if the framing refuses an end here. `finish` may change the framing, so this calls it on a copy.
bool message_reader::skips_still() {
    framing probe{framing_};
    if (probe.finish({}))
        state_ = state::whole;
    return state_ == state::skipping;
}

} // namespace fairlead
