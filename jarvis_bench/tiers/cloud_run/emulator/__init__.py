"""An emulator of Cloud Run: one front door, and real instances of our service behind it. Its figures are `emulated`."""
