"""Plays the works of the benchmarks and judges what they cost; benches/README.md tells how."""
