"""Reading: one module for each noun, with a class that has one method for each query; `reads.Reads` combines them.

Start with `reads.py`.
"""
