#include "admin/admin_endpoint.hpp"

#include "core/start_thread.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "net/address_key.hpp"
#include "server/listen_socket.hpp"
#include "server/log_at_end.hpp"
#include "session/session_impl.hpp"
#include "transport/socket_stream.hpp"

#include <fairlead/framing/raw.hpp>
#include <fairlead/url.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>

namespace fairlead {

namespace {

using namespace admin_limits;

constexpr std::size_t own_descriptors = 8; // for the shard, its timers and the listening sockets
constexpr std::size_t spares = 4;

url admin_url(std::string_view text) {
    url at = url::parse(text);
    if (at.transport == transport::udp || at.tls || at.websocket)
        throw std::invalid_argument{"'" + std::string{text} +
                                    "' is nothing for the admin endpoint, which speaks plain HTTP; use "
                                    "tcp://127.0.0.1:PORT or unix:///PATH, and a proxy for TLS"};
    return at;
}

// `http_exchange` has its own time limits for requests, so those of the session are off.
std::shared_ptr<const limits> connection_limits() {
    limits bounds;
    bounds.first_message_timeout = bounds.message_timeout = bounds.idle_timeout = limits::duration{0};
    bounds.write_timeout = write_time;
    bounds.linger_timeout = limits::duration{200};
    return std::make_shared<const limits>(bounds);
}

bool is_name(const url& at) {
    return at.transport == transport::unix_stream && at.path.starts_with('@');
}

admin_access access_for(const url& at, const admin_options& options) {
    return {.over_unix_socket = at.transport == transport::unix_stream,
            .token = options.token_file.empty() ? std::nullopt : std::optional{admin_token::read(options.token_file)},
            .host_names = options.host_names};
}

void warn_unless_local(const endpoint& address) {
    if (address.family() != AF_UNIX && !is_loopback(address))
        log_warning("the admin endpoint at " + address.to_string() +
                    " can be reached from other machines, and shows the addresses of peers to all of them; use "
                    "127.0.0.1 or a Unix socket");
}

} // namespace

/// A connection of the endpoint. Its coroutine owns it.
class admin_endpoint::connection : public list_hook<connection> {
public:
    connection(admin_endpoint& of, std::shared_ptr<session_impl> accepted) : endpoint{of}, peer{std::move(accepted)} {
        endpoint.connections_.push_front(*this);
        ++endpoint.count_;
    }
    ~connection() {
        peer->abort(errc::closed);
        unlink();
        --endpoint.count_;
        endpoint.spare_.refill();
        endpoint.note_room();
        endpoint.end_if_empty();
    }

    admin_endpoint& endpoint;
    const std::shared_ptr<session_impl> peer;
};

admin_endpoint::admin_endpoint(std::string_view text, const admin_options& options,
                               std::unique_ptr<admin_subject> server, const sockets_for& open_sockets)
    : server_{std::move(server)}, limits_{connection_limits()}, context_{access_for(admin_url(text), options),
                                                                         *server_},
      reserve_{connections + own_descriptors + spares}, spare_{spares}, url_{admin_url(text).to_string()}, runtime_{1,
                                                                                                                    1} {
    open(admin_url(text), open_sockets);
    thread_ = start_thread("for the admin endpoint", [this] { log_exceptions([this] { runtime_.run(); }); });
    warn_unless_local(address_);
}

admin_endpoint::~admin_endpoint() {
    stop();
    thread_.join();
    state_ = state::ended; // the runtime destroys the coroutines that are left
}

void admin_endpoint::open(const fairlead::url& at, const sockets_for& open_sockets) {
    end_.emplace(home(), [this] { runtime_.stop(); });
    std::vector<listen_socket> opened = open_sockets(at);
    address_ = opened.front().local;
    for (listen_socket& each : opened)
        acceptors_.push_back(std::make_unique<acceptor>(home(), std::move(each), accept_rules(at)));
}

acceptor::rules admin_endpoint::accept_rules(const fairlead::url& at) {
    acceptor::rules made{
        .has_capacity = [this] { return count_ < admin_limits::connections; },
        .take = [this](unique_descriptor socket, const endpoint& remote) { accept(std::move(socket), remote); },
        .rate = std::make_shared<token_bucket>(0),
        .users = {},
        .make_room = [this] { return spare_.release_one(); },
    };
    if (is_name(at)) // it has no permissions, so the user of the peer decides
        made.users = {0, ::geteuid()};
    return made;
}

void admin_endpoint::accept(unique_descriptor socket, const endpoint& remote) {
    auto stream = socket_stream::make(home(), std::move(socket), remote).value();
    auto peer = make_session(home(), std::move(stream), raw{}, limits_);
    auto served = std::make_unique<connection>(*this, std::move(peer));
    const shard_executor executor = home().executor();
    boost::asio::co_spawn(executor, serve(std::move(served)), log_at_end{executor});
}

boost::asio::awaitable<void> admin_endpoint::serve(std::unique_ptr<connection> served) {
    co_await serve_admin(served->peer, served->endpoint.context_);
}

std::future<std::vector<lent_socket>> admin_endpoint::lend() {
    auto promise = std::make_shared<std::promise<std::vector<lent_socket>>>();
    boost::asio::post(home().executor(), [this, promise] {
        try {
            std::vector<lent_socket> copies;
            for (const auto& each : acceptors_)
                each->lend(copies);
            promise->set_value(std::move(copies));
        } catch (const std::exception&) {
            promise->set_exception(std::current_exception());
        }
    });
    return promise->get_future();
}

void admin_endpoint::hand_on() noexcept {
    log_exceptions([this] { boost::asio::post(home().executor(), [this] { close_sockets(); }); });
}

void admin_endpoint::close_sockets() noexcept {
    for (const auto& each : acceptors_)
        each->close();
}

void admin_endpoint::stop() noexcept {
    log_exceptions([this] { boost::asio::post(home().executor(), [this] { begin_end(); }); });
}

void admin_endpoint::begin_end() noexcept {
    if (std::exchange(state_, state::ending) == state::ending)
        return;
    close_sockets();
    for (const connection* each = connections_.front(); each; each = connections_.after(*each))
        each->peer->drain();
    end_->set(end_time);
    end_if_empty();
}

// Posted, because an accepted connection begins at once and may end at once, which would call this again.
void admin_endpoint::note_room() noexcept {
    if (state_ != state::answering)
        return;
    log_exceptions([this] {
        boost::asio::post(home().executor(), [this] {
            for (const auto& each : acceptors_)
                each->resume();
        });
    });
}

void admin_endpoint::end_if_empty() noexcept {
    if (state_ == state::ending && connections_.empty())
        runtime_.stop();
}

} // namespace fairlead
