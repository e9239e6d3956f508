"""What is decided for an account at an instant, and what the action carries: money, moments, deadlines."""
