#pragma once

#include "file_transfer/interruptible_event.hpp"
#include "file_transfer/outgoing_file.hpp"
#include "file_transfer/sender_protocol.hpp"

#include <fairlead/file_transfer/send_files.hpp>
#include <fairlead/session.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::file_transfer {

/// Receives the progress and the outcomes of files.
class delivery_report {
public:
    virtual void sent(const outgoing_file& file, std::uint64_t offset, std::size_t bytes) = 0;
    virtual void ended(outgoing_file& file) = 0; ///< `file` is `done`; see its `outcome`

protected:
    ~delivery_report() = default;
};

/// The result of one connection. Files that are not `done` may be sent over another one if `retry` is true.
struct delivery_end {
    std::string code = "connection"; ///< for files that are not `done`
    std::string why = {};            ///< empty when every file was answered
    bool retry = true;               ///< true if another connection may succeed
};

/// Sends files over one connection to a receiver, as many as the receiver accepts.
///
///     reader:  replies ──▶ what to do next ──▶ notifies the writer
///     writer:  opens, offers, reads and sends; waits only for the network to take what is sent, or for a reply
///
/// Thread safety: the thread of its shard. Lifetime: `files` and `report` outlive the coroutine that awaits `run`.
class delivery final : public std::enable_shared_from_this<delivery> {
public:
    delivery(std::shared_ptr<session> connection, std::shared_ptr<interruptible_event> changed,
             std::vector<outgoing_file*> files, delivery_report& report, std::chrono::milliseconds reply_timeout);

    /// Sends the files and ends the connection. Call it once.
    static boost::asio::awaitable<delivery_end> run(std::shared_ptr<delivery> self);

private:
    class closing;

    static boost::asio::awaitable<void> read_replies(std::shared_ptr<delivery> self);
    void take_reply(bytes_view bytes);

    boost::asio::awaitable<void> write();
    boost::asio::awaitable<void> wait_for_reply();
    boost::asio::awaitable<void> offer_file(std::size_t which);
    boost::asio::awaitable<void> open_from(std::size_t first);
    boost::asio::awaitable<void> compare(sender_protocol::task task);
    boost::asio::awaitable<error_code> hash_all(std::size_t which);
    boost::asio::awaitable<result<std::optional<digest>>> hash_beginning(std::size_t which, std::uint64_t size);
    boost::asio::awaitable<void> send_pieces(sender_protocol::task task);
    boost::asio::awaitable<void> finish_file(sender_protocol::task task);
    boost::asio::awaitable<void> end_connection();

    void settle();
    void settle(outgoing_file& file, const stored& reply);
    void settle(outgoing_file& file, const refusal& reply);
    void give_up(std::size_t which, const error_code& why);
    void fail(outgoing_file& file, std::string code, std::string why);
    void fail_to_read(outgoing_file& file, const error_code& why);
    bool over() const noexcept;
    delivery_end end() const;

    std::shared_ptr<session> session_;
    std::shared_ptr<interruptible_event> changed_;
    std::vector<outgoing_file*> files_;
    std::vector<std::optional<error_code>> opened_; // result of opening each file; nullopt: not tried yet
    delivery_report& report_;
    sender_protocol next_;
    piece_batch batch_;
    std::vector<sender_protocol::ending> endings_; // not yet handled by the writer
    std::optional<sender_protocol::nonsense> fault_;
    const std::chrono::milliseconds reply_timeout_;
    std::uint64_t replies_ = 0;
    bool silent_ = false; // the receiver gave no answer in time
    bool reader_done_ = false;
};

} // namespace fairlead::file_transfer
