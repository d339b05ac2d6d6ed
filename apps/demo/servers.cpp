#include "servers.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/reply.hpp>
#include <fairlead/handlers/uppercase.hpp>

#include <boost/system/errc.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace demo {

void witness::saw(fairlead::bytes_view message) {
    const std::lock_guard lock{mutex_};
    messages_.push_back(to_string(message));
}

std::vector<std::string> witness::take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(messages_, {});
}

servers::servers()
    : echo_{listen(9000, fairlead::length_prefixed{}, fairlead::echo())}, uppercase_{listen(9001, fairlead::line{},
                                                                                            fairlead::uppercase())},
      reply_{listen(9002, fairlead::raw{}, fairlead::reply("{message} 收到"))} {}

fairlead::endpoint servers::listen(std::uint16_t port, const fairlead::framing& rules,
                                   fairlead::message_handler answer) {
    const auto answer_and_tell = [this, answer = std::move(answer)](fairlead::bytes_view message,
                                                                    fairlead::peer& from) {
        seen_.saw(message);
        answer(message, from);
    };
    try {
        return server_.listen("tcp://127.0.0.1:" + std::to_string(port), rules, answer_and_tell);
    } catch (const boost::system::system_error& failed) {
        if (failed.code() != boost::system::errc::address_in_use)
            throw;
        return server_.listen("tcp://127.0.0.1:0", rules, answer_and_tell);
    }
}

} // namespace demo
