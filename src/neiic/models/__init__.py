"""What is stored (tables) and what is said between workflow and activities (messages)."""
