"""The siege: attackers at full budget on the shipped process, and the others' waits meanwhile."""
