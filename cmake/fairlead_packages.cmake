# Debian packages by CPack: `cmake --build build/release --target package` writes them to build/release/packages.
#
#   libfairlead0      the shared library
#   libfairlead-dev   headers, the static library, the CMake package, the pkg-config file
#   fairlead          the command, its manual and completions, the documentation, units for systemd as examples
#
# Two builds of one source in two directories give the same bytes.

find_program(FAIRLEAD_SHLIBDEPS dpkg-shlibdeps)
find_program(FAIRLEAD_GZIP gzip)
mark_as_advanced(FAIRLEAD_SHLIBDEPS FAIRLEAD_GZIP)
if(NOT FAIRLEAD_SHLIBDEPS OR NOT FAIRLEAD_GZIP)
    message(STATUS "There is no target package: it needs dpkg-shlibdeps and gzip; on Debian install dpkg-dev")
    return()
endif()
set(FAIRLEAD_MAINTAINER "The Fairlead maintainers <maintainers@fairlead.invalid>" CACHE STRING "Maintainer of the packages, with an address")

# fairlead_debian_owner(variable header directories…): appends the package that has the header to the list.
function(fairlead_debian_owner variable header)
    foreach(directory IN LISTS ARGN)
        execute_process(COMMAND dpkg-query -S ${directory}/${header} OUTPUT_VARIABLE owner ERROR_QUIET)
        if(owner MATCHES "^([^:, ]+)[^,]*: ")
            set(${variable} ${${variable}} ${CMAKE_MATCH_1} PARENT_SCOPE)
            return()
        endif()
    endforeach()
    message(STATUS "${header} comes from no Debian package, so libfairlead-dev depends on none")
endfunction()

# What programs include, and what linking the static library takes.
set(debian_dependencies "")
fairlead_debian_owner(debian_dependencies boost/version.hpp ${fairlead_boost_directories})
get_target_property(spdlog_directories spdlog::spdlog INTERFACE_INCLUDE_DIRECTORIES)
fairlead_debian_owner(debian_dependencies spdlog/spdlog.h ${spdlog_directories})
if(FAIRLEAD_TLS)
    fairlead_debian_owner(debian_dependencies openssl/ssl.h ${OPENSSL_INCLUDE_DIR})
endif()
if(FAIRLEAD_NATS)
    fairlead_debian_owner(debian_dependencies nats/nats.h ${FAIRLEAD_NATS_INCLUDE_DIR})
endif()
if(FAIRLEAD_ZSTD)
    fairlead_debian_owner(debian_dependencies zstd.h ${FAIRLEAD_ZSTD_INCLUDE_DIR})
endif()
if(FAIRLEAD_ZLIB)
    fairlead_debian_owner(debian_dependencies zlib.h ${ZLIB_INCLUDE_DIRS})
endif()

include(fairlead_source_date)
set(debian_version ${PROJECT_VERSION}-1)
set(debian_dir ${PROJECT_BINARY_DIR}/debian)
set(debian_library libfairlead${PROJECT_VERSION_MAJOR})
set(ENV{SOURCE_DATE_EPOCH} ${fairlead_source_date}) # which string(TIMESTAMP) shows
string(TIMESTAMP debian_date "%a, %d %b %Y %H:%M:%S +0000" UTC)
math(EXPR next_minor "${PROJECT_VERSION_MINOR} + 1")
configure_file(${CMAKE_CURRENT_LIST_DIR}/debian/changelog.in ${debian_dir}/changelog.Debian @ONLY)
configure_file(${CMAKE_CURRENT_LIST_DIR}/debian/shlibs.in ${debian_dir}/shlibs @ONLY)
configure_file(${CMAKE_CURRENT_LIST_DIR}/debian/triggers ${debian_dir}/triggers COPYONLY)
configure_file(${CMAKE_CURRENT_LIST_DIR}/debian/copyright ${debian_dir}/copyright COPYONLY)
configure_file(${CMAKE_CURRENT_LIST_DIR}/debian/prepare_files.cmake.in ${debian_dir}/prepare_files.cmake @ONLY)
configure_file(${CMAKE_CURRENT_LIST_DIR}/debian/drop_scripts.cmake.in ${debian_dir}/drop_scripts.cmake @ONLY)

# fairlead_package(component name summary description [dependencies…])
function(fairlead_package component name summary description)
    install(FILES ${debian_dir}/copyright ${debian_dir}/changelog.Debian DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/${name}
            COMPONENT ${component} EXCLUDE_FROM_ALL)
    string(TOUPPER ${component} upper)
    set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name} PARENT_SCOPE)
    set(CPACK_DEBIAN_${upper}_DESCRIPTION "${summary}\n${description}" PARENT_SCOPE)
    list(JOIN ARGN ", " dependencies)
    set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${dependencies}" PARENT_SCOPE)
endfunction()

# The shared library is in the packages alone: a program that links it finds it in the system's own places only.
install(TARGETS fairlead-shared EXPORT fairlead-shared
        LIBRARY COMPONENT library NAMELINK_COMPONENT development EXCLUDE_FROM_ALL)
# Under a name of its own: CMake writes exports of one name and destination to one file, and the last one stays.
install(EXPORT fairlead-shared FILE fairlead-shared-targets.cmake NAMESPACE fairlead:: DESTINATION ${fairlead_package_dir}
        COMPONENT development EXCLUDE_FROM_ALL)
string(REPLACE "Requires: " "Requires.private: " fairlead_pc_requires "${fairlead_pc_requires}")
configure_file(${CMAKE_CURRENT_LIST_DIR}/fairlead.pc.in ${debian_dir}/fairlead.pc @ONLY)
install(FILES ${debian_dir}/fairlead.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development EXCLUDE_FROM_ALL)

set(fairlead_is "Fairlead divides the bytes of TCP, Unix sockets and TLS into whole\nmessages, limits what peers may do, and stops gracefully. It speaks UDP\nand WebSocket too.\n.\n")
fairlead_package(library ${debian_library} "networking framework on Boost.Asio - shared library"
    "${fairlead_is}This package has the shared library.")
fairlead_package(development libfairlead-dev "networking framework on Boost.Asio - development files"
    "${fairlead_is}This package has the headers, the static library, and the files for CMake\nand pkg-config."
    "${debian_library} (= ${debian_version})" ${debian_dependencies})
fairlead_package(command fairlead "command for servers of whole messages over TCP and UDP"
    "${fairlead_is}This package has the command, which serves, talks to and loads servers,\nits manual, and the documentation of the library.")

set(CPACK_GENERATOR DEB)
set(CPACK_SOURCE_GENERATOR "")
set(CPACK_PACKAGE_NAME fairlead)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "${FAIRLEAD_MAINTAINER}")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${debian_dir}/prepare_files.cmake)
set(CPACK_POST_BUILD_SCRIPTS ${debian_dir}/drop_scripts.cmake)
set(CPACK_COMPONENTS_ALL library development command)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${FAIRLEAD_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA "${debian_dir}/shlibs;${debian_dir}/triggers")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS fairlead)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SECTION net)
include(CPack)
