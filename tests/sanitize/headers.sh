# Every public header in every language standard, by every compiler: once in one file and twice in another, which are
# linked to one program.
# Sourced by the runners of tests, after modes.sh.

export header_warnings='-Wall -Wextra -Wpedantic -Werror -Wundef -Wconversion -Wsign-conversion -Wshadow -Wcast-qual'
export c_header_warnings='-Wstrict-prototypes -Wmissing-prototypes'
export cpp_header_warnings='-Wold-style-cast -Wextra-semi -Wzero-as-null-pointer-constant -Wnon-virtual-dtor
    -Woverloaded-virtual'

# `HEADER:COMPILER:STANDARD`
header() {
    local name compiler standard suffix=c warnings="$header_warnings $c_header_warnings" folder=$out/header-${1//\//-}
    IFS=: read -r name compiler standard <<<"$1"
    [[ $standard != *++* ]] || { suffix=cpp warnings="$header_warnings $cpp_header_warnings"; }
    mkdir -p "$folder"
    printf '#include <%s>\nint other(void);\nint other(void) { return 0; }\n' "$name" >"$folder/once.$suffix"
    printf '#include <%s>\n' "$name" "$name" >"$folder/twice.$suffix"
    printf 'int other(void);\nint main(void) { return other(); }\n' >>"$folder/twice.$suffix"
    "$compiler" -std="$standard" -pthread -Iinclude $warnings "$folder"/{once,twice}."$suffix" -o "$folder/program" \
        -L"$lib" -lbackstay
}

export -f header

# check_headers NAME...: headers of include, those that end with .hpp as C++ only.
check_headers() {
    local name cc cxx
    for cc in gcc clang; do
        cxx=g++
        [[ $cc == gcc ]] || { cc=$clang cxx=${clang/clang/clang++}; }
        if ! command -v "$cc" >/dev/null; then
            echo "skipped: the headers by ${cc:-clang}, since it is not installed"
            continue
        fi
        for name in "$@"; do
            [[ $name == *.hpp ]] || printf "header $name:$cc:%s\n" c99 c11 c17 c2x
            printf "header $name:$cxx:%s\n" c++17 c++20 c++2b
        done | check_all
    done
}
