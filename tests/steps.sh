# Steps, each shown by its name before it runs; a failed one fails all in the end. Sourced by what runs many runners.

failed=0

# run NAME COMMAND...
run() {
    echo "== $1"
    shift
    "$@" || failed=1
}
