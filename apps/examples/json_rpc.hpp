#pragma once

#include <fairlead/handlers/concurrent.hpp>
#include <fairlead/session.hpp>

#include <boost/asio/awaitable.hpp>

#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>

/// JSON-RPC 2.0 (https://www.jsonrpc.org/specification): the text of a request in, the text of the reply out.
namespace json_rpc {

using json = nlohmann::json;

/// Thrown for an unknown method. For wrong parameters, throw an exception of nlohmann::json.
struct no_such_method {};

/// Runs a method with its parameters, an array or an object.
using method_call =
    std::function<boost::asio::awaitable<json>(std::string method, json params, fairlead::session& peer)>;

inline json error(int code, const char* message, json id = nullptr) {
    return {{"jsonrpc", "2.0"}, {"error", {{"code", code}, {"message", message}}}, {"id", std::move(id)}};
}

inline bool is_request(const json& request) {
    if (!request.is_object() || request.value("jsonrpc", json()) != "2.0" ||
        !request.value("method", json()).is_string())
        return false;
    const json id = request.value("id", json()), params = request.value("params", json::array());
    return (id.is_string() || id.is_number() || id.is_null()) && params.is_structured();
}

/// Null for a notification, which has no id.
inline boost::asio::awaitable<json> answer_one(json request, fairlead::session& peer, const method_call& call) {
    if (!is_request(request))
        co_return error(-32600, "Invalid Request");
    const json id = request.value("id", json());
    json reply;
    try {
        json result = co_await call(request["method"], request.value("params", json::array()), peer);
        reply = {{"jsonrpc", "2.0"}, {"result", std::move(result)}, {"id", id}};
    } catch (const no_such_method&) {
        reply = error(-32601, "Method not found", id);
    } catch (const json::exception&) {
        reply = error(-32602, "Invalid params", id);
    }
    co_return request.contains("id") ? reply : json();
}

/// Nullopt where no reply is due.
inline boost::asio::awaitable<std::optional<std::string>> answer(std::string text, fairlead::session& peer,
                                                                 const method_call& call) {
    const json request = json::parse(text, nullptr, false);
    json reply;
    if (request.is_discarded()) {
        reply = error(-32700, "Parse error");
    } else if (request.is_array() && !request.empty()) { // a batch
        for (const json& each : request) {
            const json one = co_await answer_one(each, peer, call);
            if (!one.is_null())
                reply.push_back(one);
        }
    } else {
        reply = co_await answer_one(request, peer, call);
    }
    if (reply.is_null())
        co_return std::nullopt;
    co_return reply.dump();
}

/// Returns a handler that answers requests by `call`, for `fairlead::concurrent`.
inline fairlead::optional_reply_handler answer_by(method_call call) {
    return [call = std::move(call)](std::string text, fairlead::session& peer) {
        return answer(std::move(text), peer, call);
    };
}

} // namespace json_rpc
