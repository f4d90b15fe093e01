"""What a simulation takes of the machine that it runs on: open files, memory, CPU."""
