"""What we measure against: each a process of its own, tuned as well as we know how."""
