"""A stand-in for the SMS gateway, for the demo and the tests: takes messages, sends none."""
