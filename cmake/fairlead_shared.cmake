# The library shared beside the static one, from the same objects, for Debian's packages. The command and the examples link the
# static one.

get_target_property(fairlead_library_type fairlead TYPE)
if(NOT fairlead_library_type STREQUAL "STATIC_LIBRARY")
    message(FATAL_ERROR "FAIRLEAD_PACKAGES links the library static and shared; leave out BUILD_SHARED_LIBS")
endif()

# Code for a shared library calls its own functions as directly as code for a program does.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(fairlead PRIVATE -fno-semantic-interposition)
endif()

add_library(fairlead-shared SHARED $<TARGET_OBJECTS:fairlead>)
set_target_properties(fairlead-shared PROPERTIES
    OUTPUT_NAME fairlead
    EXPORT_NAME fairlead
    LINKER_LANGUAGE CXX
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR})
target_compile_features(fairlead-shared PUBLIC cxx_std_20)
target_include_directories(fairlead-shared PUBLIC $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
get_target_property(fairlead_link_libraries fairlead LINK_LIBRARIES)
target_link_libraries(fairlead-shared PUBLIC Threads::Threads Boost::headers PRIVATE ${fairlead_link_libraries})
fairlead_compiler_settings(fairlead-shared)
