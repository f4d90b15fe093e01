"""Servers that die at chosen moments or at any, and disks that fail them."""
