#pragma once

#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>
#include <fairlead/url.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace fairlead {

/// Looks names up on threads of its own: getaddrinfo(3) blocks, for many seconds if no name server answers.
///
/// The threads, at most eight, are started when they are needed and stay. Neither the end of a resolver nor the
/// end of the process waits for them.
///
/// Thread safety: any thread.
class resolver {
public:
    using addresses = result<std::vector<endpoint>>;
    using look_up = std::function<addresses(const url&)>;
    using answer = std::function<void(addresses)>;

    /// Returns the resolver that the whole process shares. It asks the system.
    static resolver& of_process();

    /// `how` is called on several threads at once.
    explicit resolver(look_up how);
    resolver(const resolver&) = delete;
    resolver& operator=(const resolver&) = delete;
    ~resolver();

    /// Calls `tell` on a thread of the resolver with the addresses of the URL. If `asker` has expired when its
    /// turn comes, there is neither a look-up nor a call. If it expires during the look-up, `tell` is called
    /// all the same.
    ///
    /// Errors, after which `tell` is not called: `errc::refused_by_limit` if 4096 others wait; the error of the
    /// system if no thread can be started.
    result<void> ask(const url& url, std::weak_ptr<const void> asker, answer tell);

private:
    class desk;
    std::shared_ptr<desk> desk_; // shared with the threads
};

} // namespace fairlead
