#include <fairlead/layers/zstd_compressed.hpp>

#include "layers/layer_counter.hpp"
#include "layers/layered_handler.hpp"
#include "layers/zstd_frame.hpp"
#include "runtime/shard_core.hpp"
#include "session/message_parts.hpp"

#include <fairlead/malformed_message.hpp>

#include <stdexcept>
#include <utility>

namespace fairlead {

namespace {

constexpr const char* zstd_layer = "zstd_compressed";

[[noreturn]] void throw_refusal(const zstd_refusal& why) {
    if (why.code == errc::message_too_large)
        throw oversized_message{why.words};
    throw malformed_message{why.words};
}

} // namespace

/// The options and counters that all sessions of one layer share.
class zstd_rules {
public:
    zstd_rules(const zstd_options& options, const layer_metrics& in) : options_{options} {
        validate_zstd_level(options.level);
        if (options.max_message == 0)
            throw std::invalid_argument{
                "zstd_compressed: `max_message` is 0, so only empty messages would pass; it must be at least 1"};
        passed_ = count_messages(in, zstd_layer, "passed");
        dropped_ = count_messages(in, zstd_layer, "dropped");
        sent_ = count_messages(in, zstd_layer, "sent");
        received_compressed_ = count_bytes(in, zstd_layer, "received", "compressed");
        received_plain_ = count_bytes(in, zstd_layer, "received", "plain");
        sent_plain_ = count_bytes(in, zstd_layer, "sent", "plain");
        sent_compressed_ = count_bytes(in, zstd_layer, "sent", "compressed");
    }

    bool may_send(std::uint64_t size) const noexcept { return size <= options_.max_message; }

    result<void> send(peer& to, bytes_view message) const {
        if (!may_send(message.size()))
            return errc::message_too_large;
        const zstd_frame frame{message, options_.level};
        const auto sent = to.send(frame.bytes());
        if (sent) {
            sent_.add();
            sent_plain_.add(message.size());
            sent_compressed_.add(frame.bytes().size());
        }
        return sent;
    }

    std::optional<zstd_refusal> inflate(bytes_view frame, byte_buffer& message) const {
        auto refused = inflate_zstd_frame(frame, options_.max_message, message);
        if (refused) {
            dropped_.add();
        } else {
            passed_.add();
            received_compressed_.add(frame.size());
            received_plain_.add(message.size());
        }
        return refused;
    }

private:
    zstd_options options_;
    layer_counter passed_, dropped_, sent_;
    layer_counter received_compressed_, received_plain_, sent_plain_, sent_compressed_;
};

zstd_session::zstd_session(session& adapted, const zstd_options& options, const layer_metrics& counted)
    : zstd_session{adapted, std::make_shared<const zstd_rules>(options, counted)} {}

zstd_session::zstd_session(session& adapted, std::shared_ptr<const zstd_rules> rules)
    : session_adapter{adapted}, rules_{std::move(rules)}, inflated_{core_of(adapted.shard()).blocks()} {}

zstd_session::~zstd_session() = default;

result<void> zstd_session::send(bytes_view message) {
    return rules_->send(adapted(), message);
}

boost::asio::awaitable<result<bytes_view>> zstd_session::receive() {
    return inflate(adapted().receive());
}

boost::asio::awaitable<result<bytes_view>> zstd_session::receive(std::chrono::milliseconds limit) {
    return inflate(adapted().receive(limit));
}

boost::asio::awaitable<result<bytes_view>> zstd_session::inflate(boost::asio::awaitable<result<bytes_view>> frame) {
    inflated_.release();
    if (refused_)
        co_return refused_->code;
    const auto received = co_await std::move(frame);
    if (!received)
        co_return received.error();
    co_return take(*received);
}

std::optional<bytes_view> zstd_session::try_receive() {
    inflated_.release();
    if (refused_)
        return {};
    const auto frame = adapted().try_receive();
    if (!frame)
        return {};
    const auto message = take(*frame);
    return message ? std::optional{*message} : std::nullopt;
}

boost::asio::awaitable<error_code> zstd_session::ended() {
    inflated_.release();
    if (refused_)
        co_return refused_->code;
    co_return co_await adapted().ended();
}

boost::asio::awaitable<result<void>> zstd_session::begin_message(std::optional<std::uint64_t> size) {
    if (gathered_)
        throw std::logic_error{"begin_message inside of a message: call end_message first"};
    if (!rules_->may_send(size.value_or(0)))
        co_return errc::message_too_large;
    gathered_ = std::make_unique<outgoing_message>(outgoing_message{
        .now = outgoing_message::state::gathering, .left = size, .bytes = byte_buffer{core_of(shard()).blocks()}});
    co_return result<void>{};
}

boost::asio::awaitable<result<void>> zstd_session::send_part(bytes_view part) {
    outgoing_message& message = open_message(gathered_.get(), "send_part");
    if (const auto expected = message.expects(part); !expected)
        co_return expected;
    if (!rules_->may_send(message.bytes.size() + part.size())) {
        gathered_.reset();
        co_return errc::message_too_large;
    }
    message.bytes.append(part);
    message.note(part);
    co_return result<void>{};
}

result<void> zstd_session::end_message() {
    if (!open_message(gathered_.get(), "end_message").is_complete())
        return errc::truncated;
    const auto message = std::exchange(gathered_, nullptr);
    return send(message->bytes.data());
}

close_reason zstd_session::close_reason() const {
    if (refused_)
        return {.code = refused_->code, .by = closed_by::peer, .detail = refused_->words};
    return adapted().close_reason();
}

bool zstd_session::is_reusable() {
    return !refused_ && adapted().is_reusable();
}

result<bytes_view> zstd_session::take(bytes_view frame) {
    if (auto refused = rules_->inflate(frame, inflated_)) {
        refused_ = std::make_unique<const zstd_refusal>(*std::move(refused));
        return refused_->code;
    }
    return inflated_.data();
}

namespace {

/// The session of the handler inside of the layer.
class zstd_compressed_session final : public zstd_session {
public:
    zstd_compressed_session(session& peer, std::shared_ptr<const zstd_rules> rules)
        : zstd_session{peer, std::move(rules)} {}

    void throw_if_refused() const {
        if (const zstd_refusal* const why = refused())
            throw_refusal(*why);
    }
};

boost::asio::awaitable<void> serve_compressed(handler& inner, session& peer, std::shared_ptr<const zstd_rules> rules) {
    zstd_compressed_session compressed{peer, std::move(rules)};
    co_await inner.serve(compressed);
    compressed.throw_if_refused();
}

/// The sender of a datagram.
class zstd_peer final : public peer {
public:
    zstd_peer(peer& from, const zstd_rules& rules) noexcept : from_{from}, rules_{rules} {}

    result<void> send(bytes_view message) override { return rules_.send(from_, message); }
    void close() override { from_.close(); }
    endpoint remote() const override { return from_.remote(); }
    peer_handle handle() override { return from_.handle(); }
    fairlead::shard& shard() override { return from_.shard(); }

private:
    peer& from_;
    const zstd_rules& rules_;
};

} // namespace

handler zstd_compressed(handler inner, const zstd_options& options, const layer_metrics& counted) {
    const auto rules = std::make_shared<const zstd_rules>(options, counted);
    const auto of_datagrams = [&](message_handler each) -> message_handler {
        return [rules, each = std::move(each)](bytes_view frame, peer& from) mutable {
            byte_buffer message;
            if (const auto refused = rules->inflate(frame, message))
                throw_refusal(*refused);
            zstd_peer compressed{from, *rules};
            each(message.data(), compressed);
        };
    };
    const auto of_sessions = [&](handler own) -> session_handler {
        return [rules, own = std::move(own)](session& peer) mutable { return serve_compressed(own, peer, rules); };
    };
    return layered_with_waits(std::move(inner), of_datagrams, of_sessions);
}

} // namespace fairlead
