# The modes in which programs that use the C library are tested. Sourced by their runners, which say how one is made:
#
#   compile FLAGS LIBRARY-FOLDER NAME PROGRAM      an exported function; it obeys CC and CXX
#
#   plain       the library as it is delivered
#   narrow      a handle's slot is used up after a few handles instead of after 16 million
#   asan        AddressSanitizer with leaks, and UndefinedBehaviorSanitizer in the program
#   tsan        ThreadSanitizer, with clang, since gcc's runtime does not fit rustc's instrumentation
#   valgrind    memcheck; a definite leak is an error
#
# MODES, such as `MODES='plain tsan'`, runs only these.
source tests/sanitize/libraries.sh

export clang=''
for name in clang-19 clang; do
    [[ -n $clang ]] || ! command -v "$name" >/dev/null || clang=$name
done

# The program that these modes share, made by the first of them.
made() {
    local program=$out/plain-$1
    [[ -x $program ]] || compile '' "$lib" "$1" "$program"
}

plain() {
    made "$1" && LD_LIBRARY_PATH=$lib timeout 60 "$out/plain-$1"
}

# The test of it is told, and sees that slots are used up.
narrow() {
    made "$1" && NARROW_GENERATIONS=1 LD_LIBRARY_PATH=$target/narrow/lib timeout 60 "$out/plain-$1"
}

# Runtimes that are named in a program show that it was really instrumented.
calls() {
    local program=$1 name
    for name in "${@:2}"; do
        grep -q "$name" <<<"$(nm "$program")" || { echo "$program does not call $name" && return 1; }
    done
}

asan() {
    local program=$out/asan-$1 flags='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
    compile "$flags" "$target/asan/lib" "$1" "$program" && calls "$program" __asan_init __ubsan_handle &&
        LD_LIBRARY_PATH=$target/asan/lib ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 \
            timeout 60 "$program"
}

tsan() {
    local program=$out/tsan-$1
    CC=$clang CXX=${clang/clang/clang++} compile -fsanitize=thread "$target/tsan/lib" "$1" "$program" &&
        calls "$program" __tsan_init __tsan_read && run_under_tsan "$program"
}

# The suppression names a function, so reports must be symbolised.
run_under_tsan() {
    local symbolizer
    symbolizer=$("$clang" -print-prog-name=llvm-symbolizer)
    LD_LIBRARY_PATH=$target/tsan/lib timeout 60 env \
        TSAN_OPTIONS="suppressions=tests/sanitize/tsan.supp external_symbolizer_path=$symbolizer" "$@"
}

# Races that are really there are told, in the program and in the library, with all that keeps false ones away in force.
planted_race() {
    local program=$out/planted_race-$1 code=0 report
    "$clang" -std=gnu11 -g -pthread -Iinclude -fsanitize=thread tests/sanitize/planted_race.c -o "$program" \
        -L"$target/tsan/lib" -lbackstay || return
    report=$(run_under_tsan "$program" "$1" 2>&1) || code=$?
    echo "$report"
    # 66 is how a program ends in which ThreadSanitizer has reported something.
    [[ $code == 66 ]] && grep -q "racing_$1" <<<"$report"
}

# A child of fork has none of the threads whose stacks hold the memory that it got: its leaks are none.
valgrind_() {
    local leaks=full
    [[ $1 != fork ]] || leaks=no
    made "$1" && LD_LIBRARY_PATH=$lib timeout 60 valgrind -q --error-exitcode=99 --leak-check=$leaks \
        --show-leak-kinds=definite --errors-for-leak-kinds=definite "$out/plain-$1"
}

export -f made plain narrow asan tsan valgrind_ calls run_under_tsan planted_race

has_mode() {
    [[ " ${MODES:-plain narrow asan tsan valgrind} " == *" $1 "* ]]
}

# run_modes NAME...: every test of these names in every mode, or why not.
run_modes() {
    if has_mode plain; then
        printf 'plain %s\n' "$@" | check_all
    fi
    if has_mode narrow; then
        build_narrow
        printf 'narrow %s\n' "$@" | check_all
    fi
    if has_mode asan && is_instrumentable; then
        build_asan
        printf 'asan %s\n' "$@" | check_all
    fi
    if has_mode tsan && is_instrumentable && has_program ThreadSanitizer "$clang"; then
        build_tsan
        printf 'planted_race %s\n' in_the_program in_the_library | check_all
        printf 'tsan %s\n' "$@" | check_all
    fi
    if has_mode valgrind && has_program valgrind valgrind; then
        printf 'valgrind_ %s\n' "$@" | check_all
    fi
}

is_instrumentable() {
    [[ $(uname -sm) == 'Linux x86_64' ]] || { echo 'skipped: a sanitizer, since this is not Linux on x86_64' && false; }
}

# has_program MODE PROGRAM
has_program() {
    command -v "$2" >/dev/null || { echo "skipped: $1, since ${2:-clang} is not installed" && false; }
}
