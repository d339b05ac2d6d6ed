#include <fairlead/file_transfer/send_files.hpp>

#include "client/dial.hpp"
#include "client/login.hpp"
#include "core/random_seed.hpp"
#include "core/system_error.hpp"
#include "file_transfer/delivery.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/alarm.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/file_transfer/file_name.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/printable.hpp>
#include <fairlead/reconnect_backoff.hpp>

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <utility>

namespace fairlead {

namespace file_transfer {

namespace {

constexpr std::size_t largest_message = sender_protocol::max_piece + piece_header_size;
constexpr std::size_t send_queue = 4 * largest_message;

/// An attempt to connect. An interrupted call does not wait for its end.
struct attempt {
    attempt(shard_core& shard, std::shared_ptr<const connect_options> options)
        : how{std::move(options)}, login{shard, *how} {}

    const std::shared_ptr<const connect_options> how;
    fairlead::login login;
    std::optional<connect_result> outcome;
    std::string thrown; // the text of an exception
};

/// Abandons the login if the caller is interrupted or destroyed before the attempt has an outcome.
class abandon_at_end {
public:
    explicit abandon_at_end(std::shared_ptr<attempt> of) noexcept : attempt_{std::move(of)} {}
    abandon_at_end(const abandon_at_end&) = delete;
    abandon_at_end& operator=(const abandon_at_end&) = delete;
    ~abandon_at_end() {
        if (!attempt_->outcome)
            attempt_->login.abandon();
    }

private:
    std::shared_ptr<attempt> attempt_;
};

boost::asio::awaitable<void> keep(boost::asio::awaitable<connect_result> connecting, std::shared_ptr<attempt> now,
                                  std::shared_ptr<interruptible_event> changed) {
    try {
        connect_result made = co_await now->login.run(std::move(connecting));
        now->outcome.emplace(std::move(made));
    } catch (...) {
        const auto thrown = std::current_exception();
        log_exception(thrown);
        log_exceptions([&] { now->thrown = printable(bytes_view{describe_exception(thrown)}); });
        now->outcome.emplace(system_code(ECONNABORTED));
    }
    changed->notify();
}

/// One call of `send_files`.
class errand final : private delivery_report {
public:
    errand(shard_core& shard, const std::string& receiver, std::vector<file_to_send> files, send_files_options options)
        : shard_{shard}, receiver_{url::parse(receiver)}, options_{std::move(options)},
          changed_{std::make_shared<interruptible_event>(shard, options_.interrupted)}, backoff_{options_.pause,
                                                                                                 random_seed()} {
        auto& bounds = options_.connect.limits;
        bounds.max_write_buffer = std::max(bounds.max_write_buffer, send_queue);
        bounds.write_high_watermark = std::max(bounds.write_high_watermark, send_queue);
        how_ = std::make_shared<const connect_options>(options_.connect);
        dial_ = dial_to(shard.facade(), receiver, length_prefixed{{.max_message = largest_message}}, *how_);
        progress_.files = files.size();
        for (auto& each : files)
            files_.emplace_back(std::move(each));
    }

    ~errand() { changed_->forget_flag(); }
    errand(const errand&) = delete;
    errand& operator=(const errand&) = delete;

    boost::asio::awaitable<std::vector<sent_file>> run() {
        refuse_bad_names();
        unsigned failures = 0;
        for (auto left = to_do(); !left.empty(); left = to_do()) {
            const auto before = position();
            const delivery_end end = co_await deliver(left);
            left = to_do();
            if (position() != before)
                failures = 0;
            if (end.why.empty() && std::ranges::any_of(left, &outgoing_file::to_prove) && !changed_->interrupted())
                continue;
            if (left.empty() || !end.retry || failures == options_.retries || changed_->interrupted()) {
                give_up(left, end);
                break;
            }
            ++failures;
            const auto pause = backoff_.next();
            tell_of_retry(end.why.empty() ? left.front()->outcome.why : end.why, pause);
            co_await rest(pause);
        }
        co_return outcomes();
    }

private:
    void refuse_bad_names() {
        for (auto& each : files_) {
            const auto fault = fault_of_file_name(each.file().name);
            if (!fault)
                continue;
            each.outcome.code = "name";
            each.outcome.why = *fault;
            each.done = true;
            ended(each);
        }
    }

    std::vector<outgoing_file*> to_do() {
        std::vector<outgoing_file*> left;
        for (auto& each : files_) {
            if (!each.done)
                left.push_back(&each);
        }
        return left;
    }

    // Grows with each file that is done, and with each byte that the receiver confirms. Bytes that were only
    // sent do not count: they may be lost each time.
    std::pair<std::size_t, std::uint64_t> position() const {
        std::uint64_t bytes = 0;
        for (const auto& each : files_)
            bytes += each.furthest();
        return {progress_.files_done, bytes};
    }

    boost::asio::awaitable<delivery_end> deliver(std::vector<outgoing_file*> left) {
        for (outgoing_file* const each : left)
            each->outcome.code.clear();
        const auto attempt = co_await reach();
        if (changed_->interrupted())
            co_return interrupted();
        connect_result& connected = *attempt->outcome;
        if (!connected) {
            const std::string why = attempt->thrown.empty() ? describe(receiver_, connected.error()) : attempt->thrown;
            delivery_end end;
            end.why = "cannot connect to " + receiver_.to_string() + ": " + why;
            co_return end;
        }
        backoff_.connected(shard_.steady_now());
        delivery_report& report = *this;
        const auto work = std::make_shared<delivery>(std::move(*connected), changed_, std::move(left), report,
                                                     options_.reply_timeout);
        auto end = co_await delivery::run(work);
        backoff_.ended(shard_.steady_now());
        if (!end.why.empty() && end.code != "interrupted")
            end.why = receiver_.to_string() + ": " + end.why;
        co_return end;
    }

    // Returns an attempt without an outcome if the call was interrupted.
    boost::asio::awaitable<std::shared_ptr<attempt>> reach() {
        const auto now = std::make_shared<attempt>(shard_, how_);
        const abandon_at_end whatever_happens{now};
        auto kept = keep(dial_(), now, changed_);
        boost::asio::co_spawn(shard_.executor(), std::move(kept), log_if_thrown);
        while (!now->outcome && !changed_->interrupted())
            co_await changed_->wait();
        co_return now;
    }

    boost::asio::awaitable<void> rest(std::chrono::milliseconds length) {
        const alarm end{shard_, std::max(length, std::chrono::milliseconds{1}), changed_->changed()};
        while (!end.rung() && !changed_->interrupted())
            co_await changed_->wait();
    }

    static delivery_end interrupted() {
        delivery_end end;
        end.code = end.why = "interrupted";
        end.retry = false;
        return end;
    }

    void give_up(const std::vector<outgoing_file*>& left, const delivery_end& how) {
        const delivery_end end = changed_->interrupted() ? interrupted() : how;
        for (outgoing_file* const each : left) {
            if (each->outcome.code.empty() || !end.retry) {
                each->outcome.code = end.code;
                each->outcome.why = end.why;
            }
            each->done = true;
            ended(*each);
        }
    }

    std::vector<sent_file> outcomes() {
        std::vector<sent_file> all;
        for (auto& each : files_)
            all.push_back(std::move(each.outcome));
        return all;
    }

    // --- reports to the caller

    void sent(const outgoing_file& file, std::uint64_t offset, std::size_t bytes) override {
        progress_.file = &file.file();
        progress_.sent = offset;
        progress_.size = file.size().value_or(0);
        progress_.bytes_sent += bytes;
        tell_progress();
    }

    void ended(outgoing_file& file) override {
        ++progress_.files_done;
        if (options_.on_done)
            log_exceptions([&] { options_.on_done(file.outcome); });
        tell_progress();
    }

    void tell_progress() {
        if (options_.on_progress)
            log_exceptions([&] { options_.on_progress(progress_); });
    }

    void tell_of_retry(const std::string& why, std::chrono::milliseconds pause) {
        if (options_.on_retry)
            log_exceptions([&] { options_.on_retry(why, pause); });
    }

    shard_core& shard_;
    const url receiver_;
    send_files_options options_;
    std::shared_ptr<const connect_options> how_;
    dial dial_;
    std::deque<outgoing_file> files_;
    send_progress progress_;
    std::shared_ptr<interruptible_event> changed_;
    reconnect_backoff backoff_;
};

} // namespace

} // namespace file_transfer

boost::asio::awaitable<std::vector<sent_file>> send_files(shard& shard, std::string url,
                                                          std::vector<file_to_send> files, send_files_options options) {
    file_transfer::errand work{core_of(shard), url, std::move(files), std::move(options)};
    co_return co_await work.run();
}

boost::asio::awaitable<sent_file> send_file(shard& shard, std::string url, std::string path) {
    std::vector<file_to_send> files(1);
    files.front().path = std::move(path);
    send_files_options options;
    auto sent = co_await send_files(shard, std::move(url), std::move(files), std::move(options));
    co_return std::move(sent.front());
}

} // namespace fairlead
