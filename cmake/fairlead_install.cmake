# cmake --install: the library, its headers and programs, the CMake package and the pkg-config file. Each belongs to one of the
# components of fairlead_packages.cmake.

include(CMakePackageConfigHelpers)

get_target_property(fairlead_library_type fairlead TYPE)
set(fairlead_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/fairlead)
install(TARGETS fairlead EXPORT fairlead
        LIBRARY COMPONENT library NAMELINK_COMPONENT development
        ARCHIVE COMPONENT development)
# What says how to link belongs to the one library that is linked here; Debian's packages have the other.
install(EXPORT fairlead FILE fairlead-targets.cmake NAMESPACE fairlead:: DESTINATION ${fairlead_package_dir}
        COMPONENT linking)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/fairlead TYPE INCLUDE COMPONENT development FILES_MATCHING PATTERN "*.hpp")
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE TYPE DOC COMPONENT license)
install(FILES ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${PROJECT_SOURCE_DIR}/README.md TYPE DOC COMPONENT command)
# On the paths of the tree, so that links between pages and to examples work.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs TYPE DOC COMPONENT command)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/apps/examples DESTINATION ${CMAKE_INSTALL_DOCDIR}/apps USE_SOURCE_PERMISSIONS
        COMPONENT command FILES_MATCHING PATTERN "*.cpp" PATTERN "*.hpp" PATTERN "cluster/*")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/apps/fairlead/systemd DESTINATION ${CMAKE_INSTALL_DOCDIR}/apps/fairlead
        COMPONENT command)

if(BUILD_SHARED_LIBS AND TARGET fairlead-command) # which installs itself; here it learns where a shared library will be
    set_target_properties(fairlead-command PROPERTIES INSTALL_RPATH "\$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
endif()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/fairlead-config.cmake.in fairlead-config.cmake
                              INSTALL_DESTINATION ${fairlead_package_dir})
write_basic_package_version_file(fairlead-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/fairlead-config.cmake ${PROJECT_BINARY_DIR}/fairlead-config-version.cmake
              ${CMAKE_CURRENT_LIST_DIR}/fairlead_boost.cmake ${CMAKE_CURRENT_LIST_DIR}/fairlead_nats_library.cmake
              ${CMAKE_CURRENT_LIST_DIR}/fairlead_plain_library.cmake ${CMAKE_CURRENT_LIST_DIR}/fairlead_zstd_library.cmake
        DESTINATION ${fairlead_package_dir} COMPONENT development)

# The pkg-config file finds its prefix from where it lies, so an installed tree can be moved.
cmake_path(APPEND fairlead_pc_includedir "\${prefix}" ${CMAKE_INSTALL_INCLUDEDIR})
cmake_path(APPEND fairlead_pc_libdir "\${prefix}" ${CMAKE_INSTALL_LIBDIR})
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
    set(fairlead_pc_prefix ${CMAKE_INSTALL_PREFIX})
else()
    file(RELATIVE_PATH fairlead_pc_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
    string(REGEX REPLACE "^(.*[^/])/*$" "\${pcfiledir}/\\1" fairlead_pc_prefix ${fairlead_pc_prefix})
endif()
set(fairlead_pc_requires spdlog ${fairlead_tls_requires} ${fairlead_nats_requires} ${fairlead_zstd_requires} ${fairlead_zlib_requires})
list(JOIN fairlead_pc_requires ", " fairlead_pc_requires)
if(fairlead_library_type STREQUAL "STATIC_LIBRARY")
    string(PREPEND fairlead_pc_requires "Requires: ")
else()
    string(PREPEND fairlead_pc_requires "Requires.private: ")
endif()
set(fairlead_pc_boost "")
get_target_property(fairlead_boost_directories Boost::headers INTERFACE_INCLUDE_DIRECTORIES)
foreach(directory IN LISTS fairlead_boost_directories)
    if(EXISTS ${directory} AND NOT directory IN_LIST CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
        string(APPEND fairlead_pc_boost " -isystem ${directory}")
    endif()
endforeach()
configure_file(${CMAKE_CURRENT_LIST_DIR}/fairlead.pc.in fairlead.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/fairlead.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT linking)
