"""What tests are written with: servers, databases, a practice, a served API, a browser."""
