# fairlead_add_test(name SOURCES a.cpp b.cpp [LIBRARIES …] [TIMEOUT seconds]): one GoogleTest program, linked with the
# library; each of its cases is a test of its own, with a minute to finish unless TIMEOUT says otherwise.

include(GoogleTest)

function(fairlead_add_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LIBRARIES")
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 60)
    endif()
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE fairlead::fairlead GTest::gtest_main ${arg_LIBRARIES})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/test)
    fairlead_compiler_settings(${name})
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT ${arg_TIMEOUT})
endfunction()
