"""What survives a restart: inbox, history, votes. The only package that imports SQLAlchemy."""
