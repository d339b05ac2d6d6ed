#pragma once

#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>

#include <type_traits>
#include <utility>

namespace fairlead {

class shard;

void note_posted_by_itself(
    shard& home) noexcept;                ///< has the shard look at its io_context. Thread safety: its own thread
void let_asio_wait(shard& home) noexcept; ///< from now on. Thread safety: any thread

/// From before another thread posts until it has woken the shard, which is not gone before: what was posted may have ended
/// it already.
class post_from_elsewhere {
public:
    explicit post_from_elsewhere(shard& home) noexcept;
    post_from_elsewhere(const post_from_elsewhere&) = delete;
    post_from_elsewhere& operator=(const post_from_elsewhere&) = delete;
    ~post_from_elsewhere();

private:
    shard& shard_;
};

/// Runs work on a shard: the executor of its io_context, which also wakes the shard where that waits by itself.
///
/// A shard waits for its own sockets by itself, at one system call a turn. A timer or socket of Asio's that is made with
/// this executor asks it for the io_context, and from then on Asio waits for all of them, at two calls more a turn.
///
/// Thread safety: any thread. Lifetime: the shard outlives it.
template <class Inner>
class basic_shard_executor {
public:
    basic_shard_executor(shard& home, Inner inner) noexcept : shard_{&home}, inner_{std::move(inner)} {}

    template <class Function>
    void execute(Function&& work) const;

    bool running_in_this_thread() const noexcept { return inner_.running_in_this_thread(); }

    /// What Asio asks of an executor, see its customisation points `query`, `require` and `prefer`.
    template <class Property>
    requires boost::asio::can_query<const Inner&, Property>::value decltype(auto) query(const Property& what) const;

    template <class Property>
    requires boost::asio::can_require<const Inner&, Property>::value auto require(const Property& what) const {
        return with(boost::asio::require(inner_, what));
    }

    template <class Property>
    requires boost::asio::can_prefer<const Inner&, Property>::value auto prefer(const Property& what) const {
        return with(boost::asio::prefer(inner_, what));
    }

    friend bool operator==(const basic_shard_executor& one, const basic_shard_executor& other) noexcept {
        return one.inner_ == other.inner_;
    }

private:
    template <class Other>
    basic_shard_executor<Other> with(Other inner) const noexcept {
        return {*shard_, std::move(inner)};
    }

    shard* shard_;
    Inner inner_;
};

using shard_executor = basic_shard_executor<boost::asio::io_context::executor_type>;

template <class Inner>
template <class Function>
void basic_shard_executor<Inner>::execute(Function&& work) const {
    if (!inner_.running_in_this_thread()) {
        const post_from_elsewhere wakes{*shard_};
        return inner_.execute(std::forward<Function>(work));
    }
    inner_.execute(std::forward<Function>(work));
    if (boost::asio::query(inner_, boost::asio::execution::blocking) == boost::asio::execution::blocking.never)
        note_posted_by_itself(*shard_);
}

template <class Inner>
template <class Property>
requires boost::asio::can_query<const Inner&, Property>::value decltype(auto)
basic_shard_executor<Inner>::query(const Property& what) const {
    if constexpr (std::is_convertible_v<decltype(boost::asio::query(inner_, what)), boost::asio::execution_context&>)
        let_asio_wait(*shard_);
    return boost::asio::query(inner_, what);
}

} // namespace fairlead
