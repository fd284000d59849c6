"""The torture test of the sending path: real processes, every kind of fault, a checker apart."""
