#pragma once

#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>
#include <fairlead/url.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace fairlead {

/// Looks names up on threads of its own, for getaddrinfo(3) blocks, and for many seconds when no name server answers.
///
/// The threads, eight at most, are made when they are needed and stay. Nobody waits for them: neither the end of a
/// resolver nor that of the process.
///
/// Thread safety: any thread.
class resolver {
public:
    using addresses = result<std::vector<endpoint>>;
    using look_up = std::function<addresses(const url&)>;
    using answer = std::function<void(addresses)>;

    /// The one that everybody shares; it asks the system.
    static resolver& of_process();

    /// `how` is called on several threads at once.
    explicit resolver(look_up how);
    resolver(const resolver&) = delete;
    resolver& operator=(const resolver&) = delete;
    ~resolver();

    /// Has `tell` called on a thread of the resolver with what the URL stands for. When `asker` is gone by the time its
    /// turn comes, nothing is looked up and nobody told; `tell` itself must bear that it goes during the look-up.
    ///
    /// Errors: nobody will be told: `errc::refused_by_limit` when 4096 others wait, what the system says when there is no
    /// thread.
    result<void> ask(const url& url, std::weak_ptr<const void> asker, answer tell);

private:
    class desk;
    std::shared_ptr<desk> desk_; // shared with the threads
};

} // namespace fairlead
