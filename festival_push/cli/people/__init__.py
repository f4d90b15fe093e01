"""The people whom the command line adds, signs in, exports and erases."""
