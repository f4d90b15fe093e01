"""What a guest has in front of them in a rush: the order button, the cart, the time to cancel, and honest words."""
