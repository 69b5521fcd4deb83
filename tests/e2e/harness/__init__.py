"""Private mail servers on loopback, and the two programs under test. Python's standard library only."""
