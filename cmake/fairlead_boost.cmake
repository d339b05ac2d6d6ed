# Defines Boost::headers, all that Fairlead uses of Boost: a target the project has already, else the tree named by
# BOOST_ROOT, else Boost's own CMake package, else headers on the include path. What is wrong, if anything, is said in
# fairlead_boost_problem, and the version found in fairlead_boost_version. The installed package includes this file too.

set(FAIRLEAD_BOOST_MINIMUM 1.81)

if(POLICY CMP0144)
    cmake_policy(SET CMP0144 NEW) # BOOST_ROOT in capitals, as everybody writes it
endif()

function(fairlead_find_boost_headers)
    find_path(FAIRLEAD_BOOST_INCLUDE_DIR boost/asio.hpp ${ARGN})
    mark_as_advanced(FAIRLEAD_BOOST_INCLUDE_DIR)
    if(FAIRLEAD_BOOST_INCLUDE_DIR)
        add_library(Boost::headers INTERFACE IMPORTED)
        target_include_directories(Boost::headers INTERFACE ${FAIRLEAD_BOOST_INCLUDE_DIR})
    endif()
endfunction()

# What boost/version.hpp says, such as 1.81.0; empty when the target does not tell where that file is.
function(fairlead_read_boost_version result)
    set(version "")
    get_target_property(directories Boost::headers INTERFACE_INCLUDE_DIRECTORIES)
    foreach(directory IN LISTS directories)
        if(EXISTS ${directory}/boost/version.hpp)
            file(STRINGS ${directory}/boost/version.hpp line REGEX "^#define BOOST_VERSION [0-9]+")
            string(REGEX MATCH "[0-9]+" number ${line})
            math(EXPR major "${number} / 100000")
            math(EXPR minor "${number} / 100 % 1000")
            math(EXPR patch "${number} % 100")
            set(version ${major}.${minor}.${patch})
            break()
        endif()
    endforeach()
    set(${result} "${version}" PARENT_SCOPE)
endfunction()

if(NOT TARGET Boost::headers)
    if(BOOST_ROOT OR DEFINED ENV{BOOST_ROOT})
        set(fairlead_boost_places PATHS ${BOOST_ROOT} $ENV{BOOST_ROOT} PATH_SUFFIXES include NO_DEFAULT_PATH)
        find_package(Boost ${FAIRLEAD_BOOST_MINIMUM} QUIET CONFIG PATHS ${BOOST_ROOT} $ENV{BOOST_ROOT} NO_DEFAULT_PATH)
    else()
        set(fairlead_boost_places "")
        find_package(Boost ${FAIRLEAD_BOOST_MINIMUM} QUIET CONFIG)
    endif()
    if(NOT TARGET Boost::headers)
        fairlead_find_boost_headers(${fairlead_boost_places})
    endif()
endif()

set(fairlead_boost_version "")
set(fairlead_boost_problem "")
if(TARGET Boost::headers)
    fairlead_read_boost_version(fairlead_boost_version)
    if(fairlead_boost_version AND fairlead_boost_version VERSION_LESS FAIRLEAD_BOOST_MINIMUM)
        set(fairlead_boost_problem "Fairlead needs Boost ${FAIRLEAD_BOOST_MINIMUM} or newer and found only \
${fairlead_boost_version}; name a newer one by BOOST_ROOT")
    endif()
else()
    set(fairlead_boost_problem "Fairlead needs the headers of Boost ${FAIRLEAD_BOOST_MINIMUM} or newer and did not find \
them; on Debian install libboost1.81-dev, or name a directory by BOOST_ROOT")
endif()

function(fairlead_link_boost target)
    if(fairlead_boost_problem)
        message(FATAL_ERROR "${fairlead_boost_problem}")
    endif()
    message(STATUS "Fairlead uses Boost ${fairlead_boost_version}")
    target_link_libraries(${target} PUBLIC Boost::headers)
endfunction()
