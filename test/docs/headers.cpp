// The examples in the doc comments of public headers, line by line. Those that need no server at a fixed address are run.
// They stand here as in the headers.
// clang-format off

#include "support/run_until.hpp"

#include <fairlead/fairlead.hpp>
#include <fairlead/testkit/framing_verifier.hpp>
#include <fairlead/testkit/memory_stream.hpp>
#include <fairlead/testkit/served.hpp>
#include <fairlead/logging.hpp>
#include <fairlead/nats.hpp>
#include <fairlead/proxy.hpp>
#include <fairlead/tls.hpp>
#include <fairlead/websocket.hpp>
#include <fairlead/websocket_frames.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <cstdint>
#include <fstream>
#include <future>
#include <gtest/gtest.h>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <spdlog/logger.h>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::literals;

namespace fairlead::docs {

namespace {

// What the examples name and a reader would have.
using clock = std::chrono::steady_clock;
std::vector<std::string> noted;
void log(std::string text) {
    noted.push_back(std::move(text));
}
void count(error_code) {}
void unmask(std::span<unsigned char> bytes) {
    for (unsigned char& each : bytes)
        each ^= 0x20;
}
std::size_t encode(std::span<unsigned char> room) {
    room[0] = 'x';
    return 1;
}
struct names {
    int find(const std::string& name) const { return static_cast<int>(name.size()); }
};

// --- typed.hpp, byte_reader.hpp, byte_writer.hpp, malformed_message.hpp
struct order { std::uint32_t id; std::string article; };

struct order_codec {
    using value_type = order;
    order decode(bytes_view message) {
        byte_reader from{message};
        const auto id = from.read<std::uint32_t>();
        return {id, to_string(from.rest())};
    }
    void encode(const order& value, std::string& message) {
        byte_writer to{message};
        to.write(value.id);
        to.bytes(value.article);
    }
};

void take(const order& placed, typed_peer<order_codec>& from) {
    from.send({placed.id, "sold out"});
}

boost::asio::awaitable<void> take_orders(typed_session<order_codec>& shop) {
    while (const auto placed = co_await shop.receive())
        shop.send({placed->id, "sold out"});
}

[[maybe_unused]] void take_typed(server& server) {
    server.listen("tcp://127.0.0.1:9000", length_prefixed{}, typed(order_codec{}, take));
}

[[maybe_unused]] void take_typed_sessions(server& server) {
    server.listen("tcp://127.0.0.1:9000", length_prefixed{}, typed(order_codec{}, take_orders));
}

void refuse_short(bytes_view message) {
    if (message.size() < 4)
        throw malformed_message{"an order has at least 4 bytes"};
    if (message.size() > 1'000)
        throw oversized_message{"an order has up to 1000 bytes"};
}

std::string write_price(const std::string& name) {
    std::string message;
    byte_writer to{message};
    to.write(std::uint32_t{7});
    to.write(1.09, std::endian::little);
    to.write(static_cast<std::uint8_t>(name.size()));
    to.bytes(name);
    return message;
}

std::string read_price(bytes_view message) {
    byte_reader from{message};
    const auto id = from.read<std::uint32_t>();                 // big-endian, the order of networks
    const auto price = from.read<double>(std::endian::little);
    const auto name = from.bytes(from.read<std::uint8_t>());    // a length, then so many bytes
    from.end();                                                 // nothing follows
    return std::to_string(id) + " " + std::to_string(price) + " " + to_string(name);
}

TEST(header_examples, of_typed_messages) {
    EXPECT_EQ(read_price(write_price("rope")), "7 1.090000 rope");
    EXPECT_THROW(refuse_short("abc"), malformed_message);
    const std::string sold_out = "\0\0\0\7sold out"s;
    EXPECT_EQ((testkit::served{length_prefixed{}, typed(order_codec{}, take)}.replies("\0\0\0\7rope"sv).at(0)), sold_out);
    EXPECT_EQ((testkit::served{length_prefixed{}, typed(order_codec{}, take_orders)}.replies("\0\0\0\7rope"sv).at(0)),
              sold_out);
}

// --- framing/websocket.hpp, websocket_options.hpp, connect.hpp
[[maybe_unused]] boost::asio::awaitable<bool> connect_by_websocket(shard& shard) {
    const framing text = websocket{{.messages = websocket_messages::text}};
    const auto connected = co_await connect(shard, "ws://echo.example:8080/chat", text);
    co_return connected.has_value();
}

[[maybe_unused]] void listen_by_websocket(server& server, handler shout, handler chat, handler feed) {
    const websocket_options for_browsers{.messages = websocket_messages::text, .max_message = 4096};
    server.listen("ws://0.0.0.0:8080/shout", websocket{}, shout);
    const websocket_server_options web{.paths = {{"/feed", feed}}, .files = "/usr/share/chat"};
    server.listen("ws://0.0.0.0:8080/chat", websocket{}, chat, {.websocket = web});
    const websocket text{{.messages = websocket_messages::text}};
    const websocket_path prices{.path = "/feed", .serve = feed, .messages = text};
    static_cast<void>(prices);
    connect_options options{.websocket = {.headers = {{"Authorization", "Bearer abc"}}}};
    static_cast<void>(for_browsers);
    static_cast<void>(options);
}

// --- websocket_frames.hpp
[[maybe_unused]] void show_frames() {
    websocket_frames frames{websocket_sender::server};
    std::string received = "\x81\x05Hello";
    const auto frame = frames.decode({reinterpret_cast<unsigned char*>(received.data()), received.size()});
    if (frame && *frame)
        std::cout << (*frame)->payload.text() << '\n';      // Hello
}

// --- websocket.hpp
void note_close(session& session) {
    if (session.close_reason().code == websocket_close::message_too_large)
        log("send less in one message");
}

// --- framing.hpp
struct single_bytes {                                       // each byte is a message
    result<decoded> decode(bytes_view input) {
        if (input.empty())
            return decoded{};                               // more bytes are needed
        return decoded{.consumed = 1, .message = input.first(1)};
    }
    result<decoded> finish(bytes_view) { return decoded{}; }
    result<void> encode(bytes_view message, byte_buffer& output) {
        if (message.size() != 1)
            return errc::malformed;
        output.append(message);
        return {};
    }
};

// --- session.hpp

boost::asio::awaitable<void> serve(session& session) {
    while (const auto message = co_await session.receive())
        session.send("hello " + to_string(*message));
}

boost::asio::awaitable<void> receive_one(session& session, std::string& seen) {
    const auto message = co_await session.receive();
    if (!message)
        co_return;                              // session.close_reason() has the reason
    seen = to_string(*message);
}

[[maybe_unused]] boost::asio::awaitable<void> ask_again(session& session) {
    const auto reply = co_await session.receive(2s);
    if (!reply && reply.error() == errc::timed_out)
        session.send("are you there?");
}

void send_from_elsewhere(peer& from, boost::asio::thread_pool& workers) {
    auto job = [to = from.handle()] { to.send("from another thread"); };
    boost::asio::post(workers, job);        // a boost::asio::thread_pool of the program
}

boost::asio::awaitable<void> send_from_elsewhere_once(session& session) {
    boost::asio::thread_pool workers{1};
    send_from_elsewhere(session, workers);
    workers.join();
    co_await session.shard().sleep_for(1ms); // what another thread queues is sent in a turn of its own
}

boost::asio::awaitable<void> watch(session& session) {
    const auto why = co_await session.ended();   // the peer has left, or the server stops
    log(why.message());
}

boost::asio::awaitable<void> send_ticks(session& session) {
    while (!session.stopping()) {
        session.send("tick");
        co_await session.shard().sleep_for(1s);
    }
}

boost::asio::awaitable<void> admit(session& session) {
    limits bounds = session.limits();
    bounds.idle_timeout = 1h;
    session.set_limits(bounds);
    co_return;
}

void break_off(session& session) {
    session.reset(errc::malformed);         // the peer must not take a part for the whole answer
}

// --- task_group.hpp, handlers/concurrent.hpp

boost::asio::awaitable<void> start_ticks(task_group& tasks, session& session) {
    co_await tasks.start(send_ticks(session));
}

boost::asio::awaitable<void> tick_until_the_peer_leaves(session& session) {
    const auto body = [&session](task_group& tasks) -> boost::asio::awaitable<void> {
        co_await tasks.start(send_ticks(session));
        co_await session.ended();
        tasks.cancel();                         // without it, the tasks decide when they end
    };
    co_await with_tasks(1, body);
}

boost::asio::awaitable<std::string> look_up(std::string name, session& peer) {
    co_await peer.shard().sleep_for(20ms);          // asks a database
    co_return "the address of " + name;
}

void log_the_end(session& session) {
    if (const auto why = session.close_reason(); why && why.code != errc::closed)
        log(why.message());     // the length says 1195725856, a message has up to 1048576 bytes; first bytes: 47 45 …
}

// --- handler.hpp, error.hpp

void pong(bytes_view, peer& from) {
    if (const auto sent = from.send("pong"); !sent)
        count(sent.error());
}

void change(bytes_view message, peer& from) {
    if (const auto here = from.writable(message); !here.empty())
        unmask(here);           // void unmask(std::span<unsigned char> bytes);
    from.send(message);
}
void shout(bytes_view message, peer& from) { from.send(to_upper(message)); }

[[maybe_unused]]
void send_to(peer& from) {
    std::jthread worker{[to = from.handle()] { to.send("from another thread"); }};
}

void ask_worker(std::string question, const std::function<void(const std::string&)>& tell) {
    std::jthread worker{[question = std::move(question), tell] { tell("the answer to " + question); }};
}

[[maybe_unused]]
void answer_later(bytes_view question, peer& from) {
    ask_worker(to_string(question), [to = from.handle()](const std::string& answer) { to.send(answer); });
}

[[maybe_unused]]
void use_executor(peer& from) {
    from.shard().get_executor();
}

void greet(peer& peer) {
    if (const auto sent = peer.send("hello"); !sent)
        log(sent.error().message());
}

// --- shard.hpp, time_limit.hpp, transport/event.hpp, reconnect_backoff.hpp

boost::asio::awaitable<void> use_shard(shard& shard) {
    boost::asio::post(shard.get_executor(), [] { log("on the thread of the shard"); });
    co_await shard.sleep_for(20ms);
}

boost::asio::awaitable<void> look_up_user(session& session, names database, std::string name, int& found) {
    auto look_up = [&] { return database.find(name); };
    const auto user = co_await session.shard().blocking(look_up);
    found = user;
}

// --- shard.hpp, shard_range.hpp, sharded.hpp, server.hpp: work on other shards, and in the background

boost::asio::awaitable<void> send_ticks(shard& shard, peer_handle handle) {
    auto beat = [&] { handle.send("tick"); };
    co_await shard.every(1s, beat);
}

boost::asio::awaitable<void> count_members(shard& other, const std::vector<int>& members, std::size_t& found) {
    auto count = [&] { return members.size(); };           // `members` is used on this shard only
    const auto size = co_await other.call(count);
    found = size;
}

using visits = std::map<std::string, int>;

boost::asio::awaitable<void> count_visits(session& visitor, sharded<visits>& all) {
    visits& here = all.local(visitor.shard());
    while (const auto name = co_await visitor.receive())
        visitor.send(std::to_string(++here[to_string(*name)]));
}

boost::asio::awaitable<void> sum_visits(sharded<visits>& all, visits& found, std::size_t& size_of_each) {
    visits sum;
    auto add = [&sum](const visits& part) {
        for (const auto& [name, count] : part)
            sum[name] += count;
    };
    co_await all.for_each(add);

    auto size = [](std::size_t so_far, const visits& part) { return so_far + part.size(); };
    const auto names = co_await all.reduce(std::size_t(0), size);
    found = sum;
    size_of_each = names;
}

std::size_t make_backends(shard& on) {
    sharded<client> backends{[](shard& home) { return client{home, "tcp://10.0.0.7:9000", line{}}; }};
    return &backends.local(on) == &backends.local(on) ? 1 : 0;
}

void flush_counters(std::size_t shard) {
    log("flushed " + std::to_string(shard));
}

int run_with_background_work() {
    const auto flush_each_second = [](shard& here) -> boost::asio::awaitable<void> {
        auto flush = [&here] { flush_counters(here.index()); };
        co_await here.every(1s, flush);
    };
    server server{{.on_start = flush_each_second}};
    server.stop();
    return server.run();
}

void log_shards(server& server) {
    for (shard& each : server.shards())
        log(std::to_string(each.index()));
}

boost::asio::awaitable<void> reload_all(server& server, int& reloaded) {
    auto reload = [&reloaded] { ++reloaded; };
    for (shard& each : server.shards())
        co_await each.call(reload);
}

[[maybe_unused]] boost::asio::awaitable<void> limited(client& client, clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now());
    co_await client.request("now", left);            // errc::timed_out once the deadline has passed
    co_await client.request("whenever", no_limit);
}

boost::asio::awaitable<void> wait_until(bool& ready, event& changed) {
    while (!ready)                      // the waiting coroutine
        co_await changed.wait();
}

void make_ready(bool& ready, event& changed) {
    ready = true;                       // other code
    changed.notify();
}

boost::asio::awaitable<void> reconnect(shard& shard, std::uint64_t seed,
                                       std::function<boost::asio::awaitable<bool>()> try_to_connect) {
    reconnect_backoff backoff{{}, seed};
    for (bool connected = false; !connected;) {
        co_await shard.sleep_for(backoff.next());       // up to 500 ms, 1 s, 2 s, … 30 s
        connected = co_await try_to_connect();
    }
}

boost::asio::awaitable<void> use_parts(session& session) {
    co_await session.begin_message(10);
    co_await session.send_part("hello");
    co_await session.send_part("world");
    session.end_message();

    std::uint64_t size = 0;
    while (const auto part = co_await session.receive_part()) {
        size += part->bytes.size();
        if (part->last())
            session.send(std::to_string(std::exchange(size, 0)) + " bytes");
    }
}

boost::asio::awaitable<void> use_session(session& session) {
    while (const auto next = session.try_receive())     // all that has arrived
        session.send(*next);

    session.send("saving");
    co_await session.flush();               // the peer gets it before the work begins

    co_await session.shutdown();            // the peer sees the end of the stream
    const auto answer = co_await session.receive();
    if (answer)
        log(to_string(*answer));
    session.send("bye");
    co_await session.close_gracefully();
    session.abort(errc::malformed);
}

boost::asio::awaitable<void> stop_server(server& server) {
    log(to_string(server.statistics()));
    server.stop();
    const drain_result ended = co_await server.drained();
    log(std::to_string(ended.finished));
}

// --- metrics.hpp

[[maybe_unused]] void count_orders(server& server) {
    const counter_metric taken = server.metrics().counter("orders_total", "Orders taken.");
    taken.add();
    std::ofstream{"/var/lib/node_exporter/orders.prom"} << server.metrics_text();
}

// --- topics.hpp
topics rooms{{.counted = {"room"}, .on_presence = [](const presence& event) {
                  if (event.change == presence::kind::joined)
                      log(std::string{event.name} + " joined " + std::string{event.topic});
              }}};

void subscribe_to_topics(topics& prices, peer& from) {
    prices.subscribe(from, "price/EURUSD", {.when_slow = slow_subscriber::keep_latest});
    if (const auto joined = rooms.subscribe(from, "room/1", {.name = "Ann"}); !joined)
        from.send(joined.error().message());
    rooms.publish("room/1", "Ann: hello");
    for (const std::string& each : rooms.names("room/1"))
        from.send(each);
}

[[maybe_unused]] void start_topics() {
    topics rooms;                           // before the server: it outlives the sessions
    server server;
    server.listen("tcp://127.0.0.1:9000", line{}, [&rooms](bytes_view message, peer& from) {
        rooms.subscribe(from, "room/1");
        rooms.publish("room/1", message);
    });

    rooms.count_in(server.metrics());
    rooms.start(server.shards()[0]);
    rooms.publish_here("room/1", "* messages may be missing");
}

// --- splice.hpp, handlers/relay.hpp

boost::asio::awaitable<void> carry_on(session& visitor) {
    const framing bytes = raw{};
    const auto connected = co_await connect(visitor.shard(), "tcp://127.0.0.1:9000", bytes);
    if (connected)
        co_await splice(visitor, **connected);
}

[[maybe_unused]] void relay_to_a_plain_server(server& server, const tls_server_options& certificates) {
    server.listen("tcp://0.0.0.0:80", raw{}, carry_on);
    relay_options how{.announce = proxy_version::v2};
    server.listen("tls://0.0.0.0:443", raw{}, relay("tcp://127.0.0.1:8080", raw{}, how), {.tls = certificates});
}

// --- admin.hpp

[[maybe_unused]] void watch(server& server) {
    server.admin("tcp://127.0.0.1:9901");
    server.admin("unix:///run/echo-admin.sock");
    admin_options guarded;
    guarded.token_file = "/etc/echo/admin-token";
    server.admin("tcp://127.0.0.1:9901", guarded);
}

std::string observe_orders(server& server, const counter_metric& bytes_stored, std::uint64_t file_size) {
    const counter_metric taken = server.metrics().counter("orders_total", "Orders taken.", {{"kind", "new"}});
    const gauge_metric open = server.metrics().gauge("orders_open", "Orders that wait for a courier.");
    const gauge_metric& queue_length = open;
    const histogram_metric waited =
        server.metrics().histogram("order_wait_seconds", "Time from order to courier.", {0.1, 0.5, 1, 5});
    taken.add();
    bytes_stored.add(file_size);
    queue_length.set(0.5);
    waited.observe(0.042);
    const auto begin = clock::now() + 1h;   // so that the time is negative, and counts as 0
    waited.observe(clock::now() - begin);
    return server.metrics_text();
}

void stop_elsewhere(server& server) {
    std::jthread stopper{[&server] { server.stop(); }};
}

boost::asio::awaitable<result<void>> log_in(session& server) {
    server.send("user ann, password secret");
    const auto reply = co_await server.receive();
    if (!reply)
        co_return reply.error();
    if (*reply != "welcome")
        co_return make_error_code(boost::system::errc::permission_denied);
    co_return result<void>{};
}

boost::asio::awaitable<void> use_client(client& backend) {
    const auto ready = co_await backend.connected(5s);
    if (!ready)
        log(ready.error().message());
    const auto sent = co_await backend.send("log this", 2s);
    if (!sent)
        log(sent.error().message());
    if (backend.state() == client_state::backing_off)
        backend.reconnect_now();
    co_await backend.close();
}

void use_options(shard& shard) {
    server small{{.threads = 2, .buffer_budget = 64 * 1024 * 1024}};
    connection_pool pool{shard, "tcp://10.0.0.7:9000", line{}, {.max = 4, .idle_timeout = 10s}};
    connect_options options{.deadline = 2s};
    options.limits.max_write_buffer = 64 * 1024 * 1024;
    options.on_connected = log_in;
    EXPECT_EQ(pool.idle(), 0u);
    EXPECT_EQ(options.deadline, 2s);
}

void use_client_options() {
    client_options options;
    options.max_in_flight = 64;
    options.on_state = [](client_state now, error_code why) { log(std::string{to_string(now)} + " " + why.message()); };
    options.on_state(client_state::closed, errc::closed);
}

std::string use_datagram_options() {
    const udp_client_options options{.multicast_ttl = 4, .multicast_interface = "eth0"};
    return options.multicast_interface;
}

std::chrono::milliseconds use_reconnect_options() {
    const reconnect_options patient{.initial_delay = 1s, .max_delay = 5min};
    return patient.max_delay;
}

// --- servers and clients at fixed addresses: compiled only

[[maybe_unused]] int run_server() {
    server server;                                                    // one thread per core
    server.listen("tcp://0.0.0.0:9000", length_prefixed{}, echo());
    return server.run();                                              // until SIGINT or SIGTERM, then drains
}

[[maybe_unused]] void run_gateway(const session_handler& serve_front) {
    runtime runtime{1};
    client backend{runtime[0], "tcp://10.0.0.7:9000", length_prefixed{}};
    server front{runtime};
    front.listen("tcp://0.0.0.0:8000", line{}, serve_front);
    front.start();
    runtime.run();
}

[[maybe_unused]] void listen_everywhere() {
    server server{{.socket = {.no_delay = true, .user_timeout = 20s}}};
    limits bounds;
    bounds.max_sessions = 1'000;
    bounds.idle_timeout = 5min;
    server.listen("tcp://0.0.0.0:9000", line{}, echo(), {.limits = bounds});
    server.listen("tcp://127.0.0.1:9000", line{}, [count = 0](bytes_view, peer& from) mutable {
        from.send(std::to_string(++count));     // each session counts for itself
    });
    server.listen("tcp://127.0.0.1:9000", line{}, echo("you said: "));      // hi → you said: hi
    server.listen("tcp://127.0.0.1:9000", line{}, concurrent(look_up, 16));
    server.listen("tcp://127.0.0.1:9000", line{}, reply("{message} received"));      // 7 → 7 received
    server.listen("udp://0.0.0.0:9000", echo());
    server.listen("udp://0.0.0.0:9000", echo(), {.max_message = 1'200, .max_reply_ratio = 1});
}

// --- layers/*.hpp, session_adapter.hpp
verdict answer_pings(bytes_view message, peer& from) {
    if (message != "ping")
        return verdict::pass;
    from.send("pong");
    return verdict::drop;
}

boost::asio::awaitable<void> run_queries(session& peer) {
    while (const auto query = co_await peer.receive()) {
        const auto run = [&] { return "rows of " + to_string(*query); };
        peer.send(co_await peer.shard().blocking(run));
    }
}

login_verdict check_token(bytes_view token, session& peer) {
    if (token == "let me in")
        return login_verdict::accepted;
    peer.send("wrong token");
    return login_verdict::wrong;
}

boost::asio::awaitable<login_verdict> ask_database(bytes_view token, session& peer) {
    const auto known = [&] { return token == "let me in"; };           // blocks
    const bool found = co_await peer.shard().blocking(known);
    co_return found ? login_verdict::accepted : login_verdict::wrong;
}

class numbered : public session_adapter {               // numbers the messages that the handler sends
public:
    using session_adapter::session_adapter;
    result<void> send(bytes_view message) override {
        return adapted().send(std::to_string(++sent_) + " " + to_string(message));
    }

private:
    int sent_ = 0;
};

session_handler numbering(handler inner) {
    return [inner = std::move(inner)](session& peer) mutable -> boost::asio::awaitable<void> {
        numbered outgoing{peer};
        co_await inner.serve(outgoing);
    };
}

[[maybe_unused]] void listen_with_layers(server& server) {
    server.listen("tcp://127.0.0.1:9000", line{}, filtered(answer_pings, echo()));
    server.listen("tcp://127.0.0.1:9000", line{}, rate_limited({.messages = 100, .burst = 20}, echo()));
    server.listen("tcp://127.0.0.1:9000", line{}, limited_concurrency(8, run_queries));
    server.listen("tcp://127.0.0.1:9000", line{}, authenticated(check_token, echo(), {.deadline = 5s}));
    server.listen("tcp://127.0.0.1:9000", line{}, authenticated(ask_database, echo()));
}

[[maybe_unused]] void listen_and_count(server& server) {
    const layer_metrics orders{&server.metrics(), "orders"};
    server.listen("tcp://127.0.0.1:9000", line{}, rate_limited({.messages = 100}, echo(), orders));
}

[[maybe_unused]] void listen_and_time(server& server) {
    const histogram_metric times =
        server.metrics().histogram("order_seconds", "Time to handle an order.", {0.001, 0.01, 0.1, 1});
    server.listen("tcp://127.0.0.1:9000", line{}, timed(times, echo()));
}

[[maybe_unused]] void listen_and_log(server& server) {
    logger()->set_level(spdlog::level::debug);          // #include <spdlog/logger.h>
    server.listen("tcp://127.0.0.1:9000", line{}, logged(echo()));
}

[[maybe_unused]] void listen_compressed(server& server) { // where Fairlead is built with zstd
    server.listen("tcp://127.0.0.1:9000", length_prefixed{}, zstd_compressed(echo()));
}

[[maybe_unused]] boost::asio::awaitable<bool> ask_compressed(shard& shard) {
    const framing rules = length_prefixed{};
    const auto connected = co_await connect(shard, "tcp://example.org:9000", rules);
    zstd_session compressed{**connected};
    compressed.send("hello");
    const auto reply = co_await compressed.receive();
    co_return reply.has_value();
}

handler make_patient(session_handler answer_when_free, message_handler answer_if_free) {
    const handler patient{answer_when_free, answer_if_free};
    return patient;
}

TEST(header_examples, of_layers) {
    EXPECT_EQ((testkit::served{line{}, filtered(answer_pings, numbering(echo()))}.take("ping\nhello\n")),
              "pong\n1 hello\n");
    EXPECT_EQ((testkit::served{line{}, authenticated(check_token, echo())}.take("let me in\nhello\n")), "hello\n");
    EXPECT_EQ((testkit::served{line{}, authenticated(check_token, echo())}.take("guess\n")), "wrong token\n");
    EXPECT_NE(make_patient(run_queries, echo()).per_datagram(), nullptr);
}

// --- tls.hpp
std::size_t use_tls_options() {
    const tls_server_options options{.certificates = {{"/etc/echo/chain.pem", "/etc/echo/key.pem"}}};
    return options.certificates.size();
}

std::string use_nats_options() {
    const nats_options options{.credentials_file = "/etc/chat/chat.creds", .ca_file = "/etc/chat/ca.pem"};
    return options.subject_prefix;
}

[[maybe_unused]] bool use_nats() { // where Fairlead is built with it
    const std::shared_ptr<topic_bridge> bridge = nats("nats://127.0.0.1:4222", {.name = "chat"});
    return bridge != nullptr;
}

std::string use_tls_client_options() {
    const tls_client_options options{.ca_file = "/etc/echo/ca.pem", .server_name = "echo.example"};
    return options.server_name;
}

[[maybe_unused]] void listen_over_tls(server& server) {
    const tls_server_options tls{.certificates = {{"/etc/echo/chain.pem", "/etc/echo/key.pem"}}};
    const listen_options options{.limits = limits{.max_sessions = 100}, .tls = tls};
    server.listen("tls://0.0.0.0:9000", length_prefixed{}, echo(), options);
    server.listen("tls://0.0.0.0:9000", length_prefixed{}, echo(), {.tls = tls});
}

[[maybe_unused]] bool is_ann(const session& session) {
    const auto tls = session.tls();
    const bool known = tls && tls->peer_subject == "CN=ann";
    return known;
}

[[maybe_unused]] boost::asio::awaitable<bool> connect_over_tls(shard& shard, framing rules) {
    connect_options options{.tls = {.ca_file = "/etc/echo/ca.pem"}};
    const auto connected = co_await connect(shard, "tls://echo.example:9000", rules, options);
    co_return connected.has_value();
}

// --- server_options.hpp, logging.hpp: operated
[[maybe_unused]] void check_files(const tls_server_options& options) {
    validate(options);                      // before server::reload_certificates
}

[[maybe_unused]] void reload_on_hangup(server_options& options, server*& running) {
    options.on_reload = [&running] {
        running->reload_certificates();
        return std::string{"certificates were read again"};
    };
    set_log_format(log_format::json);
    set_log_level(log_level::debug);        // also the lines of `logged`
    set_status_line("3 sessions, 1.2 GiB");
}

// --- address_range.hpp, proxy.hpp
[[maybe_unused]] bool comes_from_inside(const session& session) {
    const address_range inside = address_range::parse("10.0.0.0/8");
    const bool is_inside = inside.contains(session.remote());
    return is_inside;
}

// --- service_manager.hpp, passed_socket.hpp and what server.hpp does with them
void read_configuration() {}

void use_service_manager() {
    server server{{.notify_service_manager = true}};
    notify_service_manager("STATUS=12 orders wait for the bank");
    notify_reloading();
    read_configuration();
    notify_reloaded();
}

[[maybe_unused]] void use_passed_sockets(server& server) {
    for (passed_socket& each : take_passed_sockets())
        server.adopt("tcp://0.0.0.0:9000", std::move(each));
    server.listen("tcp://0.0.0.0:9000", line{}, echo());
}

[[maybe_unused]] void use_one_passed_socket(server& server) {
    passed_socket web{3, "web"};
    std::vector<passed_socket> passed = take_passed_sockets();
    server.adopt("tcp://0.0.0.0:9000", std::move(passed.at(0)));
    server.listen("tcp://0.0.0.0:9000", line{}, echo());
}

[[maybe_unused]] int use_hand_over(server& server) {
    const auto path = "unix:///run/echo.sock";
    server.take_over(path);                              // false: it is the first
    server.listen("tcp://0.0.0.0:9000", line{}, echo());
    server.hand_over(path);
    return server.run();
}

[[maybe_unused]] void offer_sockets(server& server) {
    server.hand_over("unix:///run/echo.sock");
}

std::size_t use_proxy_server_options() {
    const proxy_server_options options{.trusted = {address_range::parse("10.0.0.0/8")}};
    return options.trusted.size();
}

[[maybe_unused]] connect_options use_proxy_client_options(const session& session) {
    connect_options options;
    options.proxy = proxy_client_options{.source = session.remote(), .destination = session.local()};
    return options;
}

[[maybe_unused]] bool came_over_tls(const session& session) {
    const auto announced = session.proxy();
    const bool over_tls = announced && announced->tls.has_value();
    return over_tls;
}

[[maybe_unused]] void change_listeners(server& server, const endpoint& at) {
    const endpoint extra = server.listen("tcp://127.0.0.1:0", line{}, echo());
    server.unlisten(extra);                                 // its sessions continue
    if (auto bounds = server.limits(at)) {
        bounds->max_sessions = 100;
        server.set_limits(at, *bounds);
    }
    server.unlisten(at);                    // `at`: returned by listen
    server.set_proxies(at, {.trusted = {address_range::parse("10.0.0.0/8")}});
}

[[maybe_unused]] void change_websocket(server& server, handler chat) {
    endpoint at = server.listen("ws://0.0.0.0:8080/chat", websocket{}, chat);
    at = server.change(at, "ws://0.0.0.0:8080/rooms", websocket{}, chat, {});
    for (const std::string& each : server.urls(at))
        log(each);                          // ws://127.0.0.1:8080/rooms
}

[[maybe_unused]] void renew_certificates(server& server, const endpoint& at) {
    const auto tell_operator = [](const char*) {};
    try {
        server.reload_certificates();
    } catch (const std::invalid_argument& refused) {
        tell_operator(refused.what());      // "tls://0.0.0.0:9000 keeps its certificates: the TLS file …"
    }
    server.reload_certificates(at);
}

[[maybe_unused]] void push(server& server, const endpoint& at, const endpoint& address) {
    const udp_sender out = server.sender(at);                       // `at`: returned by listen
    const peer_handle subscriber = out.known_peer(address);
    subscriber.send("news");
}

[[maybe_unused]] void push_once(server& server, const endpoint& at, const endpoint& address) {
    const udp_sender out = server.sender(at);
    out.known_peer(address).send("news");
}

#ifdef FAIRLEAD_FILES
boost::asio::awaitable<void> receive(session& session, const std::map<std::string, file_receiver, std::less<>>& users) {
    const auto token = co_await session.receive();
    const auto user = token ? users.find(token->text()) : users.end();
    if (user != users.end())
        co_await user->second(session);         // also of what came right behind the token
    else
        file_receiver::refuse(session, "unknown token");
}

[[maybe_unused]] void receive_files(server& server) {
    server.listen("tcp://[::]:9000", length_prefixed{}, file_receiver{{.directory = "/srv/incoming"}});
    server.listen("tcp://[::]:9000", raw{}, plain_file_receiver{{.directory = "/srv/incoming"}});
    static const std::map<std::string, file_receiver, std::less<>> users;
    server.listen("tcp://[::]:9001", length_prefixed{}, [](session& session) { return receive(session, users); });
}

file_receiver_options use_hook_of_files() {
    file_receiver_options options;
    options.on_received = [](const received_file& file) -> std::optional<std::string> {
        std::ifstream bytes{file.path, std::ios::binary};
        if (bytes.get() == 'M' && bytes.get() == 'Z')
            return "programs are not accepted";
        return std::nullopt;
    };
    return options;
}

std::string use_file_options() {
    const file_receiver_options options{.directory = "/srv/incoming", .max_file_size = 1 << 30};
    return options.directory;
}

unsigned use_sending_options() {
    const send_files_options patient{.retries = 20, .reply_timeout = 10min};
    return patient.retries;
}

[[maybe_unused]] boost::asio::awaitable<void> send_two_files(shard& shard) {
    const std::vector<file_to_send> files{{.path = "a.iso"}, {.path = "b.iso"}};
    const send_files_options options;
    const auto outcome = co_await send_files(shard, "tcp://10.0.0.7:9000", files, options);
    for (const sent_file& file : outcome)
        std::cout << file.path << (file.stored ? " stored" : " failed: " + file.why) << '\n';
}
#endif

[[maybe_unused]] boost::asio::awaitable<void> connect_once(shard& shard) {
    const framing rules = line{};       // named first: GCC 12 translates braces beside co_await wrongly
    const auto connected = co_await connect(shard, "tcp://example.org:9000", rules);
    if (!connected)
        throw std::runtime_error{describe(url::parse("tcp://example.org:9000"), connected.error())};
    (*connected)->send("hello");
    co_await (*connected)->close_gracefully();
}

[[maybe_unused]] boost::asio::awaitable<void> ask_backend(session& session) {
    client backend{session.shard(), "tcp://10.0.0.7:9000", length_prefixed{}};
    const auto reply = co_await backend.request("get 7", 2s);
}

[[maybe_unused]] boost::asio::awaitable<void> borrow(connection_pool& pool) {
    if (auto connection = co_await pool.acquire(2s)) {
        (*connection)->send("get 7");
        const auto reply = co_await (*connection)->receive(2s);
        if (!reply)
            connection->discard();
    }
}

[[maybe_unused]] boost::asio::awaitable<void> ping(shard& shard) {
    const auto server = co_await udp_client::connect(shard, "udp://example.org:9000");
    if (server) {
        (*server)->send("ping");
        const auto reply = co_await (*server)->receive(200ms);
        if (reply)
            std::cout << reply->text() << '\n';
    }
}

boost::asio::awaitable<void> program(shard& shard) {
    co_await shard.sleep_for(1ms);
}

boost::asio::awaitable<int> ask(shard& shard) {
    co_await shard.sleep_for(1ms);
    co_return 7;
}

// --- run

std::string conversation(const handler& with, std::string_view input) {
    shard shard;
    auto [near, far] = testkit::make_memory_stream(shard);
    auto session = session::create(shard, std::move(near), line{});
    far.send(input);
    far.end();
    handler own = with;
    test::start(shard, own.serve(*session));
    test::run_ready(shard);
    return far.received();
}

} // namespace

TEST(examples_of_headers, show_bytes) {
    const bytes_view message{"GET key"};
    const std::string_view verb = message.first(3).text();      // "GET"
    const std::string_view key = message.from(4).text();        // "key"
    EXPECT_EQ(verb, "GET");
    EXPECT_EQ(key, "key");
    const std::string line = escape("a\x01\n");      // seven characters: a\x01\n
    EXPECT_EQ(line, R"(a\x01\n)");
    byte_buffer output;
    output.push_back(2);     // the size of the message
    output.append("hi");
    EXPECT_EQ(output.data(), "\2hi");
    const auto room = output.prepare(4);
    output.commit(encode(room));            // bytes written
    EXPECT_EQ(output.data(), "\2hix");
    const std::string upper = to_upper("grüße 7");      // GRüßE 7
    EXPECT_EQ(upper, "GRüßE 7");
}

TEST(examples_of_headers, show_addresses) {
    const std::string host = url::parse("tcp://[::1]:9000").host;      // ::1
    EXPECT_EQ(host, "::1");

    const endpoint local = endpoint::parse("tcp://127.0.0.1:9000");
    EXPECT_EQ(local.port(), 9000);

    server server;
    const endpoint at = server.listen("tcp://127.0.0.1:0", line{}, echo());
    std::cout << at.to_string();            // tcp://127.0.0.1:40231
    EXPECT_TRUE(at.to_string().starts_with("tcp://127.0.0.1:"));
}

#ifdef FAIRLEAD_FILES
TEST(examples_of_headers, show_names_of_files) {
    const std::string_view name = local_name("dir/old\\config.txt");      // old\config.txt
    EXPECT_EQ(name, R"(old\config.txt)");
}
#endif

TEST(examples_of_headers, show_ends_of_sessions) {
    shard shard;
    auto [near, far] = testkit::make_memory_stream(shard);
    auto session = session::create(shard, std::move(near), line{});
    test::start(shard, use_session(*session));
    test::run_ready(shard);
    EXPECT_EQ(far.received(), "saving\n") << "after a shutdown nothing more is sent";
    EXPECT_TRUE(far.ended());
    far.end();
    test::run_ready(shard);
    EXPECT_TRUE(session->close_reason());
}

TEST(examples_of_headers, show_messages_in_parts) {
    shard shard;
    auto [near, far] = testkit::make_memory_stream(shard);
    auto session = session::create(shard, std::move(near), varint_prefixed{});
    test::start(shard, use_parts(*session));
    far.send("\3ab");
    far.send("c");
    far.end();
    test::run_ready(shard);
    EXPECT_EQ(far.received(), "\12helloworld\7" "3 bytes");
}

TEST(examples_of_headers, show_stops) {
    runtime runtime{1};
    server server{runtime};
    server.listen("tcp://127.0.0.1:0", line{}, echo());
    server.start();
    noted.clear();
    runtime.run(stop_server(server));
    EXPECT_EQ(noted.back(), "0");
    stop_elsewhere(server);
}

TEST(examples_of_headers, show_clients_and_options) {
    runtime runtime{1};
    server server{runtime};
    const endpoint at = server.listen("tcp://127.0.0.1:0", line{}, [](bytes_view, peer&) {});
    server.start();
    client backend{runtime[0], at.to_string(), line{}};
    noted.clear();
    runtime.run(use_client(backend));
    EXPECT_TRUE(noted.empty());
    EXPECT_EQ(backend.state(), client_state::closed);

    use_options(runtime[0]);
    use_service_manager();
    use_client_options();
    EXPECT_EQ(use_datagram_options(), "eth0");
    EXPECT_EQ(use_reconnect_options(), 5min);
    EXPECT_EQ(use_tls_options(), 1u);
    EXPECT_EQ(use_tls_client_options(), "echo.example");
    EXPECT_EQ(use_nats_options(), "fairlead.");
    EXPECT_EQ(use_proxy_server_options(), 1u);
#ifdef FAIRLEAD_FILES
    EXPECT_EQ(use_file_options(), "/srv/incoming");
    EXPECT_TRUE(use_hook_of_files().on_received);
    EXPECT_EQ(use_sending_options(), 20u);
#endif
}

TEST(examples_of_headers, show_work_on_other_shards) {
    runtime two{2};
    std::size_t found = 0;
    two.run(count_members(two[1], {1, 2, 3}, found));
    EXPECT_EQ(found, 3u);

    server server{two};
    noted.clear();
    log_shards(server);
    EXPECT_EQ(noted, (std::vector<std::string>{"0", "1"}));
    int reloaded = 0;
    two.run(reload_all(server, reloaded));
    EXPECT_EQ(reloaded, 2);

    sharded<visits> all;
    visits sum;
    std::size_t names = 0;
    all.local(two[0]) = {{"Ann", 1}, {"Bob", 2}};
    all.local(two[1]) = {{"Ann", 3}};
    two.run(sum_visits(all, sum, names));
    EXPECT_EQ(sum, (visits{{"Ann", 4}, {"Bob", 2}}));
    EXPECT_EQ(names, 3u);
    EXPECT_EQ(make_backends(two[0]), 1u);
}

TEST(examples_of_headers, show_work_in_the_background) {
    EXPECT_EQ(run_with_background_work(), 0);
    sharded<visits> all;
    EXPECT_EQ(conversation([&all](session& visitor) { return count_visits(visitor, all); }, "Ann\nAnn\n"), "1\n2\n");
    shard shard;
    test::start(shard, send_ticks(shard, {}));
    test::run_ready(shard);
}

TEST(examples_of_headers, show_framings) {
    testkit::verify_framing(length_prefixed{{.width = 2, .max_message = 100}})
        .bytes("\0\3abc\0\0"sv).gives({"abc", ""})
        .bytes("\0\3ab"sv).ends_with(errc::truncated)
        .bytes("\xFF\xFF"sv).fails_with(errc::message_too_large)
        .check();
    testkit::verify_framing(single_bytes{}).bytes("ab").gives({"a", "b"}).check();

    framing rules = line{};
    rules = length_prefixed{{.width = 2}};
    rules = "length:2";                         // the same by its text form
    EXPECT_EQ(rules.to_string(), "length:2");

    client_options options;
    options.id_of = [](bytes_view message) { return to_string(message.first(4)); };
    EXPECT_EQ(options.id_of("0007get"), "0007");
}

TEST(examples_of_headers, show_handlers) {
    EXPECT_EQ(conversation(serve, "Ann\nBob\n"), "hello Ann\nhello Bob\n");
    EXPECT_EQ(conversation(pong, "ping\n"), "pong\n");
    EXPECT_EQ(conversation(change, "abc\n"), "ABC\n");
    EXPECT_EQ(conversation(shout, "ahoy\n"), "AHOY\n");
    EXPECT_EQ(conversation([](bytes_view, peer& from) { greet(from); }, "x\n"), "hello\n");
    EXPECT_EQ(conversation(send_from_elsewhere_once, "x\n"), "from another thread\n");
}

TEST(examples_of_headers, show_tests_of_handlers) {
    testkit::served shouter{line{}, uppercase()};
    EXPECT_EQ(shouter.take("ahoy\nwho is"), "AHOY\n");          // bytes, divided as TCP may divide them
    EXPECT_EQ(shouter.replies(" there"), std::vector<std::string>{"WHO IS THERE"});

    testkit::served watched{line{}, echo(), {.idle_timeout = 5s}};
    watched.take("hello\n");
    watched.advance(6s);
    EXPECT_EQ(watched.close_reason().code, errc::idle_timeout);

    testkit::served slow{line{}, echo()};
    slow.take("hello\n");
    EXPECT_TRUE(slow.run_until([&] { return !slow.peer().received().empty(); }));
}

TEST(examples_of_headers, show_sessions) {
    shard shard;
    auto [near, far] = testkit::make_memory_stream(shard);
    auto session = session::create(shard, std::move(near), line{});
    far.send("hello\n");
    std::string seen;
    test::start(shard, receive_one(*session, seen));
    test::run_ready(shard);
    EXPECT_EQ(seen, "hello");

    session->abort(errc::idle_timeout);
    noted.clear();
    log_the_end(*session);
    EXPECT_EQ(noted, std::vector{make_error_code(errc::idle_timeout).message()});

    int found = 0;
    test::start(shard, look_up_user(*session, {}, "Ann", found));
    test::run_until(shard, [&found] { return found != 0; });
    EXPECT_EQ(found, 3);
}

TEST(examples_of_headers, show_handlers_that_only_send) {
    shard shard;
    auto [near, far] = testkit::make_memory_stream(shard);
    auto session = session::create(shard, std::move(near), line{});
    test::start(shard, tick_until_the_peer_leaves(*session));
    test::run_ready(shard);
    EXPECT_EQ(far.received(), "tick\n");
    const auto body = [&session](task_group& tasks) { return start_ticks(tasks, *session); };
    test::start(shard, with_tasks(1, body));
    test::start(shard, admit(*session));
    test::run_ready(shard);
    EXPECT_EQ(far.received(), "tick\ntick\n");
    noted.clear();
    break_off(*session);
    test::run_ready(shard);
    test::start(shard, watch(*session));
    test::run_ready(shard);
    EXPECT_EQ(noted, std::vector{make_error_code(errc::malformed).message()});
}

TEST(examples_of_headers, show_concurrent_requests) {
    testkit::served own{line{}, concurrent(look_up, 16)};
    EXPECT_EQ(own.take("Ann\nBob\n"), "");
    own.advance(50ms);
    EXPECT_EQ(own.take(), "the address of Ann\nthe address of Bob\n");
}

TEST(examples_of_headers, show_metrics) {
    std::ostringstream shown;
    auto* const before = std::cout.rdbuf(shown.rdbuf());
    metrics own;
    const counter_metric taken = own.counter("orders_total", "Orders taken.");
    taken.add();
    std::cout << own.text();                // … orders_total 1
    std::cout.rdbuf(before);
    EXPECT_NE(shown.str().find("orders_total 1"), std::string::npos);

    server server{{.threads = 1}};
    const std::string text = observe_orders(server, own.counter("stored_bytes_total", "Bytes stored."), 7);
    EXPECT_NE(text.find("orders_total{kind=\"new\"} 1"), std::string::npos);
    EXPECT_NE(text.find("orders_open 0.5"), std::string::npos);
    EXPECT_NE(text.find("order_wait_seconds_sum 0.042"), std::string::npos);
}

TEST(examples_of_headers, show_codes_of_websockets) {
    shard shard;
    auto peer = session::create(shard, testkit::make_memory_stream(shard).near, line{});
    peer->abort(websocket_close::message_too_large);
    noted.clear();
    note_close(*peer);
    EXPECT_EQ(noted, std::vector{"send less in one message"s});
}

TEST(examples_of_headers, show_topics) {
    noted.clear();
    shard home;
    auto [near, far] = testkit::make_memory_stream(home);
    auto session = session::create(home, std::move(near), line{});
    {
        topics prices;
        subscribe_to_topics(prices, *session);
        EXPECT_EQ(prices.subscribers("price/EURUSD"), 1U);
        prices.unsubscribe(*session, "price/EURUSD");
    }
    home.poll();
    EXPECT_EQ(noted, std::vector<std::string>{"Ann joined room/1"});
    EXPECT_EQ(far.received(), "Ann\nAnn: hello\n");
    session->close();
}

TEST(examples_of_headers, show_runtimes) {
    runtime runtime{1};
    runtime.run(program(runtime[0]));        // boost::asio::awaitable<void> program(shard& shard)

    std::jthread serving{[&] { runtime.run(); }};
    std::future<int> reply = boost::asio::co_spawn(runtime[0].get_executor(), ask(runtime[0]), boost::asio::use_future);
    EXPECT_EQ(reply.get(), 7);
    runtime.stop();
}

TEST(examples_of_headers, show_waits) {
    shard shard;
    noted.clear();
    test::start(shard, use_shard(shard));
    event changed;
    bool ready = false;
    test::start(shard, wait_until(ready, changed));
    int tries = 0;
    test::start(shard, reconnect(shard, 1, [&tries]() -> boost::asio::awaitable<bool> { co_return ++tries == 2; }));
    boost::asio::post(shard.get_executor(), [&] { make_ready(ready, changed); });
    test::run_to_end(shard);
    EXPECT_EQ(noted, std::vector{"on the thread of the shard"s});
    EXPECT_EQ(tries, 2);
}

} // namespace fairlead::docs
