# fairlead_add_test(name SOURCES a.cpp b.cpp [LIBRARIES …] [TIMEOUT seconds]): one GoogleTest program, linked with the
# library, and one test of CTest. Its cases run in one process; each has a minute to finish unless TIMEOUT says otherwise,
# and three times as long under a sanitizer.
#
# The sources of a program are compiled a few at a time, as one file each (CMAKE_UNITY_BUILD). So no two of them may define the
# same name; what two of them need belongs to test/support.

find_package(Python3 REQUIRED COMPONENTS Interpreter)

function(fairlead_add_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LIBRARIES")
    # Clang's ThreadSanitizer has an operator new of its own, and a program that replaces it fails no allocation there.
    if(arg_SOURCES MATCHES "replaced_new" AND FAIRLEAD_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        return()
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 60)
    endif()
    if(FAIRLEAD_SANITIZE)
        math(EXPR arg_TIMEOUT "3 * ${arg_TIMEOUT}")
    endif()
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE fairlead::fairlead GTest::gtest_main ${arg_LIBRARIES})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/test)
    set(FAIRLEAD_HARDENING OFF) # the guards of -fstack-protector and its like take a twelfth of the time to compile
    fairlead_compiler_settings(${name})
    add_test(NAME ${name}
             COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/test/support/run_cases.py $<TARGET_FILE:${name}>
                     --limit ${arg_TIMEOUT} --results ${PROJECT_BINARY_DIR}/cases/${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT 1800 ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
endfunction()
