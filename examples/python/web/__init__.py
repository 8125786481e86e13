"""A web application with background work; ``app.py`` is where to begin."""
