"""Routes of stalls and their menus."""
