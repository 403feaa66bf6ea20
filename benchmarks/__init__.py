"""What the product exists for, measured beside what a user would pick instead."""
