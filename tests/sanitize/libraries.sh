# The C library, built for each mode of modes.sh that needs one of its own, into target/MODE/lib.
#
# They are linked as the delivered one is (ffi-c/build-lib), and are debug builds, so that Rust's own assertions and
# overflow checks hold, too.

export target=${CARGO_TARGET_DIR:-target}
export lib=$target/lib

# build_library MODE TRIPLE RUSTFLAGS LINK-ARGUMENT...
build_library() {
    local mode=$1 triple=$2 flags=$3 folder=$target/$1/lib name
    name=libbackstay.so.$(ffi-c/version abi)
    shift 3
    # With a target named, build scripts and procedural macros are not instrumented.
    RUSTC_BOOTSTRAP=1 RUSTFLAGS=$flags cargo rustc --quiet -p backstay-ffi --crate-type cdylib \
        ${triple:+--target "$triple"} --target-dir "$target/$mode" -- -Clink-arg=-Wl,-soname,"$name" \
        -Clink-arg=-Wl,-z,nodelete -Clink-arg=-Wl,-Bsymbolic-functions "$@"
    mkdir -p "$folder"
    install -m 755 "$target/$mode/${triple:+$triple/}debug/libbackstay_ffi.so" "$folder/$name"
    ln -sf "$name" "$folder/libbackstay.so"
}

instrumented() {
    grep -q " U $2" <<<"$(nm -D "$1")"
}

build_narrow() {
    build_library narrow '' '--cfg backstay_narrow_generations'
}

build_asan() {
    build_library asan x86_64-unknown-linux-gnu -Zsanitizer=address
    check_one asan library instrumented "$target/asan/lib/libbackstay.so" __asan_
}

# The standard library is not instrumented, which the ABI check of the sanitizer would refuse. Cargo does not look into
# what it is told to link, so another content gets another name.
build_tsan() {
    local counts
    mkdir -p "$target/tsan"
    counts=$(realpath "$target/tsan")/counts-$(cksum <tests/sanitize/tsan_counts.c | cut -d' ' -f1).o
    "$clang" -c -O2 -fPIC tests/sanitize/tsan_counts.c -o "$counts"
    build_library tsan x86_64-unknown-linux-gnu \
        '-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer --cfg backstay_tsan' \
        -Clink-arg=-Wl,--wrap=__tsan_atomic64_fetch_sub -Clink-arg="$counts"
    check_one tsan library instrumented "$target/tsan/lib/libbackstay.so" __tsan_read
}
