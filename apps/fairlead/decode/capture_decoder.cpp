#include "decode/capture_decoder.hpp"

#include "decode/address_filter.hpp"
#include "quantity.hpp"

#include <algorithm>
#include <functional>
#include <vector>

namespace fairlead::command {

/// One direction of a conversation.
class capture_decoder::stream final : row_sink, assembled_sink {
public:
    stream(capture_decoder& owner, const network_packet& first)
        : owner_{owner}, place_{.from = address_text(first.from), .to = address_text(first.to)},
          datagrams_{std::holds_alternative<udp_datagram>(first.content)}, decoder_{make_divider(owner.rules_), *this} {
    }

    void see(std::uint64_t packet, std::chrono::nanoseconds time) {
        place_.packet = packet;
        place_.time = time;
    }

    bool ends_before(const tcp_segment& segment) const { return assembly_.is_of_another(segment); }
    void take_segment(const tcp_segment& segment) {
        assembly_.take(segment, *this);
        if (decoder_.ended())
            assembly_.finish(*this);
    }
    void take_datagram(const udp_datagram& datagram);

    std::size_t waiting() const { return assembly_.waiting(); }
    bool can_be_forgotten() const { return datagrams_ || place_.stream == 0 || assembly_.ended(); }

    void finish() {
        assembly_.finish(*this);
        decoder_.finish(stream_end::cut);
    }

private:
    void take(const row& next) override {
        number();
        owner_.rows_.show(next, &place_);
    }
    void take(bytes_view bytes) override {
        if (place_.stream == 0 && assembly_.begins_inside())
            take(row{.kind = row_kind::note,
                     .text =
                         "the capture begins inside the connection, or its beginning was forgotten; this is the first "
                         "byte that is known"});
        number();
        decoder_.take(bytes);
    }
    void lose(std::uint64_t missing) override { decoder_.lose(missing); }
    void close() override { decoder_.finish(stream_end::closed); }

    // Numbers the stream at its first bytes, so that streams without bytes have no number.
    void number() {
        if (place_.stream != 0)
            return;
        place_.stream = ++owner_.count_;
        owner_.rows_.begin(place_);
    }

    capture_decoder& owner_;
    row_place place_;
    const bool datagrams_;
    tcp_assembly assembly_;
    stream_decoder decoder_;
    std::uint64_t datagram_bytes_ = 0;
};

void capture_decoder::stream::take_datagram(const udp_datagram& datagram) {
    row next{.offset = datagram_bytes_, .content = datagram.payload};
    if (datagram.payload.size() < datagram.size) {
        next.kind = row_kind::fault;
        next.fault = "cut";
        next.text = "the capture has " + std::to_string(datagram.payload.size()) + " of " +
                    count(datagram.size, "byte", "bytes") + " of a datagram; capture with a larger snapshot length";
    }
    take(next);
    datagram_bytes_ += datagram.size;
}

capture_decoder::capture_decoder(framing rules, row_writer& rows, const decode_limits& limits)
    : rules_{std::move(rules)}, rows_{rows}, limits_{limits}, forget_at_{limits.streams} {}

capture_decoder::~capture_decoder() = default;

void capture_decoder::take(const network_packet& packet, std::uint64_t number, std::chrono::nanoseconds time) {
    if (streams_.size() >= forget_at_)
        forget();
    std::unique_ptr<stream>& known = streams_[{packet.from, packet.to}];
    const auto* const segment = std::get_if<tcp_segment>(&packet.content);
    if (known && segment && known->ends_before(*segment)) {
        finish(*known);
        known.reset();
    }
    if (!known)
        known = std::make_unique<stream>(*this, packet);
    known->see(number, time);
    if (!segment)
        return known->take_datagram(std::get<udp_datagram>(packet.content));
    waiting_ -= known->waiting();
    known->take_segment(*segment);
    waiting_ += known->waiting();
    if (waiting_ > limits_.waiting)
        end_largest();
}

// Runs again once the remaining streams have doubled, so that each packet costs little.
void capture_decoder::forget() {
    std::erase_if(streams_, [this](const auto& each) {
        const bool forgotten = each.second->can_be_forgotten();
        if (forgotten)
            finish(*each.second);
        return forgotten;
    });
    forget_at_ = std::max(limits_.streams, 2 * streams_.size());
}

// Ends streams until half of the limit is left, so that each packet costs little.
void capture_decoder::end_largest() {
    std::vector<stream*> largest;
    for (const auto& [direction, each] : streams_)
        largest.push_back(each.get());
    std::ranges::stable_sort(largest, std::greater{}, &stream::waiting);
    for (auto each = largest.begin(); waiting_ > limits_.waiting / 2; ++each)
        finish(**each);
}

void capture_decoder::finish(stream& ended) {
    waiting_ -= ended.waiting();
    ended.finish();
}

void capture_decoder::finish() {
    for (const auto& [direction, each] : streams_)
        finish(*each);
    streams_.clear();
}

} // namespace fairlead::command
