# The few shapes of target that this project has. Sources are globbed, so that no hand-kept list can
# forget a file or a test.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(MOLOTOV_RUNTIME_DIR "${CMAKE_BINARY_DIR}/bin")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
if(SKBUILD AND CMAKE_BUILD_TYPE STREQUAL "Release")
  # What is installed is optimised across folders: 7 % fewer instructions a request.
  include(CheckIPOSupported)
  check_ipo_supported(RESULT CMAKE_INTERPROCEDURAL_OPTIMIZATION OUTPUT ignored LANGUAGES CXX)
endif()
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

add_library(molotov_flags INTERFACE)
target_compile_options(molotov_flags INTERFACE -Wall -Wextra -Wconversion -Wno-sign-conversion
                                               -Werror)
target_include_directories(molotov_flags INTERFACE "${PROJECT_SOURCE_DIR}/src")
target_compile_definitions(molotov_flags INTERFACE MOLOTOV_VERSION="${PROJECT_VERSION}")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC bug 105651: false alarms in std::string's operator+.
  target_compile_options(molotov_flags INTERFACE -Wno-restrict)
endif()
if(MOLOTOV_SANITIZE)
  target_compile_options(molotov_flags INTERFACE -fsanitize=${MOLOTOV_SANITIZE}
                                                 -fno-omit-frame-pointer
                                                 -fno-sanitize-recover=all)
  target_link_options(molotov_flags INTERFACE -fsanitize=${MOLOTOV_SANITIZE})
endif()

# molotov_library(NAME [EXCEPTIONS] [USES folder...] [LINK library...])
# The static library of src/NAME: every *.cc but *_test.cc and main.cc; with the tests on, one test
# binary NAME_test of its *_test.cc.
function(molotov_library name)
  cmake_parse_arguments(ARG "EXCEPTIONS" "" "USES;LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/${name}/*.cc")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  list(TRANSFORM ARG_USES PREPEND "molotov_")

  if(sources)
    add_library(molotov_${name} STATIC ${sources})
    target_link_libraries(molotov_${name} PUBLIC molotov_flags ${ARG_USES} ${ARG_LINK})
    if(NOT ARG_EXCEPTIONS)
      target_compile_options(molotov_${name} PRIVATE -fno-exceptions)
    endif()
  else()
    add_library(molotov_${name} INTERFACE)
    target_link_libraries(molotov_${name} INTERFACE molotov_flags ${ARG_USES} ${ARG_LINK})
  endif()

  if(MOLOTOV_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE molotov_${name} GTest::gtest_main)
    set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${MOLOTOV_RUNTIME_DIR}")
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES TIMEOUT 300)
  endif()
endfunction()

# molotov_program(NAME MAIN USES folder...): an executable, installed where scripts go.
function(molotov_program name main)
  cmake_parse_arguments(ARG "" "" "USES" ${ARGN})
  list(TRANSFORM ARG_USES PREPEND "molotov_")
  add_executable(${name} "${PROJECT_SOURCE_DIR}/${main}")
  target_link_libraries(${name} PRIVATE ${ARG_USES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${MOLOTOV_RUNTIME_DIR}")
  if(SKBUILD)
    install(TARGETS ${name} RUNTIME DESTINATION "${SKBUILD_SCRIPTS_DIR}")
  endif()
endfunction()

# molotov_python_module(NAME USES folder... LINK library...): the extension molotov.NAME of src/python.
function(molotov_python_module name)
  cmake_parse_arguments(ARG "" "" "USES;LINK" ${ARGN})
  list(TRANSFORM ARG_USES PREPEND "molotov_")
  find_package(Python 3.11 REQUIRED COMPONENTS Interpreter Development.Module)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/python/*.cc")
  Python_add_library(${name} MODULE WITH_SOABI ${sources})
  target_link_libraries(${name} PRIVATE ${ARG_USES} ${ARG_LINK})
  # CPython's type objects are C structs that one fills in part, and its macros cast freely.
  target_compile_options(${name} PRIVATE -fno-exceptions -Wno-missing-field-initializers
                                         -Wno-conversion -Wno-cast-function-type)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The headers of Debian's debug build of CPython are links to those of the release build, beside
    # a pyconfig.h of their own, which GCC misses if it follows the links.
    target_compile_options(${name} PRIVATE -fno-canonical-system-headers)
  endif()
  set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/python")
  if(SKBUILD)
    install(TARGETS ${name} LIBRARY DESTINATION molotov)
  endif()
endfunction()
