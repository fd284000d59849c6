"""What we measure against: each is a process of its own, tuned as well as we know how."""
