#pragma once

#include "admin/admin_connection.hpp"
#include "admin/admin_limits.hpp"
#include "admin/spare_descriptors.hpp"
#include "core/descriptor_reserve.hpp"
#include "core/intrusive_list.hpp"
#include "runtime/timer.hpp"
#include "server/acceptor.hpp"
#include "server/listen_socket.hpp"

#include <fairlead/admin.hpp>
#include <fairlead/endpoint.hpp>
#include <fairlead/limits.hpp>
#include <fairlead/runtime.hpp>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace fairlead {

/// Answers HTTP requests about a server. It has its own thread, shard, descriptors and limits, so it answers
/// even if the server has none left.
///
///     answering ──stop()──▶ ending: streams and connections end ──all ended · 0.3 s──▶ ended
///
/// Thread safety: any thread, one at a time; `stop` any thread. Lifetime: the server that the subject shows
/// outlives this.
class admin_endpoint {
public:
    using sockets_for = std::function<std::vector<listen_socket>(const url& at)>;

    /// Opens the sockets and starts the thread. Errors: as `server::admin`.
    admin_endpoint(std::string_view url, const admin_options& options, std::unique_ptr<admin_subject> server,
                   const sockets_for& open_sockets);
    admin_endpoint(const admin_endpoint&) = delete;
    admin_endpoint& operator=(const admin_endpoint&) = delete;
    ~admin_endpoint();

    const endpoint& address() const noexcept { return address_; }

    /// Returns the URL of the endpoint, in the form of `url::to_string`.
    const std::string& url() const noexcept { return url_; }

    /// Copies the descriptors of the open listening sockets, for another process.
    std::future<std::vector<lent_socket>> lend();

    /// Stops accepting: another process has the sockets.
    void hand_on() noexcept;

    /// Begins to end, and returns at once; the destructor waits for the end.
    void stop() noexcept;

private:
    class connection;
    shard_core& home() noexcept { return core_of(runtime_[0]); }

    enum class state { answering, ending, ended };

    void open(const fairlead::url& at, const sockets_for& open_sockets);
    acceptor::rules accept_rules(const fairlead::url& at);
    void close_sockets() noexcept;
    void accept(unique_descriptor socket, const endpoint& remote);
    static boost::asio::awaitable<void> serve(std::unique_ptr<connection> served);
    void note_room() noexcept;
    void begin_end() noexcept;
    void end_if_empty() noexcept;

    const std::unique_ptr<admin_subject> server_;
    const std::shared_ptr<const limits> limits_;
    admin_context context_;
    descriptor_reserve reserve_;
    spare_descriptors spare_;
    const std::string url_;
    endpoint address_;
    intrusive_list<connection> connections_;
    std::size_t count_ = 0; // of these
    state state_ = state::answering;
    runtime runtime_;
    std::optional<timer> end_;
    std::vector<std::unique_ptr<acceptor>> acceptors_;
    std::jthread thread_;
};

} // namespace fairlead
