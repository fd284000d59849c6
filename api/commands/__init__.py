"""The commands of ``python -m api``, one to a module, because each imports a lot."""
