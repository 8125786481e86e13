# Talking to a program: its lines are waited for, and times are not; what does not come within $limit seconds is a
# failure. Sourced by the tests of embed/ and plugin/, in a folder that is theirs.

limit=60
program=''
trap '[[ -z $program ]] || kill -KILL "$program" 2>/dev/null || true' EXIT

fail() {
    echo "FAILED $1; it said:" && sed 's/^/    /' said
    exit 1
}

# begin PROGRAM ARGUMENT...: starts it, and waits until it is ready. Descriptor 3 is its standard input.
begin() {
    rm -f ears mouth && mkfifo ears mouth
    : >said
    "$@" <ears >mouth 2>&1 3>&- 4<&- &
    program=$!
    exec 3>ears 4<mouth
    line ready
}

# line TEXT: reads on until a line that begins like that; what else is in it is then in $rest.
line() {
    local now
    while IFS= read -r -t $limit now <&4; do
        echo "$now" >>said
        [[ $now != "$1"* ]] || { rest=${now#"$1"} && return 0; }
    done
    fail "no line: $1"
}

# holders: asks who holds what; the answer is then in $holders.
holders() {
    local count
    echo '?' >&3
    line 'holders: '
    holders=''
    for ((count = rest; count > 0; count--)); do line '' && holders+=$rest$'\n'; done
}

# ends_with STATUS: reads all it has to say until its end.
ends_with() {
    local status=0 now
    exec 3>&-
    while IFS= read -r -t $limit now <&4 || { status=$? && false; }; do echo "$now" >>said; done
    [[ $status -le 128 ]] || fail 'no end'
    status=0
    wait "$program" || status=$?
    program=''
    [[ $status == "$1" ]] || fail "exit status $status, not $1"
}

says() {
    grep -qF -- "$1" said || fail "it does not say: $1"
}

# refused TEXT PROGRAM ARGUMENT...: it ends at once with status 2, and says why.
refused() {
    local status=0
    timeout $limit "${@:2}" </dev/null >said 2>&1 || status=$?
    [[ $status == 2 ]] || fail "exit status $status, not 2"
    says "$1"
}
