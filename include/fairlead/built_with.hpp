#pragma once

/// Makes a program fail to link if the library was built with another version of Boost, other macros of Asio or other compiler
/// switches than the program. Such a program would fail at run time without an error.
///
///     undefined reference to `fairlead::built_with::without_rtti'      // the program has no RTTI; the library has
///
/// Build both in the same way. Every public header includes this one.

#include <fairlead/api.hpp>

#include <boost/version.hpp>

#define FAIRLEAD_JOIN_AGAIN(first, second) first##second
#define FAIRLEAD_JOIN(first, second) FAIRLEAD_JOIN_AGAIN(first, second)

#define FAIRLEAD_BUILT_WITH_BOOST FAIRLEAD_JOIN(boost_, BOOST_VERSION)

#ifdef __cpp_rtti
#define FAIRLEAD_BUILT_WITH_RTTI with_rtti
#else
#define FAIRLEAD_BUILT_WITH_RTTI without_rtti
#endif

#ifdef _GLIBCXX_DEBUG
#define FAIRLEAD_BUILT_WITH_GLIBCXX_DEBUG with_GLIBCXX_DEBUG
#else
#define FAIRLEAD_BUILT_WITH_GLIBCXX_DEBUG without_GLIBCXX_DEBUG
#endif

#ifdef BOOST_ASIO_DISABLE_EPOLL
#define FAIRLEAD_BUILT_WITH_EPOLL without_epoll_in_BOOST_ASIO
#else
#define FAIRLEAD_BUILT_WITH_EPOLL with_epoll_in_BOOST_ASIO
#endif

#if defined(BOOST_ASIO_DISABLE_THREADS) || defined(BOOST_ASIO_DISABLE_PTHREADS)
#define FAIRLEAD_BUILT_WITH_THREADS without_threads_in_BOOST_ASIO
#else
#define FAIRLEAD_BUILT_WITH_THREADS with_threads_in_BOOST_ASIO
#endif

#if defined(BOOST_ASIO_ENABLE_HANDLER_TRACKING) || defined(BOOST_ASIO_CUSTOM_HANDLER_TRACKING)
#define FAIRLEAD_BUILT_WITH_TRACKING with_BOOST_ASIO_ENABLE_HANDLER_TRACKING
#else
#define FAIRLEAD_BUILT_WITH_TRACKING without_BOOST_ASIO_ENABLE_HANDLER_TRACKING
#endif

#ifdef BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT
#define FAIRLEAD_BUILT_WITH_EXECUTORS with_BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT
#else
#define FAIRLEAD_BUILT_WITH_EXECUTORS without_BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT
#endif

namespace FAIRLEAD_API fairlead {
namespace built_with {

extern const char FAIRLEAD_BUILT_WITH_BOOST;
extern const char FAIRLEAD_BUILT_WITH_RTTI;
extern const char FAIRLEAD_BUILT_WITH_GLIBCXX_DEBUG;
extern const char FAIRLEAD_BUILT_WITH_EPOLL;
extern const char FAIRLEAD_BUILT_WITH_THREADS;
extern const char FAIRLEAD_BUILT_WITH_TRACKING;
extern const char FAIRLEAD_BUILT_WITH_EXECUTORS;

namespace {

[[gnu::used]] const char* const by_this_file[] = {
    &FAIRLEAD_BUILT_WITH_BOOST,     &FAIRLEAD_BUILT_WITH_RTTI,    &FAIRLEAD_BUILT_WITH_GLIBCXX_DEBUG,
    &FAIRLEAD_BUILT_WITH_EPOLL,     &FAIRLEAD_BUILT_WITH_THREADS, &FAIRLEAD_BUILT_WITH_TRACKING,
    &FAIRLEAD_BUILT_WITH_EXECUTORS,
};

} // namespace

} // namespace built_with

} // namespace fairlead
