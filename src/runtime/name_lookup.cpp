#include "runtime/name_lookup.hpp"

#include "core/cancellation.hpp"
#include "net/resolve.hpp"
#include "runtime/mailbox.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <netdb.h>
#include <utility>
#include <vector>

namespace fairlead {

boost::asio::awaitable<resolver::addresses> name_lookup::run(resolver& names, const url& url, ticks give_up) {
    ask(names, url);
    while (!found_ && shard_.now() < give_up) {
        if (give_up != never)
            shard_.arm(*this, give_up);
        co_await changed_.wait();
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (is_cancelled(state))
            co_return error_code{boost::asio::error::operation_aborted};
    }
    if (!found_)
        co_return errc::connect_timeout;
    if (*found_ && (*found_)->empty())
        co_return error_code(EAI_NODATA, resolver_category());
    co_return std::move(*found_);
}

// The answer arrives through the mailbox, which may outlive the shard. `asker` is locked on the
// thread of the shard only.
void name_lookup::ask(resolver& names, const url& url) {
    if (const auto literal = resolve_literal(url)) {
        found_ = std::vector{*literal};
        return;
    }
    const std::weak_ptr<name_lookup* const> asker = alive_;
    const auto asked = names.ask(url, asker, [asker, shard = shard_.inbox()](resolver::addresses found) {
        shard->post([asker, found = std::move(found)] {
            const auto alive = asker.lock();
            if (!alive)
                return;
            name_lookup& self = **alive;
            self.found_ = found;
            self.changed_.notify();
        });
    });
    if (!asked)
        found_ = asked.error();
}

} // namespace fairlead
