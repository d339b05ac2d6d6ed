# Boost is used through its headers alone: found by its CMake package, or as a plain include path (BOOST_ROOT).

set(FAIRLEAD_BOOST_MINIMUM 1.81)
find_package(Boost ${FAIRLEAD_BOOST_MINIMUM} QUIET CONFIG)
if(NOT TARGET Boost::headers)
    find_package(Boost ${FAIRLEAD_BOOST_MINIMUM} REQUIRED MODULE)
endif()

function(fairlead_link_boost target)
    target_link_libraries(${target} PUBLIC Boost::headers)
    target_compile_definitions(${target} PRIVATE BOOST_ASIO_NO_DEPRECATED)
endfunction()
