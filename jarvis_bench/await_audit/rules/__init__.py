"""The rules, one file each; every one is a function from an `Analysis` and a module to its findings."""
