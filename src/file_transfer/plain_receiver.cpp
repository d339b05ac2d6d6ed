#include "file_transfer/plain_receiver.hpp"

#include "log/log.hpp"

#include <fairlead/file_transfer/file_name.hpp>

#include <variant>

namespace fairlead::file_transfer {

namespace {

constexpr file_id the_file = 1; // there is one

}

void plain_receiver::take(bytes_view received, time_point now) {
    if (over_)
        return;
    bytes_view rest = received;
    if (header_.now() == plain_header::state::incomplete)
        rest = rest.from(header_.feed(rest));
    if (header_.now() == plain_header::state::wrong)
        return give_up(std::string{header_.fault()});
    if (header_.now() == plain_header::state::incomplete)
        return;
    if (!begun_)
        begin(now);
    add(rest, now);
}

void plain_receiver::begin(time_point now) {
    begun_ = true;
    files_.take(offer{.id = the_file, .name = std::string{last_component(header_.name())}}, now);
    look_at_replies();
}

void plain_receiver::add(bytes_view bytes, time_point now) {
    following_ += bytes.size();
    if (!over_ && !header_.possible(following_, most_)) {
        files_.end("more came than it told, or than files may have");
        over_ = true;
    }
    while (!over_ && !bytes.empty()) {
        const bytes_view next = bytes.first(max_piece_);
        files_.take(piece{.id = the_file, .offset = following_ - bytes.size(), .check = check_of(next), .bytes = next},
                    now);
        bytes = bytes.from(next.size());
        look_at_replies();
    }
}

void plain_receiver::look_at_time(time_point now) {
    files_.look_at_time(now);
    look_at_replies();
}

void plain_receiver::finish(time_point now) {
    if (over_)
        return;
    header_.end();
    if (header_.now() != plain_header::state::complete)
        return give_up(header_.fault().empty() ? "it ended inside the header" : std::string{header_.fault()});
    if (!begun_)
        begin(now);
    if (over_)
        return;
    const auto split = header_.split(following_);
    over_ = true;
    if (!split)
        return files_.end(std::to_string(following_) + " bytes came behind " + std::string{header_.digits()} +
                          ", which is not the whole file");

    if (const std::string_view beginning = header_.digits().substr(*split); !beginning.empty())
        files_.prepend(the_file, beginning, now);
    files_.finish_as_it_is(the_file, now);
    files_.settle(now);
}

void plain_receiver::give_up(const std::string& why) {
    over_ = true;
    log_warning(log_topic::file_not_stored, "did not store anything from " + from_.to_string() + ": " + why,
                {.peer = from_.to_string()});
}

void plain_receiver::look_at_replies() {
    for (const message& each : files_.replies())
        over_ = over_ || !std::holds_alternative<accept>(each);
}

} // namespace fairlead::file_transfer
