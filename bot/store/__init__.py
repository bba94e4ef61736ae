"""What must survive a restart: questions received, asked before, votes. The home of SQLAlchemy."""
