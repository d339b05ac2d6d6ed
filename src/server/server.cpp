#include <fairlead/server.hpp>

#include "server/listen_checks.hpp"
#include "server/server_core.hpp"
#include "server/server_host.hpp"

#include <utility>

namespace fairlead {

namespace {

template <class MakeHost>
std::shared_ptr<server_core> make_core(server_options options, MakeHost make_host) {
    options = checked(std::move(options));
    server_host host = make_host(options);
    return server_core::make(std::move(options), std::move(host));
}

} // namespace

server::server(server_options options) : core_{make_core(std::move(options), &server_host::make)} {}

server::server(runtime& shared, server_options options)
    : core_{make_core(std::move(options),
                      [&shared](const server_options& given) { return server_host::share(shared, given); })} {}

server::server(boost::asio::io_context& program, server_options options)
    : core_{make_core(std::move(options),
                      [&program](const server_options& given) { return server_host::lay(program, given); })} {}

server::~server() {
    core_->close();
}

endpoint server::listen(std::string_view url, framing rules, handler serve) {
    return listen(url, std::move(rules), std::move(serve), listen_options{});
}

endpoint server::listen(std::string_view url, framing rules, handler serve, const listen_options& options) {
    return core_->listen(url, std::move(rules), std::move(serve), options);
}

endpoint server::listen(std::string_view url, handler serve, const udp_options& how) {
    return listen(url, std::move(serve), how, core_->default_limits());
}

endpoint server::listen(std::string_view url, handler serve, const udp_options& how, const fairlead::limits& bounds) {
    return core_->listen(url, std::move(serve), how, bounds);
}

void server::adopt(std::string_view url, passed_socket&& socket) {
    core_->adopt(url, std::move(socket));
}

bool server::take_over(std::string_view from) {
    return core_->take_over(from);
}

void server::hand_over(std::string_view at) {
    core_->hand_over(at);
}

endpoint server::change(const endpoint& at, std::string_view url, framing rules, handler serve,
                        const listen_options& options) {
    return core_->change(at, url, std::move(rules), std::move(serve), options);
}

std::vector<std::string> server::urls(const endpoint& at) const {
    return core_->urls(at);
}

bool server::unlisten(const endpoint& at) {
    return core_->unlisten(at);
}

std::optional<fairlead::limits> server::limits(const endpoint& at) const {
    return core_->limits_of(at);
}

bool server::set_limits(const endpoint& at, const fairlead::limits& bounds) {
    return core_->set_limits(at, bounds);
}

bool server::set_proxies(const endpoint& at, const proxy_server_options& proxies) {
    return core_->set_proxies(at, proxies);
}

void server::reload_certificates() {
    core_->reload_certificates();
}

bool server::reload_certificates(const endpoint& at) {
    return core_->reload_certificates(at);
}

udp_sender server::sender(const endpoint& at) const {
    return core_->sender(at);
}

int server::run() {
    return core_->run();
}

void server::start() {
    core_->start();
}

void server::stop() {
    core_->stop();
}

boost::asio::awaitable<drain_result> server::drained() {
    return core_->drained();
}

shard_range server::shards() noexcept {
    return core_->shards();
}

statistics server::statistics() const {
    return core_->statistics();
}

metrics& server::metrics() noexcept {
    return core_->metrics();
}

std::string server::metrics_text(metrics_format format) const {
    return core_->metrics_text(format);
}

endpoint server::admin(std::string_view url, const admin_options& options) {
    return core_->admin(url, options);
}

} // namespace fairlead
