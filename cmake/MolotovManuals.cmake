# molotov_manuals(): manual pages and completion for shells, made from the tables of options while
# the package is built (manuals/generate.py), and installed under share/.
function(molotov_manuals)
  add_executable(option_table "${PROJECT_SOURCE_DIR}/src/cli/option_table/main.cc")
  target_link_libraries(option_table PRIVATE molotov_cli)
  if(NOT SKBUILD)
    return()
  endif()
  find_package(Python 3.11 REQUIRED COMPONENTS Interpreter)
  set(share "${CMAKE_BINARY_DIR}/share")
  set(stamp "${CMAKE_BINARY_DIR}/manuals.stamp")
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/manuals/*.py"
       "${PROJECT_SOURCE_DIR}/python/molotov/*.py")
  add_custom_command(
    OUTPUT "${stamp}"
    COMMAND option_table > option_table.json
    COMMAND "${CMAKE_COMMAND}" -E rm -rf "${share}"
    COMMAND "${CMAKE_COMMAND}" -E env "PYTHONPATH=${PROJECT_SOURCE_DIR}/python"
            PYTHONDONTWRITEBYTECODE=1 "${Python_EXECUTABLE}"
            "${PROJECT_SOURCE_DIR}/manuals/generate.py" option_table.json "${share}"
    COMMAND "${CMAKE_COMMAND}" -E touch "${stamp}"
    DEPENDS option_table ${sources}
    COMMENT "Making manual pages and completion"
    VERBATIM)
  add_custom_target(manuals ALL DEPENDS "${stamp}")
  install(DIRECTORY "${share}/" DESTINATION "${SKBUILD_DATA_DIR}/share")
endfunction()
