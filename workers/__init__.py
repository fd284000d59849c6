"""Background work: planning runs, delivering messages, sweeping up; run by arq."""
