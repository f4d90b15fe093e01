"""Routes of people: signing in and up, their own profile, and what an admin does with them."""
