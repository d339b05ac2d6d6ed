#include "datagram/udp_endpoint.hpp"

#include "core/next_id.hpp"
#include "core/random_seed.hpp"
#include "datagram/segments.hpp"
#include "datagram/udp_outlet.hpp"
#include "datagram/udp_socket.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "net/address_key.hpp"
#include "runtime/shard_core.hpp"

#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace fairlead {

namespace {

// Enough to keep up, and few enough to serve other sessions of the shard in between.
constexpr int max_batches_per_turn = 4;
constexpr std::chrono::milliseconds max_turn{5};

// Errors usually come one at a time, between datagrams. After this many in a row receiving pauses, so as not to spin.
constexpr unsigned max_failures_in_a_row = 8;

// Bounds a cut-off while datagrams keep arriving.
constexpr int max_batches_cut_off = 4096;

} // namespace

udp_endpoint::udp_endpoint(shard_core& shard, std::shared_ptr<receive_batch> buffers, unique_descriptor socket,
                           std::shared_ptr<udp_outlet> outlet, const udp_options& how)
    : shard_{shard}, buffers_{std::move(buffers)}, socket_{std::move(socket)}, outlet_{std::move(outlet)},
      local_{outlet_->local()}, options_{how}, output_{how.offload && supports_gso(socket_.get())},
      rates_{how.reply_rate, random_seed()}, counters_{outlet_->counters()}, id_{next_id()}, timer_{std::in_place,
                                                                                                    shard, [this] {
                                                                                                        receive_some();
                                                                                                    }} {}

udp_endpoint::~udp_endpoint() {
    close();
}

void udp_endpoint::start(datagram_sink& into) {
    sink_ = &into;
    if (const error_code failed = shard_.watch(socket_.get(), *this, interest::read))
        throw boost::system::system_error{failed, "cannot listen at " + local_.to_string()};
    watched_ = true;
    outlet_->open(*this);
}

// --- receiving

void udp_endpoint::on_readable(bool) {
    receive_some();
}

void udp_endpoint::receive_some() {
    if (on_drained_ && !watched_)
        return drained();
    source_rates::time_point began{};
    for (int i = 0; i < max_batches_per_turn && watched_; ++i) {
        const auto got = buffers_->receive(socket_.get());
        if (!got && got.error() == errc::would_block)
            return drained();
        if (!got && !goes_on_after(got.error()))
            return pause();
        if (!got)
            continue;
        const auto at = deal_with(*got);
        if (began == source_rates::time_point{})
            began = at;
        const bool more_may_wait = *got == receive_batch::max_size || on_drained_;
        if (!more_may_wait)
            return; // the poller reports later datagrams
        if (std::chrono::steady_clock::now() - began > max_turn)
            break;
    }
    if (watched_)
        continue_later();
}

source_rates::time_point udp_endpoint::deal_with(std::size_t count) {
    failures_in_a_row_ = 0;
    backoff_.reset();
    const auto now = std::chrono::steady_clock::now();
    batch_at_ = now;
    shard_.loop().session_begins(id_);
    for (std::size_t i = 0; i < count; ++i)
        log_exceptions([&] { deliver((*buffers_)[i]); });
    shard_.loop().session_leaves();
    batch_at_.reset();
    send_queued();
    return now;
}

void udp_endpoint::deliver(const receive_batch::arrival& arrived) {
    if (arrived.drops)
        note_system_drops(*arrived.drops);
    const bool cut = arrived.size > arrived.bytes.size();
    split_gso_batch(arrived.bytes, arrived.segment_size, [&](bytes_view datagram) {
        counters_.received.add();
        if (cut || datagram.size() > options_.max_message) {
            counters_.dropped_too_large.add();
            log_warning(log_topic::message_dropped,
                        "a datagram from " + arrived.path.peer().to_string() + " was dropped: it has " +
                            std::to_string(cut ? arrived.size : datagram.size()) + " bytes, and max_message is " +
                            std::to_string(options_.max_message));
            return;
        }
        sink_->on_datagram(datagram, arrived.path);
    });
}

void udp_endpoint::note_system_drops(std::uint32_t total) noexcept {
    counters_.dropped_by_system.add(total - std::exchange(system_drops_, total)); // modulo 2³²
}

bool udp_endpoint::goes_on_after(const error_code& why) {
    counters_.receive_failures.add();
    log_warning(log_topic::receive_failed,
                local_.to_string() + ": receiving failed: " + why.message() + "; continuing");
    return ++failures_in_a_row_ < max_failures_in_a_row;
}

void udp_endpoint::continue_later() {
    if (std::exchange(continuing_later_, true))
        return;
    boost::asio::post(shard_.executor(), continuing_.bind([this] {
        continuing_later_ = false;
        receive_some();
    }));
}

void udp_endpoint::pause() {
    timer_->set(backoff_.next());
}

// --- sending

result<void> udp_endpoint::try_send(const datagram_path& to, bytes_view message, amplification_budget* budget) {
    if (const error_code refused = refuses(to, message.size(), budget))
        return refused;
    if (!output_.fits(message.size()))
        send_queued();
    output_.add(to, message);
    if (!batch_at_)
        shard_.at_end_of_turn(*this);
    return {};
}

error_code udp_endpoint::refuses(const datagram_path& to, std::size_t size, amplification_budget* budget) {
    if (!socket_)
        return errc::closed;
    if (size > max_payload(to)) {
        counters_.failed_too_large.add();
        return errc::message_too_large;
    }
    const std::uint16_t port = peer_port(to);
    const bool may_answer_by_itself = budget && !options_.answer_services && is_service_port(port);
    if (port == 0 || may_answer_by_itself || is_loop(to)) {
        counters_.refused_for_target.add();
        return errc::refused_by_limit;
    }
    if (!budget)
        return {};
    if (!budget->take(size)) {
        counters_.refused_for_ratio.add();
        return errc::refused_by_limit;
    }
    if (options_.reply_rate != 0 && !rates_.take(source_key(to), now())) {
        counters_.refused_for_rate.add();
        return errc::refused_by_limit;
    }
    return {};
}

// If the socket is bound to all addresses, each address of this machine is its own: a reply to it would come back.
bool udp_endpoint::is_loop(const datagram_path& to) {
    if (to.proxied || peer_port(to) != local_.port())
        return false; // behind a proxy, a reply that comes back lacks its header and is dropped
    return comes_from_ourselves(to, local_) || (is_wildcard(local_) && own_.sent(to, now()));
}

void udp_endpoint::count_message(std::size_t size) noexcept {
    shard_.counters().messages_out.add();
    shard_.counters().bytes_out.add(size);
}

// The clock is read once for each batch.
source_rates::time_point udp_endpoint::now() const noexcept {
    return batch_at_ ? *batch_at_ : std::chrono::steady_clock::now();
}

void udp_endpoint::end_of_turn() {
    send_queued();
}

void udp_endpoint::send_queued() noexcept {
    if (output_.empty())
        return;
    const bool gso = output_.gso();
    output_.send(socket_.get(), counters_);
    if (gso && !output_.gso())
        log_exceptions([this] {
            log_info(local_.to_string() +
                     ": the system refused UDP_SEGMENT; datagrams are sent one by one from now on");
        });
}

// --- ending

void udp_endpoint::stop(remainder arrived, std::function<void()> on_drained) {
    on_drained_ = std::move(on_drained);
    if (arrived == remainder::left_to_others)
        stop_receiving();
    else
        close_to_datagrams(socket_.get());
    continue_later();
}

void udp_endpoint::drained() {
    if (!on_drained_)
        return;
    stop_receiving();
    std::exchange(on_drained_, nullptr)();
}

void udp_endpoint::stop_receiving() noexcept {
    if (!std::exchange(watched_, false))
        return;
    shard_.unwatch(socket_.get(), *this);
    if (const auto drops = count_drops(socket_.get()))
        note_system_drops(*drops);
    timer_->cancel();
}

std::size_t udp_endpoint::cut_off() noexcept {
    std::size_t dropped = 0;
    for (int i = 0; i < max_batches_cut_off && watched_; ++i) {
        const auto got = buffers_->receive(socket_.get());
        if (!got)
            break;
        for (std::size_t each = 0; each < *got; ++each) {
            const auto arrived = (*buffers_)[each];
            split_gso_batch(arrived.bytes, arrived.segment_size, [&](bytes_view) { ++dropped; });
        }
    }
    counters_.received.add(dropped);
    counters_.dropped_by_end.add(dropped);
    log_exceptions([this] { drained(); });
    return dropped;
}

void udp_endpoint::close() noexcept {
    if (!socket_)
        return;
    on_drained_ = nullptr;
    stop_receiving();
    outlet_->close();
    end_of_turn_task::unlink();
    timer_.reset();
    socket_.reset();
}

} // namespace fairlead
