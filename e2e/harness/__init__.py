"""What the end-to-end tests stand on: a running pair of programs, stands of their own in it, and the control API."""
