"""The siege: attackers at full budget on the shipped process, and what others wait meanwhile."""
