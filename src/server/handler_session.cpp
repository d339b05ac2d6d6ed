#include "server/handler_session.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <memory>
#include <optional>

namespace fairlead {

/// The completion handler of the coroutine. It names the type of its executor, so the copy that Asio keeps
/// with each coroutine is small.
struct session_group::handler_session::at_end {
    using executor_type = shard_executor;
    executor_type get_executor() const noexcept { return of->executor(); }
    void operator()(const std::exception_ptr& thrown) const noexcept { finish(of->self_, of->serve_, thrown); }
    std::unique_ptr<handler_session> of;
};

void session_group::handler_session::begin(member&& self, handler&& serve) {
    auto made = std::make_unique<handler_session>(std::move(self), std::move(serve));
    std::optional<boost::asio::awaitable<void>> work;
    try {
        work.emplace(made->serve_.serve(made->self_.peer()));
    } catch (...) {
        return finish(made->self_, made->serve_, std::current_exception());
    }
    const shard_executor executor = made->executor();
    boost::asio::co_spawn(executor, std::move(*work), at_end{std::move(made)});
}

} // namespace fairlead
