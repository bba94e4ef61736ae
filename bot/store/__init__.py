"""What must survive a restart: questions, who asked them, votes. The home of SQLAlchemy."""
