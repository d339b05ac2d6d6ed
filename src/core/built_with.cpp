#include <fairlead/built_with.hpp>

namespace fairlead::built_with {

const char FAIRLEAD_BUILT_WITH_BOOST = 0;
const char FAIRLEAD_BUILT_WITH_RTTI = 0;
const char FAIRLEAD_BUILT_WITH_GLIBCXX_DEBUG = 0;
const char FAIRLEAD_BUILT_WITH_EPOLL = 0;
const char FAIRLEAD_BUILT_WITH_THREADS = 0;
const char FAIRLEAD_BUILT_WITH_TRACKING = 0;
const char FAIRLEAD_BUILT_WITH_EXECUTORS = 0;

} // namespace fairlead::built_with
