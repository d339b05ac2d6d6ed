#include <fairlead/testkit/memory_stream.hpp>

#include "runtime/shard_core.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <deque>
#include <limits>
#include <numeric>

namespace fairlead::testkit {

namespace {

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

// The bytes on their way in one direction, and the events of both ends.
struct direction {
    std::deque<std::string> chunks;
    std::vector<std::string> history;
    std::size_t taken = 0; // number of its first writes that have been taken
    bool ended = false;
    error_code failure;
    std::size_t room = unlimited;
    event readable; // of the end that reads here
    event writable; // of the end that writes here
};

} // namespace

struct memory_wire {
    shard_core* shard;
    std::shared_ptr<direction> to_near = std::make_shared<direction>();
    std::shared_ptr<direction> to_far = std::make_shared<direction>();
    std::size_t operations = 0;
    std::size_t failing_operation = 0;
    error_code operation_failure;
    std::size_t acting_operation = 0;
    std::function<void()> action;
    bool closed = false;
};

namespace {

class near_end final : public stream {
public:
    explicit near_end(std::shared_ptr<memory_wire> shared) : wire_{std::move(shared)} {}
    ~near_end() override {
        if (!std::exchange(wire_->closed, true))
            shutdown();
    }

    result<std::size_t> try_fill(byte_buffer& input, std::size_t most) override {
        if (const error_code failed = count_operation())
            return failed;
        direction& in = *wire_->to_near;
        if (std::exchange(pause_, false) && !in.chunks.empty()) {
            resume_reading();
            return errc::would_block;
        }
        if (in.chunks.empty())
            return in.failure ? in.failure : in.ended ? errc::closed : errc::would_block;
        std::string& chunk = in.chunks.front();
        const std::size_t size = std::min(chunk.size(), most);
        input.append(bytes_view{chunk}.first(size));
        chunk.erase(0, size);
        if (chunk.empty()) {
            in.chunks.pop_front();
            pause_ = true;
        }
        return size;
    }

    result<std::size_t> try_write_both(bytes_view head, bytes_view body) override {
        return try_write(to_string(head) + to_string(body));
    }

    result<std::size_t> try_write(bytes_view bytes) override {
        if (const error_code failed = count_operation())
            return failed;
        direction& out = *wire_->to_far;
        if (out.room == 0)
            return errc::would_block;
        const std::size_t size = std::min(bytes.size(), out.room);
        if (out.room != unlimited)
            out.room -= size;
        out.chunks.push_back(to_string(bytes.first(size)));
        out.history.push_back(out.chunks.back());
        out.readable.notify_later(wire_->shard->executor());
        return size;
    }

    event& readable() noexcept override { return wire_->to_near->readable; }
    event& writable() noexcept override { return wire_->to_far->writable; }

    void shutdown() noexcept override {
        wire_->to_far->ended = true;
        wire_->to_far->readable.notify_later(wire_->shard->executor());
    }

    void close() noexcept override {
        if (std::exchange(wire_->closed, true))
            return;
        shutdown();
        readable().notify_later(wire_->shard->executor());
        writable().notify_later(wire_->shard->executor());
    }

    endpoint local() const override { return {}; }
    endpoint remote() const override { return {}; }

private:
    error_code count_operation() {
        if (wire_->closed)
            return errc::closed;
        const std::size_t operation = ++wire_->operations;
        if (operation == wire_->acting_operation)
            std::exchange(wire_->action, nullptr)();
        if (wire_->closed) // by the action, after which the bytes may be gone
            return errc::closed;
        return operation == wire_->failing_operation ? wire_->operation_failure : error_code{};
    }

    // A caller that gets `would_block` waits only after this, so the event is notified in a later turn.
    void resume_reading() {
        boost::asio::post(wire_->shard->executor(), [in = wire_->to_near] { in->readable.notify(); });
    }

    std::shared_ptr<memory_wire> wire_;
    bool pause_ = false; // between two chunks
};

} // namespace

void memory_peer::send(bytes_view bytes) {
    wire_->to_near->chunks.push_back(to_string(bytes));
    wire_->to_near->readable.notify_later(wire_->shard->executor());
}

void memory_peer::end() {
    wire_->to_near->ended = true;
    wire_->to_near->readable.notify_later(wire_->shard->executor());
}

void memory_peer::fail(error_code why) {
    wire_->to_near->failure = why;
    wire_->to_near->readable.notify_later(wire_->shard->executor());
}

void memory_peer::read_at_most(std::size_t size) {
    wire_->to_far->room = size;
    wire_->to_far->writable.notify_later(wire_->shard->executor());
}

void memory_peer::read_everything() {
    read_at_most(unlimited);
}

void memory_peer::fail_operation(std::size_t operation, error_code why) {
    wire_->failing_operation = operation;
    wire_->operation_failure = why;
}

void memory_peer::at_operation(std::size_t operation, std::function<void()> action) {
    wire_->acting_operation = operation;
    wire_->action = std::move(action);
}

std::size_t memory_peer::operations() const {
    return wire_->operations;
}

std::string memory_peer::received() const {
    const auto& writes = wire_->to_far->history;
    return std::accumulate(writes.begin(), writes.end(), std::string{});
}

std::string memory_peer::take() {
    direction& out = *wire_->to_far;
    std::string fresh;
    for (; out.taken < out.history.size(); ++out.taken)
        fresh += out.history[out.taken];
    return fresh;
}

std::vector<std::string> memory_peer::writes() const {
    return wire_->to_far->history;
}

bool memory_peer::ended() const {
    return wire_->to_far->ended;
}

bool memory_peer::closed() const {
    return wire_->closed;
}

memory_connection make_memory_stream(shard& shard) {
    auto shared = std::make_shared<memory_wire>();
    shared->shard = &core_of(shard);
    return {std::make_unique<near_end>(shared), memory_peer{shared}};
}

std::pair<std::unique_ptr<stream>, std::unique_ptr<stream>> make_memory_streams(shard& shard) {
    auto one = std::make_shared<memory_wire>();
    auto other = std::make_shared<memory_wire>();
    one->shard = other->shard = &core_of(shard);
    other->to_near = one->to_far;
    other->to_far = one->to_near;
    return {std::make_unique<near_end>(std::move(one)), std::make_unique<near_end>(std::move(other))};
}

} // namespace fairlead::testkit
