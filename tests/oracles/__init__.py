"""What we sign and what we read, judged by implementations that others wrote."""
