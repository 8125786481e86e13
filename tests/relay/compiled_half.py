"""Stands for `backstay._lib`, which is inside of `relay_rust` here: one copy of the library, carriers in Rust included."""

import sys

import relay_rust

sys.modules[__name__] = relay_rust._lib
