"""The quiet room: the rules of the desk, standard library only; no I/O, no async, no clock of its own."""
