#include "file_transfer/delivery.hpp"

#include "core/system_error.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/alarm.hpp"
#include "runtime/shard_core.hpp"
#include "session/session_impl.hpp"

#include <fairlead/printable.hpp>

#include <boost/asio/co_spawn.hpp>

#include <cerrno>
#include <utility>
#include <variant>

namespace fairlead::file_transfer {

namespace {

constexpr std::size_t most_opened = 64;           // in one call
constexpr std::size_t flushed_above = 256 * 1024; // bytes that wait to be sent

result<void> open_file(outgoing_file& file) {
    try {
        return file.open();
    } catch (const std::bad_alloc&) {
        return system_code(ENOMEM);
    }
}

} // namespace

// Closes the connection, and so ends the reader, when the coroutine is destroyed.
class delivery::closing {
public:
    explicit closing(std::shared_ptr<session> connection) noexcept : connection_{std::move(connection)} {}
    closing(const closing&) = delete;
    closing& operator=(const closing&) = delete;
    ~closing() {
        if (!connection_->close_reason())
            connection_->abort(errc::closed);
    }

private:
    std::shared_ptr<session> connection_;
};

delivery::delivery(std::shared_ptr<session> connection, std::shared_ptr<interruptible_event> changed,
                   std::vector<outgoing_file*> files, delivery_report& report, std::chrono::milliseconds reply_timeout)
    : session_{std::move(connection)}, changed_{std::move(changed)}, files_{std::move(files)},
      opened_(files_.size()), report_{report}, next_{files_.size()}, reply_timeout_{reply_timeout} {}

boost::asio::awaitable<delivery_end> delivery::run(std::shared_ptr<delivery> self) {
    const auto here = std::move(self);
    const closing whatever_happens{here->session_};
    here->changed_->watch(here->session_);
    boost::asio::co_spawn(here->session_->shard().get_executor(), read_replies(here), log_if_thrown);
    co_await here->write();
    const delivery_end end = here->end();
    co_await here->end_connection();
    for (outgoing_file* const each : here->files_)
        each->close();
    co_return end;
}

// --- the reader -----------------------------------------------------------------------------------------------------

boost::asio::awaitable<void> delivery::read_replies(std::shared_ptr<delivery> self) {
    const auto here = std::move(self);
    try {
        while (const auto reply = co_await here->session_->receive()) {
            here->take_reply(*reply);
            while (const auto next = here->session_->try_receive())
                here->take_reply(*next);
            here->changed_->notify();
        }
    } catch (...) {
        log_exception(std::current_exception());
        here->session_->abort(system_code(ENOMEM));
    }
    here->reader_done_ = true;
    here->changed_->notify();
}

void delivery::take_reply(bytes_view bytes) {
    ++replies_;
    if (fault_)
        return;
    auto read = read_message(bytes);
    if (const auto* const wrong = std::get_if<unreadable>(&read)) {
        fault_ = sender_protocol::nonsense{.why = "it is no file receiver, or does not keep to the protocol: " +
                                                  wrong->reason};
        return;
    }
    auto verdict = next_.take(std::get<message>(read));
    if (auto* const ended = std::get_if<sender_protocol::ending>(&verdict))
        endings_.push_back(std::move(*ended));
    else if (auto* const wrong = std::get_if<sender_protocol::nonsense>(&verdict))
        fault_ = std::move(*wrong);
}

// --- the writer -----------------------------------------------------------------------------------------------------

boost::asio::awaitable<void> delivery::write() {
    for (;;) {
        settle();
        if (over())
            co_return;
        const sender_protocol::task task = next_.next();
        switch (task.action) {
        case sender_protocol::step::offer: co_await offer_file(task.file); break;
        case sender_protocol::step::compare: co_await compare(task); break;
        case sender_protocol::step::send: co_await send_pieces(task); break;
        case sender_protocol::step::finish: co_await finish_file(task); break;
        case sender_protocol::step::wait: co_await wait_for_reply(); break;
        case sender_protocol::step::end: co_return;
        }
    }
}

bool delivery::over() const noexcept {
    return fault_ || silent_ || reader_done_ || session_->close_reason() || changed_->interrupted();
}

// The time limit starts again if the connection has sent queued bytes meanwhile.
boost::asio::awaitable<void> delivery::wait_for_reply() {
    const std::uint64_t replies = replies_;
    const std::size_t queued = impl_of(*session_).queued();
    const auto limit = reply_timeout_.count() == 0 ? no_limit : reply_timeout_;
    const alarm late{core_of(session_->shard()), limit, changed_->changed()};
    while (!late.rung() && replies == replies_ && !over())
        co_await changed_->wait();
    if (late.rung() && replies == replies_ && !over())
        silent_ = impl_of(*session_).queued() == queued;
}

boost::asio::awaitable<void> delivery::offer_file(std::size_t which) {
    outgoing_file& file = *files_[which];
    if (!opened_[which])
        co_await open_from(which);
    if (!*opened_[which] && file.to_prove())
        opened_[which] = co_await hash_all(which);
    if (changed_->interrupted())
        co_return;
    if (const error_code why = *opened_[which]) {
        next_.skipped(which);
        fail_to_read(file, why);
        co_return;
    }
    session_->send(write_message(next_.offered(which, file.facts())));
}

// Opens several files in one call while they are small; small files are read as they are opened.
boost::asio::awaitable<void> delivery::open_from(std::size_t first) {
    const auto open = [this, first] {
        std::uint64_t bytes = 0;
        for (std::size_t i = first; i < files_.size() && i < first + most_opened && bytes < piece_batch::most; ++i) {
            if (opened_[i])
                continue;
            const auto opened = open_file(*files_[i]);
            opened_[i] = opened ? error_code{} : opened.error();
            bytes += files_[i]->size().value_or(piece_batch::most);
        }
    };
    co_await session_->shard().blocking(open);
}

boost::asio::awaitable<void> delivery::compare(sender_protocol::task task) {
    const auto hashed = co_await hash_beginning(task.file, task.offset);
    if (!hashed)
        give_up(task.file, hashed.error());
    else if (*hashed)
        files_[task.file]->is_there(next_.compared(task.file, **hashed));
}

boost::asio::awaitable<error_code> delivery::hash_all(std::size_t which) {
    outgoing_file& file = *files_[which];
    const auto hashed = co_await hash_beginning(which, file.size().value_or(0));
    if (!hashed)
        co_return hashed.error();
    if (!*hashed)
        co_return error_code{};
    const auto finish = [&] { return file.finish(); };
    const auto hash = co_await session_->shard().blocking(finish);
    co_return hash ? error_code{} : hash.error();
}

// Returns nullopt if it was interrupted. Continues if the connection breaks: the next connection needs the same hash.
boost::asio::awaitable<result<std::optional<digest>>> delivery::hash_beginning(std::size_t which, std::uint64_t size) {
    outgoing_file& file = *files_[which];
    const auto hash = [&] { return file.hash_beginning(size, batch_); };
    while (!changed_->interrupted()) {
        const auto hashed = co_await session_->shard().blocking(hash);
        if (!hashed || *hashed)
            co_return hashed;
    }
    co_return std::optional<digest>{};
}

// The bytes of the last call are sent while this call reads.
boost::asio::awaitable<void> delivery::send_pieces(sender_protocol::task task) {
    outgoing_file& file = *files_[task.file];
    const auto read = [&] { return file.read(task.offset, task.most, batch_); };
    result<void> done;
    if (file.in_memory())
        done = read();
    else
        done = co_await session_->shard().blocking(read);
    if (!done) {
        if (done.error() != errc::would_block)
            give_up(task.file, done.error());
        co_return;
    }
    if (!file.in_memory() || impl_of(*session_).queued() > flushed_above) { // small files are sent together
        const auto flushed = co_await session_->flush();
        if (!flushed || changed_->interrupted())
            co_return;
    }
    file.is_on_the_way(task.offset);
    if (batch_.entries().empty() && next_.wants(task.file, task.offset))
        next_.reached_end(task.file);
    for (const auto& each : batch_.entries()) {
        const auto header = next_.sent(task.file, each.offset, each.size);
        if (!header || !session_->send(batch_.message(each, *header)))
            co_return;
        report_.sent(file, each.offset + each.size, each.size);
    }
}

boost::asio::awaitable<void> delivery::finish_file(sender_protocol::task task) {
    outgoing_file& file = *files_[task.file];
    const auto finish = [&] { return file.finish(); };
    result<digest> hash;
    if (file.in_memory())
        hash = finish();
    else
        hash = co_await session_->shard().blocking(finish);
    if (!hash)
        give_up(task.file, hash.error());
    else if (next_.at_end(task.file, task.offset))
        session_->send(write_message(next_.finished(task.file, task.offset, *hash)));
}

// Closes the connection gracefully if every offer was answered, and aborts it otherwise.
boost::asio::awaitable<void> delivery::end_connection() {
    const bool well = !over();
    if (well)
        session_->close();
    else
        session_->abort(errc::closed);
    while (!reader_done_)
        co_await changed_->wait();
    if (well)
        co_await session_->close_gracefully();
}

} // namespace fairlead::file_transfer
