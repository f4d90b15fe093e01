"""People who are two things at once, each page about one of them."""
