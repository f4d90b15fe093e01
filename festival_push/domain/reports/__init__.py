"""What was sold and taken: by the day, and from one closing of the books to the next.

Start with `figures.py`; `z_reports.py` closes the books.
"""
