# Flags that every target of the project gets.
find_program(REDBUD_CCACHE ccache)
if(REDBUD_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${REDBUD_CCACHE})
endif()

add_library(redbud_flags INTERFACE)
target_compile_options(redbud_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow
  -ffp-contract=off           # a*b+c is fused only where the code says so: the same bits from every compiler
  -fno-math-errno
  -fno-semantic-interposition  # the shared library's objects inline as the program's do
  -fvisibility-inlines-hidden)
# g++ 12 sees overlapping copies in std::string's operator+ that aren't there (GCC bug 105651).
target_compile_options(redbud_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(REDBUD_WARNINGS_AS_ERRORS)
  target_compile_options(redbud_flags INTERFACE -Werror)
endif()
target_compile_definitions(redbud_flags INTERFACE $<$<CONFIG:Release>:_GLIBCXX_ASSERTIONS>)
target_compile_options(redbud_flags INTERFACE $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
if(REDBUD_SANITIZE)
  target_compile_options(redbud_flags INTERFACE -fsanitize=${REDBUD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  target_link_options(redbud_flags INTERFACE -fsanitize=${REDBUD_SANITIZE})
  if(REDBUD_SANITIZE MATCHES "thread")
    target_compile_definitions(redbud_flags INTERFACE REDBUD_THREAD_SANITIZER)   # it brings an operator new of its own
  endif()
endif()
