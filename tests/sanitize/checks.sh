# One line for each check, what a failed one said, and "N passed, N failed" at the end. Sourced by the runners of tests;
# `out` is their folder of results.

rm -rf "$out" && mkdir -p "$out/log"

# check MODE NAME COMMAND...: runs the command, prints one line, and what it said when it failed. Never fails itself.
check() {
    local line="$1 $2" log="$out/log/$1-${2//\//-}" code=0
    shift 2
    "$@" >"$log" 2>&1 </dev/null || code=$?
    case $code in
        0) echo "ok $line" && return ;;
        124) echo "FAILED $line: no end after 60 s" ;;
        *) echo "FAILED $line ($code)" ;;
    esac
    sed 's/^/    /' "$log"
}

export out
export -f check

# The same for one check, and its line is counted.
check_one() {
    check "$@" | tee -a "$out/results"
}

# Reads lines of `MODE NAME`, two at a time; a mode is an exported function of that name, or of that name and `_`.
check_all() {
    xargs -P2 -L1 bash -c 'set -eo pipefail; check "${1%_}" "$2" "$1" "$2"' _ | tee -a "$out/results"
}

closing_line() {
    local passed failed
    passed=$(grep -c '^ok ' "$out/results" || true)
    failed=$(grep -c '^FAILED ' "$out/results" || true)
    echo "$passed passed, $failed failed"
    [[ $failed == 0 ]]
}
