#include "nats/nats_connection.hpp"

#include "nats/nats_subject.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <poll.h>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <utility>

namespace fairlead {

namespace {

constexpr int write_buffer = 256 << 10;  // bytes handed to nats.c and not yet to the system
constexpr std::size_t header_bytes = 96; // of a message: `Fairlead-Origin` and the lines around it

// The argument of `on_closed`. nats.c calls that once the connection is closed, and it deletes the note.
struct closed_note {
    std::promise<void> told;
    std::shared_ptr<nats_requests> requests;
};

void on_closed(natsConnection*, void* closure) {
    const std::unique_ptr<closed_note> note{static_cast<closed_note*>(closure)};
    note->told.set_value();
    note->requests->wake();
}

// The receiver of a subscription. It lives until nats.c has made its last call.
struct subscriber {
    std::shared_ptr<nats_inbox> inbox;
    std::string topic;
};

void on_message(natsConnection*, natsSubscription*, natsMsg* message, void* closure) {
    const auto& to = *static_cast<subscriber*>(closure);
    to.inbox->arrived(to.topic, nats_message{message});
}

void on_complete(void* closure) {
    delete static_cast<subscriber*>(closure);
}

// nats.c puts `(conn.c:1905): ` before its text.
std::string last_nats_error(natsStatus status) {
    if (status == NATS_CONNECTION_AUTH_FAILED)
        return "the broker refuses the user; check the name and the password in its URL, or the credentials file, "
               "whose "
               "JWT may be expired, revoked, or of an account that the broker does not know";
    const char* const words = nats_GetLastError(nullptr);
    if (!words || !*words)
        return natsStatus_GetText(status);
    const std::string_view text{words};
    const std::size_t end = text.starts_with('(') ? text.find("): ") : std::string_view::npos;
    return std::string{end == std::string_view::npos ? text : text.substr(end + 3)};
}

int milliseconds_until(std::chrono::steady_clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
}

} // namespace

nats_connection::nats_connection(natsOptions* options, std::string prefix, std::shared_ptr<nats_loop> loop,
                                 std::shared_ptr<nats_inbox> inbox, std::shared_ptr<nats_requests> requests)
    : prefix_{std::move(prefix)}, inbox_{std::move(inbox)}, loop_{std::move(loop)} {
    auto note = std::make_unique<closed_note>();
    note->requests = std::move(requests);
    closed_ = note->told.get_future();
    natsStatus status = natsOptions_SetClosedCB(options, on_closed, note.get());
    if (status == NATS_OK && loop_)
        status = loop_->apply_to(options);
    if (status == NATS_OK)
        status = natsConnection_Connect(&connection_, options);
    if (status != NATS_OK) {
        const std::string why = last_nats_error(status);
        if (loop_)
            loop_->close();
        throw std::runtime_error{why};
    }
    static_cast<void>(note.release()); // `on_closed` deletes it
    has_headers_ = natsConnection_HasHeaderSupport(connection_) == NATS_OK;
}

nats_connection::~nats_connection() {
    if (loop_)
        loop_->release(); // nats.c closes the descriptor that the shard reads
    natsConnection_Close(connection_);
    closed_.wait();
    subscriptions_.clear();
    if (loop_)
        loop_->close();
    natsConnection_Destroy(connection_);
}

bool nats_connection::is_open() const {
    return closed_.wait_for(std::chrono::seconds{0}) != std::future_status::ready;
}

std::string nats_connection::subject(const std::string& topic) const {
    return subject_of(prefix_, topic);
}

void nats_connection::subscribe(const std::string& topic) {
    if (subscriptions_.contains(topic))
        return;
    auto to = std::make_unique<subscriber>(subscriber{inbox_, topic});
    natsSubscription* made = nullptr;
    if (natsConnection_Subscribe(&made, connection_, subject(topic).c_str(), on_message, to.get()) != NATS_OK)
        return; // the connection is closed, and the next one begins anew
    subscription owned{made};
    // If the connection closes at this moment, nats.c does not report its last call; then the subscriber is
    // never freed.
    auto* const kept = to.release();
    static_cast<void>(natsSubscription_SetOnCompleteCB(made, on_complete, kept));
    subscriptions_.emplace(topic, std::move(owned));
}

void nats_connection::unsubscribe(const std::string& topic) {
    subscriptions_.erase(topic);
}

void nats_connection::subscribe_only(const std::vector<std::string>& topics) {
    const auto unwanted = [&](const auto& each) {
        return !std::binary_search(topics.begin(), topics.end(), each.first);
    };
    std::erase_if(subscriptions_, unwanted);
    for (const std::string& each : topics)
        subscribe(each);
}

nats_connection::outcome nats_connection::publish(const nats_outgoing& message) {
    natsMsg* made = nullptr;
    natsStatus status = natsMsg_Create(&made, subject(message.topic).c_str(), nullptr, message.payload.data(),
                                       static_cast<int>(message.payload.size()));
    const nats_message owned{made};
    if (status == NATS_OK && has_headers_)
        status = natsMsgHeader_Set(made, "Fairlead-Origin", to_string(message.origin).c_str());
    if (status == NATS_OK)
        status = natsConnection_PublishMsg(connection_, made);
    if (status == NATS_OK)
        return outcome::sent;
    return status == NATS_MAX_PAYLOAD ? outcome::refused : outcome::broken;
}

bool nats_connection::is_full() const {
    return natsConnection_Buffered(connection_) >= write_buffer;
}

std::size_t nats_connection::max_message() const {
    const auto bytes = static_cast<std::size_t>(std::max<std::int64_t>(natsConnection_GetMaxPayload(connection_), 0));
    return bytes > header_bytes ? bytes - header_bytes : 0;
}

std::vector<std::string> nats_connection::announced_servers() const {
    char** servers = nullptr;
    int count = 0;
    if (natsConnection_GetDiscoveredServers(connection_, &servers, &count) != NATS_OK)
        return {};
    const std::vector<std::string> found(servers, servers + count);
    for (int each = 0; each < count; ++each)
        std::free(servers[each]);
    std::free(servers);
    return found;
}

std::string nats_connection::why_closed() const {
    const char* words = nullptr;
    const natsStatus status = natsConnection_GetLastError(connection_, &words);
    if (words && *words)
        return words;
    return status == NATS_OK ? "the broker ended the connection" : natsStatus_GetText(status);
}

// Unread input would make the system reset the connection and lose the bytes that are on their way out.
void nats_connection::finish(std::chrono::steady_clock::time_point deadline) {
    if (!loop_) {
        static_cast<void>(natsConnection_FlushTimeout(connection_, std::max(milliseconds_until(deadline), 1)));
        return;
    }
    loop_->release(); // the shard must not read a descriptor that nats.c closes after an error
    ::pollfd socket{.fd = loop_->socket(), .events = POLLOUT, .revents = 0};
    while (is_open() && natsConnection_Buffered(connection_) > 0 &&
           ::poll(&socket, 1, milliseconds_until(deadline)) > 0)
        natsConnection_ProcessWriteEvent(connection_);
    loop_->release();
    ::shutdown(socket.fd, SHUT_WR);
    socket.events = POLLIN;
    char ignored[4'096];
    while (::poll(&socket, 1, milliseconds_until(deadline)) > 0) {
        const auto received = ::recv(socket.fd, ignored, sizeof ignored, MSG_DONTWAIT);
        if (received == 0 || (received < 0 && errno != EAGAIN && errno != EINTR))
            return;
    }
}

} // namespace fairlead
