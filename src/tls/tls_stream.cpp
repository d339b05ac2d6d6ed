// Reading and writing. The beginning is in tls_handshake.cpp, the end in tls_end.cpp.

#include "tls/tls_stream.hpp"

#include "core/block_pool.hpp"
#include "runtime/shard_core.hpp"
#include "tls/record.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <new>
#include <utility>

namespace fairlead {

namespace {

// Bytes that go to the inner stream in one call: four full records. More would hold more memory for a peer that
// reads slowly.
constexpr std::size_t worth_a_write = 64 * 1024;

// The caller sees progress each time the inner stream has taken this many bytes.
constexpr std::size_t visible_progress = 4 * 1024;

// Above this, reading waits: a peer that takes no replies could request answers to key updates without end.
constexpr std::size_t max_unsent_replies = 16 * 1024;

// After this many records without data, the other sessions of the shard have their turn.
constexpr int max_silent_records = 32;

// A key update costs this side more than the peer, which can send one in 27 bytes. So a peer may send this many
// records without data at once, and one more in each pause: at the highest rate of a network, one key is good
// for hours.
constexpr int silent_burst = 100;
constexpr std::chrono::milliseconds silent_pause{100};

} // namespace

tls_stream::tls_stream(shard_core& shard, std::unique_ptr<stream> inner)
    : shard_{shard}, inner_{std::move(inner)},
      wire_{.received = byte_buffer{shard.blocks()}, .unsent = byte_buffer{shard.blocks()}}, held_{shard.blocks()} {}

tls_stream::~tls_stream() {
    flusher_.stop(inner_->writable());
    handshaker_.stop(inner_->readable());
    const empty_error_queue errors;
    // A session without close_notify may be resumed all the same (RFC 5246, section 7.2.1), which OpenSSL would forbid.
    if (phase_ == phase::open)
        SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    ssl_.reset();
}

result<std::size_t> tls_stream::try_fill(byte_buffer& input, std::size_t most) {
    const auto begun = handshake();
    if (!begun || input_end_)
        return begun ? input_end_ : begun.error();
    if (!wire_.unsent.empty() && !flush() && wire_.unsent.size() > max_unsent_replies) {
        held_back_ = true;
        return errc::would_block;
    }
    const auto got = read_records(input, most);
    wire_.received.park();
    if (!wire_.unsent.empty())
        flush();
    if (output_ == output::closed)
        return errc::closed;
    return got;
}

bool tls_stream::drained() const noexcept {
    if (phase_ != phase::open || input_end_ || output_ == output::closed || !inner_->drained() ||
        SSL_pending(ssl_.get()) != 0)
        return false;
    const auto size = tls_record::size(wire_.received.data());
    return size ? *size > wire_.received.size() : size.error() == errc::would_block;
}

// Takes the records of one read of the inner stream. Reads again only while they had no data.
result<std::size_t> tls_stream::read_records(byte_buffer& input, std::size_t most) {
    const empty_error_queue errors;
    std::size_t got = 0;
    for (int silent = 0; got < most;) {
        if (wire_.shown == 0 && SSL_pending(ssl_.get()) == 0) {
            if (const error_code missing = fetch_record(got == 0 ? most : 0))
                return got != 0 ? result<std::size_t>{got} : missing;
        }
        const std::size_t before = got, shown = wire_.shown;
        if (const error_code ended = read_record(input, most - got, got))
            return got != 0 ? result<std::size_t>{got} : ended;
        if (got != before)
            continue;
        const bool was_record = wire_.shown != shown; // else OpenSSL has answered an earlier record
        if (const error_code flood = was_record ? note_silent_record() : error_code{})
            return got != 0 ? result<std::size_t>{got} : flood;
        if (++silent < max_silent_records)
            continue;
        if (got != 0)
            break;
        pause_reading();
        return errc::would_block;
    }
    return got;
}

// Shows OpenSSL the next record once it is whole. Reads about `most` bytes for it, but the rest of the record
// in any case. Reads nothing if `most` is 0.
error_code tls_stream::fetch_record(std::size_t most) {
    for (;;) {
        const auto size = tls_record::size(wire_.received.data());
        if (!size && size.error() != errc::would_block)
            return refuse_record();
        const std::size_t needed = size ? *size : tls_record::header_size;
        if (size && wire_.received.size() >= needed) {
            wire_.shown = needed;
            return {};
        }
        if (most == 0)
            return errc::would_block;
        if (const error_code missing = fill_wire(std::max(most, needed - wire_.received.size())))
            return missing;
    }
}

error_code tls_stream::fill_wire(std::size_t most) {
    if (most < block_pool::block_size)
        wire_.received.take_small(most);
    const auto filled = inner_->try_fill(wire_.received, most);
    if (output_ == output::closed)
        return errc::closed;
    if (filled)
        return {};
    return filled.error() == errc::would_block ? filled.error() : end_input(filled.error());
}

error_code tls_stream::read_record(byte_buffer& input, std::size_t most, std::size_t& got) {
    const auto pending = static_cast<std::size_t>(SSL_pending(ssl_.get()));
    const std::size_t wanted = pending != 0 ? pending : wire_.shown;
    const auto room = input.prepare(std::min(wanted, most));
    std::size_t size = 0;
    const int outcome = SSL_read_ex(ssl_.get(), room.data(), std::min(room.size(), most), &size);
    if (outcome == 1) {
        input.commit(size);
        got += size;
        return {};
    }
    switch (SSL_get_error(ssl_.get(), outcome)) {
    case SSL_ERROR_WANT_READ: return {};
    case SSL_ERROR_ZERO_RETURN: return input_end_ = errc::closed;
    default: return fail_by_openssl();
    }
}

error_code tls_stream::note_silent_record() noexcept {
    const auto now = shard_.steady_now();
    silent_until_ = std::max(silent_until_, now) + silent_pause;
    return silent_until_ - now > silent_burst * silent_pause ? fail(tls_errc::record_flood) : error_code{};
}

// Resumes reading in a later turn: the inner stream may have more bytes, and will not announce them.
void tls_stream::pause_reading() {
    if (!paused_)
        paused_ = std::make_shared<tls_stream*>(this);
    boost::asio::post(shard_.executor(), [paused = std::weak_ptr{paused_}] {
        if (const auto alive = paused.lock())
            (*alive)->readable().notify();
    });
}

result<std::size_t> tls_stream::try_write_both(bytes_view head, bytes_view body) {
    if (output_ != output::open)
        return errc::closed;
    const auto begun = handshake();
    if (!begun) {
        if (begun.error() == errc::would_block)
            handshaker_.wait_for(readable());
        return begun.error();
    }
    const bool flushed = output_failure_ || flush();
    const std::size_t encrypted = output_failure_ ? 0 : flushed ? write_records(head, body) : not_taken_;
    if (output_ == output::closed)
        return errc::closed;
    if (output_failure_)
        return output_failure_;
    not_taken_ = std::min(encrypted, bytes_to_offer_again());
    if (encrypted == not_taken_ && (encrypted != 0 || !flushed))
        return errc::would_block;
    return encrypted - not_taken_;
}

// A return of all bytes means that the inner stream has taken all. So the caller offers at least the last byte
// again until everything has left. The other bytes show the caller the progress of a slow peer.
std::size_t tls_stream::bytes_to_offer_again() const noexcept {
    return wire_.unsent.empty() ? 0 : 1 + wire_.unsent.size() / visible_progress;
}

// Encrypts as many bytes as the inner stream takes, and a little more. Bytes cannot be encrypted again, so all
// except the last ones count as taken.
std::size_t tls_stream::write_records(bytes_view head, bytes_view body) {
    const empty_error_queue errors;
    std::array<unsigned char, tls_record::max_plain> joined;
    std::size_t taken = std::exchange(not_taken_, 0);
    while (taken < head.size() + body.size()) {
        const bytes_view of_head = head.from(taken).first(joined.size());
        const bytes_view of_body =
            body.from(taken - std::min(taken, head.size())).first(joined.size() - of_head.size());
        bytes_view plain = of_head.empty() ? of_body : of_head;
        if (!of_head.empty() && !of_body.empty()) {
            std::ranges::copy(of_body, std::ranges::copy(of_head, joined.begin()).out);
            plain = {joined.data(), of_head.size() + of_body.size()};
        }
        if (!write_record(plain))
            break;
        taken += plain.size();
        if (wire_.unsent.size() >= worth_a_write && !flush())
            break;
    }
    flush();
    return taken;
}

bool tls_stream::write_record(bytes_view plain) {
    std::size_t size = 0;
    if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &size) == 1)
        return true;
    fail_by_openssl();
    return false;
}

// If the inner stream throws, it may have taken some of the bytes: nothing can follow them.
result<std::size_t> tls_stream::hand_on() noexcept {
    try {
        return inner_->try_write(wire_.unsent.data());
    } catch (...) {
        return make_error_code(boost::system::errc::not_enough_memory);
    }
}

// Returns true if nothing is left to send.
bool tls_stream::flush() noexcept {
    if (!wire_.unsent.empty()) {
        const auto taken = hand_on();
        if (output_ == output::closed)
            return false;
        if (taken) {
            wire_.unsent.consume(*taken);
        } else if (taken.error() != errc::would_block) {
            wire_.unsent.release();
            output_failure_ = output_failure_ ? output_failure_ : taken.error();
            if (phase_ == phase::handshake)
                fail(taken.error());
            return false;
        }
        if (!wire_.unsent.empty()) {
            wire_.unsent.park();
            flusher_.wait_for(inner_->writable());
            return false;
        }
    }
    wire_.unsent.release();
    if (output_ == output::ending) {
        output_ = output::ended;
        inner_->shutdown();
    }
    return true;
}

void tls_stream::write_more() {
    flush();
    const bool reads_on = held_back_ && wire_.unsent.size() <= max_unsent_replies;
    if (reads_on || phase_ == phase::failed) {
        held_back_ = false;
        readable().notify();
    }
}

void tls_stream::waiter::wait_for(event& awaited) noexcept {
    if (!std::exchange(waiting_, true))
        awaited.add(*this);
}

void tls_stream::waiter::stop(event& awaited) noexcept {
    if (std::exchange(waiting_, false))
        awaited.remove(*this);
}

void tls_stream::waiter::leave(bool resumed) {
    waiting_ = false;
    if (resumed)
        (of_.*then_)();
}

} // namespace fairlead
